import { existsSync } from 'node:fs'
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
  const { places, signal, say } = options
  say?.(`installing Debian packages: ${names.join(' ')}`)
  const env = { PATH: superuserPath(places.path), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const run = { env, deadlineMs: 10 * 60_000, signal }
  // Another apt may hold the lock for a while.
  const patient = ['-o', 'DPkg::Lock::Timeout=120']
  const install = [...patient, 'install', '--yes', '--no-install-recommends', ...names]
  if ((await runCommand('apt-get', install, run)).code === 0) return
  say?.('refreshing the package lists')
  await runOrThrow('apt-get', [...patient, 'update'], run)
  await runOrThrow('apt-get', install, run)
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
