import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from './command.ts'

/** A certificate and its key, PEM, by path. The key is PKCS#8. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

export interface CertificateAuthority extends CertificateFiles {
  /** Signs a certificate for loopback names, for servers and clients alike. `subject` as openssl writes it: `/O=group/CN=name`. */
  issue(name: string, subject: string, extraNames?: readonly string[]): Promise<CertificateFiles>
}

const days = '3650'

/** A certificate authority of its own in a directory, made with openssl. */
export async function createAuthority(
  directory: string,
  path: string,
  signal?: AbortSignal,
): Promise<CertificateAuthority> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const openssl = async (...args: readonly string[]): Promise<string> =>
    runOrThrow('openssl', args, { env: { PATH: path }, cwd: directory, deadlineMs: 30_000, signal })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const certificate = join(directory, 'ca.crt')
  const key = join(directory, 'ca.key')
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    key,
    '-out',
    certificate,
    '-subj',
    '/CN=infometis-ca',
    '-days',
    days,
  )

  const issue = async (
    name: string,
    subject: string,
    extraNames: readonly string[] = [],
  ): Promise<CertificateFiles> => {
    const files = { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
    const names = ['IP:127.0.0.1', 'DNS:localhost', ...extraNames].join(',')
    const extensions = join(directory, `${name}.ext`)
    await writeFile(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`)
    await openssl('req', ...newKey, '-keyout', files.key, '-out', `${name}.csr`, '-subj', subject)
    const signed = [
      '-CA',
      certificate,
      '-CAkey',
      key,
      '-set_serial',
      serial(),
      '-days',
      days,
      '-extfile',
      extensions,
    ]
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', files.certificate, ...signed)
    return files
  }
  return { certificate, key, issue }
}

function serial(): string {
  return `0x${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
}

/** Key and certificate chain in one PEM file, the form in which Java services read a key store. */
export async function pemKeyStore(files: CertificateFiles, target: string): Promise<string> {
  const [key, certificate] = await Promise.all([
    readFile(files.key, 'utf8'),
    readFile(files.certificate, 'utf8'),
  ])
  await writeFile(target, key + certificate, { mode: 0o600 })
  return target
}
