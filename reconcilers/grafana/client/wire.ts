export type { WireAnswer } from '../../../src/client/wire-answer.ts'

/** One HTTP request to Grafana. `path` is below GRAFANA_URL and begins with `/api` or `/apis`. */
export type { HttpWireRequest as WireRequest } from '../../../src/client/http-wire.ts'

/**
 * The way to one Grafana: axios (axios-wire.ts) or the fake (../fake.ts). Everything above it is shared by both. `send` throws
 * ReconcileError when no answer of Grafana came back: ServiceUnreachable, ServiceTimeout, TlsFailed, AuthenticationFailed (401; also a
 * login page in the place of an answer), InvalidConfiguration (a file that cannot be read), NotSupportedByServer (not Grafana), or the
 * signal's reason.
 */
export type { HttpWire as Wire } from '../../../src/client/http-wire.ts'
