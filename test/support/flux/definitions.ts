import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../../src/core/canonical.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { buildEnvironment, installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { runCommand } from '../../../src/stack/command.ts'
import { goFailure } from '../../../src/stack/go-program.ts'

/** Where the CRDs are that a kustomize-controller of this version watches: each module with the checksum of its content. */
const modules = {
  'github.com/fluxcd/kustomize-controller@v1.7.3': 'h1:SzNnGn/4ObAPEHHleM5U7y/AKxKXph3Vj6ZhteeXw8M=',
  'github.com/fluxcd/source-controller@v1.7.2': 'h1:PQLzvgHNEYsstl8uATBZg/70b/i0tj63e0IqnYDeJyg=',
}

const downloaded = z.object({ Dir: z.string(), Sum: z.string() })

/** The files of Flux's CRDs (Kustomization and every kind of source), fetched into the cache where they are not there yet. */
export async function fluxDefinitions(options: InstallOptions): Promise<readonly string[]> {
  const { places, signal, say } = options
  const name = `flux-definitions-${sha256(JSON.stringify(modules)).slice(0, 8)}`
  const directory = await installed({ cache: places.cache, name, signal, say }, async (target) => {
    for (const [module, sum] of Object.entries(modules)) {
      const bases = join(await download(module, sum, options), 'config', 'crd', 'bases')
      for (const file of await readdir(bases)) await copyFile(join(bases, file), join(target, file))
    }
  })
  return (await readdir(directory)).sort().map((file) => join(directory, file))
}

export async function download(module: string, sum: string, options: InstallOptions): Promise<string> {
  const { code, stdout, stderr } = await runCommand('go', ['mod', 'download', '-json', module], {
    env: buildEnvironment(options),
    cwd: import.meta.dirname,
    deadlineMs: 5 * 60_000,
    signal: options.signal,
  })
  if (code !== 0) throw goFailure(`the CRDs of ${module}`, stderr + stdout)
  const found = downloaded.parse(JSON.parse(stdout))
  if (found.Sum !== sum) {
    throw new ReconcileError('StackFailed', `${module} has the checksum ${found.Sum}, but ${sum} is expected`)
  }
  return found.Dir
}
