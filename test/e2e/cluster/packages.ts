import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { runCommand, runOrThrow } from '../../../src/stack/command.ts'
import { isRootOnLinux } from '../support/root.ts'

/** A Debian package and a file by which its presence shows: whoever has the program from elsewhere needs no package. */
interface Package {
  readonly name: string
  readonly file: string
}

const onPath = (name: string, program = name): Package => ({ name, file: program })

export const packages: readonly Package[] = [
  onPath('containerd'),
  onPath('runc'),
  { name: 'containernetworking-plugins', file: '/usr/lib/cni/ptp' },
  onPath('iptables'),
  onPath('nftables', 'nft'),
  onPath('iproute2', 'ip'),
  onPath('conntrack'),
  onPath('buildah'),
  onPath('mmdebstrap'),
  { name: 'busybox-static', file: '/usr/share/doc/busybox-static' },
]

/** One static program with which a test’s pods wait, serve a file and ask for names. */
export const busyboxFile = '/bin/busybox'

/** Where Debian keeps programs for the superuser, added to a PATH that may lack them. */
export function superuserPath(path: string): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((each) => each !== '').join(delimiter)
}

/** The packages of which nothing is found. */
export function missingPackages(path: string): readonly string[] {
  return packages.filter((each) => !isPresent(each, path)).map((each) => each.name)
}

/** Installs the packages that are missing. Throws MissingPrerequisite where that cannot be done, naming them. */
export async function installPackages(options: InstallOptions): Promise<void> {
  const path = superuserPath(options.places.path)
  const missing = missingPackages(path)
  if (!isRootOnLinux) throw new ReconcileError('MissingPrerequisite', notRoot(missing))
  if (missing.length === 0) return
  if (!isPresent(onPath('apt-get'), path)) throw new ReconcileError('MissingPrerequisite', noApt(missing))
  await aptInstall(missing, options)
}

/** The lists of a fresh machine are empty, and those of an old one name versions that are gone: they are refreshed when it fails. */
export async function aptInstall(names: readonly string[], options: InstallOptions): Promise<void> {
  options.say?.(`installing Debian packages: ${names.join(' ')}`)
  await aptGet(['install', '--yes', '--no-install-recommends', ...names], options)
}

/** Unpacks a package into a directory, and installs nothing. `version` as apt takes it: `2.42.0*`. */
export async function aptUnpack(
  { name, version }: { readonly name: string; readonly version: string },
  directory: string,
  options: InstallOptions,
): Promise<void> {
  options.say?.(`fetching the Debian package ${name} ${version}`)
  await aptGet(['download', `${name}=${version}`], options, directory)
  const file = (await readdir(directory)).find((each) => each.endsWith('.deb'))
  if (file === undefined) throw new ReconcileError('StackFailed', `apt-get download left no package ${name}`)
  const run = { env: { PATH: options.places.path }, deadlineMs: 60_000, signal: options.signal }
  await runOrThrow('dpkg-deb', ['--extract', join(directory, file), directory], run)
  await rm(join(directory, file))
}

async function aptGet(
  words: readonly string[],
  { places, signal, say }: InstallOptions,
  cwd?: string,
): Promise<void> {
  const env = { PATH: superuserPath(places.path), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const run = { env, deadlineMs: 10 * 60_000, signal, ...(cwd !== undefined && { cwd }) }
  // Another apt may hold the lock for a while.
  const patient = ['-o', 'DPkg::Lock::Timeout=120']
  if ((await runCommand('apt-get', [...patient, ...words], run)).code === 0) return
  say?.('refreshing the package lists')
  await runOrThrow('apt-get', [...patient, 'update'], run)
  await runOrThrow('apt-get', [...patient, ...words], run)
}

export function notRoot(missing: readonly string[]): string {
  const packagesToo = missing.length === 0 ? '' : ` (and to install ${missing.join(' ')})`
  return `the test cluster needs root on Linux to make namespaces, mounts and cgroups${packagesToo}: run it with sudo, or in a privileged container`
}

export function noApt(missing: readonly string[]): string {
  return `the test cluster needs ${missing.join(' ')}, and there is no apt-get to install them: use Debian 12, or install them by hand`
}

function isPresent({ file }: Package, path: string): boolean {
  if (file.startsWith('/')) return existsSync(file)
  return path.split(delimiter).some((directory) => existsSync(join(directory, file)))
}
