/**
 * What the 8.19 server reads from standard input when it starts, in its own wire format (org.elasticsearch.bootstrap.ServerArgs).
 * Its launcher, a JVM of its own that starts the server as a child, is left out: a start is two seconds shorter, and the process
 * that is killed or frozen is the server itself.
 */
export interface ServerArguments {
  /** Every setting, `path.home`, `path.data` and `path.logs` among them: the server reads no elasticsearch.yml by itself. */
  readonly settings: Readonly<Record<string, string>>
  /** As the keystore would hold them. */
  readonly secureSettings: Readonly<Record<string, string>>
  readonly configDirectory: string
  readonly logsDirectory: string
}

const keystore = 'org.elasticsearch.common.settings.KeyStoreWrapper'
const keystoreFormat = 7

export function serverArguments(facts: ServerArguments): Buffer {
  const secure = Object.entries(facts.secureSettings)
  const settings = Object.entries(facts.settings)
  return Buffer.concat([
    // "daemonize": otherwise the server ends when its launcher, the other end of standard input, goes away.
    flag(true),
    // Not quiet, and no pid file.
    flag(false),
    flag(false),
    text(keystore),
    int(keystoreFormat),
    // No password, no encrypted bytes: the entries follow as they are, each with a digest that only consistency checks read.
    flag(false),
    flag(false),
    size(secure.length),
    ...secure.flatMap(([name, value]) => [text(name), bytes(Buffer.from(value)), bytes(Buffer.alloc(32))]),
    flag(false),
    size(settings.length),
    ...settings.flatMap(([name, value]) => [text(name), genericText(value)]),
    text(facts.configDirectory),
    text(facts.logsDirectory),
  ])
}

function flag(value: boolean): Buffer {
  return Buffer.of(value ? 1 : 0)
}

function int(value: number): Buffer {
  const made = Buffer.alloc(4)
  made.writeInt32BE(value)
  return made
}

/** Seven bits a byte, the lowest first; the eighth says that more follows. */
function size(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.concat([Buffer.of((value & 127) | 128), size(value >>> 7)])
}

/** Its length in UTF-16 units, then UTF-8 (a path beyond the first plane would need surrogates one by one). */
function text(value: string): Buffer {
  return Buffer.concat([size(value.length), Buffer.from(value)])
}

function genericText(value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(value)])
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([size(value.length), value])
}
