import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOrThrow } from '../../../src/stack/command.ts'

/** Files by their paths in the repository; undefined takes one away. */
export type Files = ReadonlyMap<string, string | undefined>

const person = { name: 'A team', email: 'team@example.org' }

/** Nothing of the user's own settings: no hook, no signature, no other name for the branch. */
const settings = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: person.name,
  GIT_AUTHOR_EMAIL: person.email,
  GIT_COMMITTER_NAME: person.name,
  GIT_COMMITTER_EMAIL: person.email,
}

/** A real git repository with one branch, `main`. Commits are named by their full SHA-1. */
export class GitCheckout {
  readonly #directory: string
  readonly #env: Readonly<Record<string, string>>

  private constructor(directory: string, path: string) {
    this.#directory = directory
    this.#env = { PATH: path, HOME: directory, ...settings }
  }

  /** A new repository in a directory that does not exist yet. */
  static async create(directory: string, path: string): Promise<GitCheckout> {
    await mkdir(directory, { recursive: true })
    const checkout = new GitCheckout(directory, path)
    await checkout.#git('init', '--quiet', '--initial-branch=main')
    await checkout.#git('commit', '--quiet', '--allow-empty', '--message=The beginning')
    return checkout
  }

  /** Changes files and commits. */
  async commit(files: Files, message: string): Promise<string> {
    for (const [path, content] of files) {
      const file = join(this.#directory, path)
      if (content === undefined) await rm(file, { recursive: true })
      else {
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, content)
      }
    }
    return this.#commitAll(message)
  }

  /** Commits folders of another directory, such as `environments` of this project, as they are now. */
  async commitFolders(from: string, folders: readonly string[], message: string): Promise<string> {
    for (const folder of folders) {
      await cp(join(from, folder), join(this.#directory, folder), { recursive: true })
    }
    return this.#commitAll(message)
  }

  /** `git revert`: a commit that takes another one back; default: the last. */
  async revert(commit = 'HEAD'): Promise<string> {
    await this.#git('revert', '--no-edit', commit)
    return this.head()
  }

  async head(): Promise<string> {
    return (await this.#git('rev-parse', 'HEAD')).trim()
  }

  /** The tree of a commit as a tar.gz. Of the tree, not of the commit: that would carry a header which Flux does not unpack. */
  async archive(commit: string, file: string): Promise<void> {
    await this.#git('archive', '--format=tar.gz', `--output=${file}`, `${commit}^{tree}`)
  }

  async #commitAll(message: string): Promise<string> {
    await this.#git('add', '--all')
    // A commit without a change is a revision, too.
    await this.#git('commit', '--quiet', '--allow-empty', `--message=${message}`)
    return this.head()
  }

  async #git(...args: readonly string[]): Promise<string> {
    return runOrThrow('git', args, { env: this.#env, cwd: this.#directory, deadlineMs: 60_000 })
  }
}
