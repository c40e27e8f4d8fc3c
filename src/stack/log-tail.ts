import { open } from 'node:fs/promises'

const readAtMost = 64 * 1024

/** The last lines of a log, reading no more than its last 64 KiB, and nothing before byte `from`. Empty when there is no log. */
export async function tail(file: string, lines: number, from = 0): Promise<string> {
  const text = await readFrom(file, from, 'end')
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}

/** Up to 64 KiB of a file: its last ones, or the first ones from byte `from`. */
export async function readFrom(file: string, from: number, side: 'start' | 'end'): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    const start = side === 'start' ? from : Math.max(from, size - readAtMost)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(readAtMost), 0, readAtMost, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
