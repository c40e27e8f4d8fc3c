import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type CommandOptions, runCommand } from '../stack/command.ts'
import type { DownChoice, UpChoice } from './choice.ts'
import { buildsImage } from './image-steps.ts'

type ProgramName = 'docker' | 'kind' | 'k0s' | 'kubectl'

const wayTo: Readonly<Record<ProgramName, string>> = {
  docker: 'install Docker Engine or Docker Desktop',
  kind: 'install it, for instance with `go install sigs.k8s.io/kind@latest`',
  k0s: 'install it as docs.k0sproject.io says',
  kubectl: 'install it as kubernetes.io/docs/tasks/tools says',
}

/** What a choice needs on the PATH, and why. Pure. */
export function neededPrograms(choice: UpChoice | DownChoice): ReadonlyMap<ProgramName, string> {
  const builds = 'push' in choice && buildsImage(choice)
  const docker = builds ? [['docker', 'to build the image'] as const] : []
  switch (choice.on) {
    case 'kind':
      return new Map([
        ['docker', 'for the nodes of kind'] as const,
        ['kind', 'to make the cluster'] as const,
        ...('push' in choice ? [['kubectl', 'to speak with the cluster'] as const] : []),
      ])
    case 'k0s':
      return new Map([['k0s', 'to make the cluster, and as its kubectl'] as const, ...docker])
    case 'current':
      return new Map([['kubectl', 'to speak with the cluster'] as const, ...docker])
  }
}

/** A sentence for each program that a choice lacks; of docker the daemon has to answer, too. */
export async function missingPrograms(
  choice: UpChoice | DownChoice,
  surroundings: Pick<CommandOptions, 'env' | 'signal'>,
): Promise<readonly string[]> {
  const { env } = surroundings
  const needed = neededPrograms(choice)
  const missing = [...needed]
    .filter(([name]) => !hasProgram(name, env['PATH']))
    .map(([name, why]) => `${name} is missing (${why}): ${wayTo[name]}`)
  if (!needed.has('docker') || !hasProgram('docker', env['PATH'])) return missing
  const { code, stderr } = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], {
    ...surroundings,
    deadlineMs: 30_000,
  })
  if (code === 0) return missing
  return [...missing, `docker is there and its daemon does not answer (${lastLine(stderr)}): start it`]
}

export function hasProgram(name: string, path: string | undefined): boolean {
  return (path ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .some((directory) => isExecutable(join(directory, name)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
