import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import { ReconcileError } from '../errors.ts'
import { runCommand } from '../stack/command.ts'
import { kubernetesVersion } from '../stack/kubernetes-install.ts'
import type { StackPlaces } from '../stack/settings.ts'
import { fieldsOf, type Manifest, parseManifests } from './manifest.ts'

/** A rendered object, and the file in Git that it comes from (a kustomization, where that generates it). */
export interface Rendered {
  readonly manifest: Manifest
  readonly origin: string | undefined
}

/** What kustomize made of a folder, or its sentence why it could not. */
export type Rendering =
  | { readonly objects: readonly Rendered[]; readonly failure?: undefined }
  | { readonly objects?: undefined; readonly failure: string }

export interface KustomizeOptions {
  readonly places: StackPlaces
  readonly signal: AbortSignal
}

const originAnnotation = 'config.kubernetes.io/origin'
const deadlineMs = 60_000

/** kustomize in whichever form this machine has it. It is never given a network, and nothing is installed for it. */
export class Kustomize {
  readonly #words: readonly string[]
  readonly #options: KustomizeOptions

  private constructor(words: readonly string[], options: KustomizeOptions) {
    this.#words = words
    this.#options = options
  }

  /** On the PATH, else the kubectl of the local stack. Throws MissingPrerequisite where there is neither. */
  static async find(options: KustomizeOptions): Promise<Kustomize> {
    const { places } = options
    for (const [name, ...words] of [['kustomize', 'build'] as const, ['kubectl', 'kustomize'] as const]) {
      const found = places.path
        .split(delimiter)
        .map((directory) => join(directory, name))
        .find(existsSync)
      if (found !== undefined) return new Kustomize([found, ...words], options)
    }
    const kubectl = await stackKubectl(places)
    if (kubectl !== undefined) return new Kustomize([kubectl, 'kustomize'], options)
    throw new ReconcileError(
      'MissingPrerequisite',
      'environments are rendered by kustomize, and there is neither kustomize nor kubectl on the PATH: install one of them, or run `infometis up` once, which builds kubectl',
    )
  }

  /** The objects of a folder with a kustomization, in kustomize's order. */
  async render(folder: string): Promise<Rendering> {
    const directory = await mkdtemp(join(await realpath(tmpdir()), 'infometis-render-'))
    try {
      const wrapper = join(directory, 'wrapper')
      await mkdir(wrapper)
      // A kustomization around the folder asks for the origin of each object; the objects are not changed by it.
      const content = {
        resources: [relative(wrapper, await realpath(folder))],
        buildMetadata: ['originAnnotations'],
      }
      await writeFile(join(wrapper, 'kustomization.yaml'), JSON.stringify(content))
      const result = await this.#run(wrapper, directory)
      if (result.code === 0)
        return { objects: parseManifests(result.stdout).map((manifest) => withOrigin(manifest, wrapper)) }
      // Again without the wrapper, whose paths would be in the sentence.
      const plain = await this.#run(resolve(folder), directory)
      if (plain.code === 0)
        return { objects: parseManifests(plain.stdout).map((manifest) => ({ manifest, origin: undefined })) }
      return { failure: sentenceOf(plain.stderr) }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  async #run(
    folder: string,
    home: string,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const [command = '', ...args] = this.#words
    const { places, signal } = this.#options
    // git, which kustomize would fetch with, is allowed no protocol.
    const env = { PATH: places.path, HOME: home, GIT_ALLOW_PROTOCOL: 'none' }
    return runCommand(command, [...args, folder], { env, deadlineMs, signal })
  }
}

/** What an earlier installation left in the cache. */
async function stackKubectl({ cache, kubebuilderAssets }: StackPlaces): Promise<string | undefined> {
  const built = (await readdir(cache).catch(() => []))
    .filter((name) => name.startsWith(`kubectl-${kubernetesVersion}-`))
    .map((name) => join(cache, name, 'kubectl'))
  const assets = kubebuilderAssets === undefined ? [] : [join(kubebuilderAssets, 'kubectl')]
  return [...assets, ...built].find(existsSync)
}

function withOrigin(manifest: Manifest, wrapper: string): Rendered {
  const { [originAnnotation]: origin, ...annotations } = manifest.metadata.annotations ?? {}
  const metadata = { ...manifest.metadata, annotations }
  return { manifest: { ...manifest, metadata }, origin: originFile(origin, wrapper) }
}

/** Absolute; undefined for what kustomize does not tell. */
function originFile(annotation: string | undefined, wrapper: string): string | undefined {
  if (annotation === undefined) return undefined
  const { path, configuredIn } = fieldsOf(parse(annotation))
  const file = path ?? configuredIn
  return typeof file === 'string' ? resolve(wrapper, file) : undefined
}

/** What went wrong, on one line and without what kubectl puts around it. */
function sentenceOf(words: string): string {
  const lines = words
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const logged = /^E\d{4} .*?\] "command failed" err="(.*)"$/.exec(lines.join(' '))?.[1]
  const sentence = logged?.replaceAll('\\"', '"') ?? lines.join(' ').replace(/^[Ee]rror: /, '')
  return sentence.length > 1000 ? `${sentence.slice(0, 1000)}…` : sentence
}
