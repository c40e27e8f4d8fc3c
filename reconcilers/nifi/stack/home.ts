import { join } from 'node:path'
import { nifiVersion } from './versions.ts'

/** The jars of the class path. */
export function libraries(home: string): string {
  return join(home, 'lib')
}

/** What NiFi takes for its NARs. */
export function narDirectory(home: string): string {
  return join(home, 'nars')
}

/** Its NARs as NiFi unpacks them: `<file of the NAR>-unpacked`. */
export function unpackedDirectory(home: string): string {
  return join(home, 'unpacked')
}

/** A NAR's file: `nifi-server-nar-2.3.0.nar`. */
export function narFile(id: string): string {
  return `${id}-${nifiVersion}.nar`
}

/** What a NAR holds, unpacked. */
export function unpackedNar(home: string, nar: string): string {
  return join(unpackedDirectory(home), `${nar}-unpacked`)
}

export function jarsOf(home: string, nar: string): string {
  return join(unpackedNar(home, nar), 'NAR-INF', 'bundled-dependencies')
}
