import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Kubectl } from '../../../src/stack/kubectl.ts'
import type { Files, GitCheckout } from './git-checkout.ts'

export interface PublisherParts {
  readonly checkout: GitCheckout
  readonly kubectl: Kubectl
  /** The directory that the artifact server serves, and its URL. */
  readonly artifacts: string
  readonly url: string
  /** The GitRepository to publish to. It must exist when something is published. */
  readonly namespace: string
  readonly name: string
}

const branch = 'main'
const repository = z.object({ metadata: z.object({ generation: z.number() }) })

/**
 * A Git repository, and what source-controller does with it: a commit becomes an artifact, and the GitRepository's status names
 * it. Revisions are written as Flux writes them: `main@sha1:<commit>`.
 */
export class GitPublisher {
  readonly #parts: PublisherParts

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /** Commits only; `publish` is what Flux sees. */
  async commit(files: Files, message: string): Promise<string> {
    return revisionOf(await this.#parts.checkout.commit(files, message))
  }

  /** Commits folders of another directory as they are now, such as `['deploy', 'environments']` of this project. */
  async commitFolders(from: string, folders: readonly string[], message: string): Promise<string> {
    return revisionOf(await this.#parts.checkout.commitFolders(from, folders, message))
  }

  /** `git revert` of a revision; default: of the last one. */
  async revert(revision?: string): Promise<string> {
    const { checkout } = this.#parts
    return revisionOf(
      await (revision === undefined ? checkout.revert() : checkout.revert(commitOf(revision))),
    )
  }

  /** Shows a revision to Flux; default: the last one. Resolves when the API server has it, with the revision. */
  async publish(revision?: string): Promise<string> {
    const { checkout, kubectl, artifacts, url, namespace, name } = this.#parts
    const shown = revision ?? revisionOf(await checkout.head())
    const commit = commitOf(shown)
    const file = `${namespace}-${name}-${commit}.tar.gz`
    await checkout.archive(commit, join(artifacts, file))
    const content = await readFile(join(artifacts, file))
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    const path = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/gitrepositories/${name}`
    const { generation } = repository.parse(JSON.parse(await kubectl(['get', '--raw', path]))).metadata
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const artifact = { path: file, url: `${url}/${file}`, revision: shown, digest, lastUpdateTime: now }
    const message = `stored artifact for revision '${shown}'`
    const state = { status: 'True', observedGeneration: generation, lastTransitionTime: now }
    const ready = { type: 'Ready', reason: 'Succeeded', message, ...state }
    const status = {
      observedGeneration: generation,
      artifact: { ...artifact, size: content.length },
      conditions: [ready],
    }
    const target = ['patch', 'gitrepository.source.toolkit.fluxcd.io', name, '--namespace', namespace]
    await kubectl([...target, '--subresource=status', '--type=merge', '--patch', JSON.stringify({ status })])
    return shown
  }
}

function revisionOf(commit: string): string {
  return `${branch}@sha1:${commit}`
}

function commitOf(revision: string): string {
  return revision.replace(/^.*:/, '')
}
