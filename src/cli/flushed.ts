/** Resolves when all that was written has left: a pipe takes 64 KiB at once, and what waits for its reader ends with the process. */
export async function flushed(stream: NodeJS.WritableStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  stream.write('', () => resolve(undefined))
  await promise
}
