import { FakeService, requestTo, throughText } from '../../src/client/fake-wire.ts'
import type { Wire, WireAnswer, WireRequest } from './client/wire.ts'
import { answerTo, isNewer, isOpen } from './fake-answers.ts'
import type { Answer, Switches } from './fake-call.ts'
import {
  type Credentials,
  type Identity,
  type Role,
  person,
  serviceAccount,
  unauthorized,
} from './fake-identity.ts'
import { type ProfileName, profiles } from './fake-profile.ts'
import { Refusal } from './fake-refusal.ts'
import { Seed } from './fake-seed.ts'
import { type Data, FakeState, emptyData } from './fake-state.ts'
import { FakeWire } from './fake-wire.ts'

export type { ProfileName, ProfileName as GrafanaProfile } from './fake-profile.ts'

export interface FakeOptions extends Partial<Switches> {
  /** Default: `13.3`. */
  readonly profile?: ProfileName
  /** Milliseconds since 1970. Default: a second passes with every write. */
  readonly now?: () => number
}

/** A Grafana in memory, for tests and for a stack without one: client code runs on its wire, and the test holds the other end. */
export class FakeGrafana extends FakeService<WireRequest> {
  readonly state: FakeState
  /** What only files, plugins and others make. */
  readonly seed: Seed
  /** May be changed: Grafana is upgraded, or downgraded. */
  profile: ProfileName
  /** Of the client's token. */
  role: Role = 'Admin'
  /** How it stands with the client's token. */
  token: Credentials = 'good'
  /** True: `/apis` is not ready yet. */
  starting = false
  readonly #switches: Switches

  constructor({ profile = '13.3', now, ...switches }: FakeOptions = {}) {
    super()
    this.profile = profile
    this.state = new FakeState(now)
    this.seed = new Seed(this.state)
    this.#switches = {
      ...{ pageBytes: 2 * 1_024 * 1_024, generalSentinel: false, partialMetadata: true },
      ...switches,
    }
  }

  /** The way of a client with a service account's token, or of somebody else's client. */
  wire(login?: string): Wire {
    return new FakeWire(this, login)
  }

  /** A person's request, as from the pages: not recorded, never struck. */
  ask(
    method: WireRequest['method'],
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): WireAnswer {
    const { status, body: said } = this.answer({ ...requestTo(method, path, body), headers }, person('ada'))
    return { status, body: said }
  }

  answerClient(request: WireRequest, login?: string): WireAnswer {
    const identity = login === undefined ? { ...serviceAccount, role: this.role } : person(login, this.role)
    return this.answer(request, this.token === 'good' ? identity : this.token)
  }

  /** Somebody's request, or that of one whom Grafana does not know. */
  answer(request: WireRequest, asker: Identity | Exclude<Credentials, 'good'>): Answer {
    const answer = this.#tried(request, asker)
    // Through text, like on the wire: what the caller gets is a copy.
    const { body } = answer
    return { ...answer, body: throughText(body) }
  }

  #tried(request: WireRequest, asker: Identity | Exclude<Credentials, 'good'>): Answer {
    try {
      const known = typeof asker === 'string' ? undefined : asker
      if (typeof asker === 'string' && !isOpen(request.method, request.path)) throw unauthorized(asker)
      // pkg/services/apiserver/service.go: the handler is not there yet.
      if (this.starting && isNewer(request.path)) return { status: 500, body: 'Internal Server Error' }
      const { state } = this
      const surroundings = { state, profile: profiles[this.profile], switches: this.#switches }
      return answerTo(request, { ...surroundings, identity: known ?? person('nobody', 'Viewer') })
    } catch (error) {
      if (error instanceof Refusal) return error.toAnswer()
      throw error
    }
  }

  /** It was started again with an empty database. */
  empty(): void {
    this.state.data = emptyData()
  }

  snapshot(): Data {
    return structuredClone(this.state.data)
  }

  /** An older database was put back. */
  restore(snapshot: Data): void {
    this.state.data = structuredClone(snapshot)
  }

  /** The backend of a datasource answers its health check so, until it is `undefined`. */
  sicken(uid: string, message: string | undefined): void {
    if (message === undefined) this.state.sick.delete(uid)
    else this.state.sick.set(uid, message)
  }

  /** What would have been committed to somebody's repository (Git Sync). */
  get commits(): readonly string[] {
    return this.state.commits
  }
}
