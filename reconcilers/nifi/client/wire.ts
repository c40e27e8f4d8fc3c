export type { WireAnswer } from '../../../src/client/wire-answer.ts'

/** One HTTP request to NiFi's REST API. `path` is below `/nifi-api`. */
export type { HttpWireRequest as WireRequest } from '../../../src/client/http-wire.ts'

/**
 * The way to one NiFi: axios (axios-wire.ts) or the fake (../fake.ts). Everything above it is shared by both. All requests of one
 * wire go to one node, for what NiFi does asynchronously lives in the memory of the node that was asked.
 * `send` throws ReconcileError when no answer of NiFi came back: ServiceUnreachable, ServiceTimeout, TlsFailed,
 * AuthenticationFailed (401, or a login that was refused), InvalidConfiguration (a file that cannot be read),
 * NotSupportedByServer (not NiFi), or the signal's reason.
 */
export type { HttpWire as Wire } from '../../../src/client/http-wire.ts'
