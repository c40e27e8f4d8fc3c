import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CertificateAuthority, createAuthority } from '../../src/stack/certificates.ts'
import { type AnsweringServer, startAnsweringServer } from './answering-server.ts'
import { closeAtOnce } from './loopback.ts'
import { testPlaces } from './places.ts'

/** A server behind TLS that asks for a certificate and takes none too, its authority, and a directory for files of the test. */
export interface TlsStage {
  readonly double: AnsweringServer
  readonly authority: CertificateAuthority
  readonly path: (name: string) => string
  newAuthority(name: string): Promise<CertificateAuthority>
  close(): Promise<void>
}

export async function openTlsStage(): Promise<TlsStage> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-tls-'))
  const path = (name: string) => join(directory, name)
  const newAuthority = async (name: string) =>
    createAuthority(path(name), testPlaces().path, AbortSignal.timeout(20_000))
  const authority = await newAuthority('ca')
  const { certificate, key } = await authority.issue('node', '/CN=node')
  const options = {
    cert: await readFile(certificate),
    key: await readFile(key),
    ca: await readFile(authority.certificate),
    requestCert: true,
    rejectUnauthorized: false,
  }
  const double = await startAnsweringServer((listener) => createServer(options, listener))
  const close = async () => {
    await closeAtOnce(double.server)
    await rm(directory, { recursive: true, force: true })
  }
  return { double, authority, path, newAuthority, close }
}
