import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A user's name and password as the files of a mounted Secret, in a directory that nobody else may enter. */
export async function writeUserFiles(
  directory: string,
  name: string,
  password: string,
): Promise<{ readonly usernameFile: string; readonly passwordFile: string }> {
  const files = { usernameFile: join(directory, 'username'), passwordFile: join(directory, 'password') }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(files.usernameFile, name, { mode: 0o600 })
  await writeFile(files.passwordFile, password, { mode: 0o600 })
  return files
}
