import { readFile } from 'node:fs/promises'
import { ReconcileError } from '../errors.ts'
import type { Reason } from '../errors.ts'

/**
 * The content of a mounted file, undefined where the setting names none. Such files are small and local, so they are read before
 * each use: rotation needs no watch. Throws ReconcileError with `reason`, naming the setting and the path, never the content.
 */
export async function readMountedFile(
  setting: string,
  path: string | undefined,
  reason: Reason,
): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new ReconcileError(reason, `${setting}: ${path} cannot be read (${code})`, { cause: error })
  }
}

/** Editors and `kubectl create secret` end a file with a newline that is no part of the secret. */
export function withoutNewline(text = ''): string {
  return text.replace(/\r?\n$/, '')
}
