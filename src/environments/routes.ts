import type { Finding } from './environment.ts'
import { type Fields, fieldsOf, isFields } from './manifest.ts'

export type Where = Omit<Finding, 'message'>

/** A way into the environment, however it is written. */
export interface Route {
  readonly where: Where
  readonly title: string
  readonly tls: boolean
  /** True when somebody asks who it is: a middleware, or TLS that wants a certificate of the client. */
  readonly signsIn: boolean
  /** True for one that only sends people to where TLS is. */
  readonly redirects: boolean
}

/** What a route leads to. */
export interface Target {
  readonly where: Where
  readonly host: string
  readonly port: number | string
}

/** Everything that leads into an environment, and the names in it that lead nowhere. */
export interface Border {
  readonly routes: readonly Route[]
  readonly targets: readonly Target[]
  readonly broken: readonly Finding[]
}

/** The middlewares of Traefik that ask people who they are. */
export const signIns: ReadonlySet<string> = new Set(['basicAuth', 'digestAuth', 'forwardAuth'])

/** TLS that asks the client for a certificate, or leaves that to the service behind. */
export function wantsCertificate(tls: Fields, optionsNamed: (name: string) => Fields | undefined): boolean {
  if (tls['passthrough'] === true) return true
  const { options } = tls
  const name = isFields(options) ? options['name'] : options
  const { clientAuth } = fieldsOf(optionsNamed(typeof name === 'string' ? name : 'default'))
  return fieldsOf(clientAuth)['clientAuthType'] === 'RequireAndVerifyClientCert'
}
