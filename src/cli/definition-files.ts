import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Resource } from '../core/resource.ts'
import { ExitError } from '../errors.ts'
import { parseDocument } from '../kube/document.ts'
import { definitionKey } from '../reconcile/document.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'
import { type SourceFile, maxFileBytes } from './source-file.ts'

/** A file beside a document on its own: a further data key of the ConfigMap that the document would be in. */
export interface DefinitionFile {
  readonly path: string
  /** Undefined: no entry names it, so it was not read. */
  readonly bytes: Buffer | undefined
}

/** By the name of the file, which is the data key. */
export type DefinitionFiles = ReadonlyMap<string, DefinitionFile>

type Type = Pick<ResourceType<Resource>, 'name' | 'definition'>

const documentEnding = /\.(ya?ml|json)(\.gz)?$/

/**
 * The files beside each document on its own whose entries name definitions, by the document's path. Only those named are read;
 * the others are there for the sentence about a name that is not. Throws ExitError 1 for what cannot be read.
 */
export async function readDefinitionFiles(
  files: readonly SourceFile[],
  types: readonly Type[],
  cwd: string,
): Promise<ReadonlyMap<string, DefinitionFiles>> {
  const found = new Map<string, DefinitionFiles>()
  for (const file of files) {
    const type = types.find(({ name }) => name === stemOf(file.path))
    const named = type?.definition === undefined ? new Set<string>() : namesIn(file, type)
    if (named.size > 0) found.set(file.path, await readBeside(file, named, types, cwd))
  }
  return found
}

function stemOf(path: string): string {
  return basename(path).replace(documentEnding, '')
}

function namesIn(file: SourceFile, type: Type): ReadonlySet<string> {
  const { entries } = parseDocument(file.text, file.path)
  return new Set([...(entries?.values() ?? [])].flatMap((value) => definitionKey(type, value) ?? []))
}

async function readBeside(
  file: SourceFile,
  named: ReadonlySet<string>,
  types: readonly Type[],
  cwd: string,
): Promise<DefinitionFiles> {
  const folder = dirname(file.path)
  const beside = new Map<string, DefinitionFile>()
  for (const entry of await readdir(resolve(cwd, folder))) {
    const path = join(folder, entry)
    const isNamed = named.has(entry) || named.has(entry.replace(/\.gz$/, ''))
    const isDocument = types.some(({ name }) => name === stemOf(entry))
    if (isNamed) beside.set(entry, { path, bytes: await readBounded(resolve(cwd, path), path) })
    else if (documentEnding.test(entry) && !isDocument) beside.set(entry, { path, bytes: undefined })
  }
  beside.delete(basename(file.path))
  return beside
}

async function readBounded(path: string, shown: string): Promise<Buffer> {
  const facts = await stat(path)
  if (!facts.isFile()) throw new ExitError(1, `${shown}: is named as a definition, and is not a file`)
  if (facts.size > maxFileBytes) throw new ExitError(1, `${shown}: larger than 16 MiB`)
  return readFile(path)
}
