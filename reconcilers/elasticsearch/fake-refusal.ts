import type { WireAnswer } from './client/wire.ts'

/** What the server puts around its words. */
export interface RefusalMore {
  /** Default: 400. */
  readonly status?: number
  /** What caused it; `root_cause` is then the innermost of them. */
  readonly cause?: ServerRefusal
  /** Members beside `type` and `reason`. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** An error of the fake cluster, in the form and the words of a real one. */
export class ServerRefusal extends Error {
  readonly status: number
  readonly type: string
  readonly innermost: ServerRefusal | undefined
  readonly extra: Readonly<Record<string, unknown>>

  constructor(type: string, reason: string, more: RefusalMore = {}) {
    super(reason)
    this.type = type
    this.status = more.status ?? 400
    this.innermost = more.cause
    this.extra = more.extra ?? {}
  }

  /** The innermost of the server's own exceptions (`ElasticsearchException.guessRootCauses`). */
  #root(): ServerRefusal {
    const { innermost } = this
    return innermost === undefined || javas.has(this.type) || javas.has(innermost.type)
      ? this
      : innermost.#root()
  }

  /** As it stands inside an item of a bulk request, or as a cause. */
  toError(): Readonly<Record<string, unknown>> {
    const cause = this.innermost === undefined ? {} : { caused_by: this.innermost.toError() }
    return { type: this.type, reason: this.message, ...this.extra, ...cause }
  }

  toAnswer(): WireAnswer {
    const { type, message, extra } = this.#root()
    const root = { type, reason: message, ...extra }
    return {
      status: this.status,
      body: { error: { root_cause: [root], ...this.toError() }, status: this.status },
    }
  }
}

/** Exceptions of Java itself: the server's own search for a root ends before them. */
const javas = new Set([
  'illegal_argument_exception',
  'illegal_state_exception',
  'named_object_not_found_exception',
])

/** What a server says of a path that it does not know: a sentence, and no type (8.19.21). */
export class UnknownPath extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }

  toAnswer(): WireAnswer {
    const status = this.status === 405 ? { status: 405 } : {}
    return { status: this.status, body: { error: this.message, ...status } }
  }
}

export function illegalArgument(reason: string, cause?: ServerRefusal): ServerRefusal {
  return new ServerRefusal('illegal_argument_exception', reason, cause === undefined ? {} : { cause })
}

/** A mapping that cannot be read: the outer words only announce the inner ones. */
export function badMapping(reason: string, type = 'mapper_parsing_exception'): ServerRefusal {
  const cause = new ServerRefusal(type, reason)
  return new ServerRefusal('mapper_parsing_exception', `Failed to parse mapping: ${reason}`, { cause })
}

export function noSuchIndex(name: string): ServerRefusal {
  return new ServerRefusal('index_not_found_exception', `no such index [${name}]`, {
    status: 404,
    extra: {
      'resource.type': 'index_or_alias',
      'resource.id': name,
      index_uuid: '_na_',
      index: name,
    },
  })
}

/** A write with `require_alias`, where the name is none. */
export function noAlias(name: string): ServerRefusal {
  return new ServerRefusal(
    'index_not_found_exception',
    `no such index [${name}] and [require_alias] request flag is [true] and [${name}] is not an alias`,
    { status: 404, extra: { index_uuid: '_na_', index: name } },
  )
}

export function notFound(reason: string): ServerRefusal {
  return new ServerRefusal('resource_not_found_exception', reason, { status: 404 })
}

export function invalidName(name: string, why: string): ServerRefusal {
  return new ServerRefusal('invalid_index_name_exception', `Invalid index name [${name}], ${why}`, {
    extra: { index_uuid: '_na_', index: name },
  })
}

export function closedIndex(name: string, uuid: string): ServerRefusal {
  return new ServerRefusal('index_closed_exception', 'closed', { extra: { index_uuid: uuid, index: name } })
}

/** `block`: `FORBIDDEN/8/index write (api)`. */
export function blocked(name: string, block: string): ServerRefusal {
  return new ServerRefusal('cluster_block_exception', `index [${name}] blocked by: [${block}];`, {
    status: block.startsWith('TOO_MANY_REQUESTS') ? 429 : 403,
  })
}
