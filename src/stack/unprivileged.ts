import { readFile } from 'node:fs/promises'
import { ReconcileError } from '../errors.ts'
import { runCommand, runOrThrow } from './command.ts'

/** A user without rights, for programs that refuse to run as the superuser. */
export interface Unprivileged {
  /** What stands before a command to run it as that user (util-linux setpriv). */
  readonly prefix: readonly string[]
  /** Gives a directory and all that is in it to that user. */
  own(directory: string): Promise<void>
  /** Throws MissingPrerequisite with the way out when the user cannot read what is there. */
  assertReads(path: string): Promise<void>
}

/** CAP_DAC_READ_SEARCH, bit 2 of a capability mask. */
const readSearch = 1n << 2n

/** Undefined when this process is not the superuser: then a program runs as the user it belongs to. */
export async function unprivileged(path: string, signal?: AbortSignal): Promise<Unprivileged | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const options = { env: { PATH: path }, deadlineMs: 30_000, signal }
  const id = async (flag: string): Promise<string> =>
    (await runOrThrow('id', [flag, 'nobody'], options)).trim()
  const [user, group] = [await id('-u'), await id('-g')]
  const prefix = [
    'setpriv',
    `--reuid=${user}`,
    `--regid=${group}`,
    '--clear-groups',
    ...((await mayPassOn(readSearch)) ? readingFlags : []),
  ]
  return {
    prefix,
    own: async (directory) => {
      await runOrThrow('chown', ['-R', `${user}:${group}`, directory], options)
    },
    assertReads: async (file) => {
      const [command, ...args] = [...prefix, 'test', '-r', file] as const
      const { code } = await runCommand(command, args, options)
      if (code === 0) return
      const way = 'set INFOMETIS_CACHE and INFOMETIS_STACK_DIR to directories that everybody may enter'
      throw new ReconcileError(
        'MissingPrerequisite',
        `this runs as root, some services must not, and the user nobody cannot read ${file}: ${way}, or run this as another user`,
      )
    },
  }
}

/**
 * The right to read everything, and no other: the superuser's cache lies below a home directory that nobody else may enter.
 * Without no_setuid_fixup the kernel takes the right away again wherever a program asks access(2), as Java does.
 */
const readingFlags = [
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--securebits=+no_setuid_fixup',
]

/** A container may lack capabilities although its user is 0. */
async function mayPassOn(capability: bigint): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  const setpcap = 1n << 8n
  const wanted = capability | setpcap
  return (BigInt(`0x${effective}`) & wanted) === wanted
}
