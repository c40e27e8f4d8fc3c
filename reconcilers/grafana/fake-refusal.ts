import { textAt } from '../../src/core/members.ts'
import type { WireAnswer } from './client/wire.ts'

type Members = Readonly<Record<string, unknown>>

/** A refusal of the fake Grafana, in one of the shapes that Grafana has for them. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super(textAt(body, 'message'))
    this.status = status
    this.body = body
  }

  toAnswer(): WireAnswer {
    return { status: this.status, body: this.body }
  }
}

/** Of `/api`: pkg/api/response/response.go@03b26ef0. */
export function refused(status: number, message: string, more: Members = {}): Refusal {
  return new Refusal(status, { ...more, message })
}

/** The same, where Grafana has an error of its own behind the sentence. */
export function failed(status: number, message: string): Refusal {
  return refused(status, message, { traceID: '' })
}

/** An error with an id: pkg/apimachinery/errutil/errors.go@26bd3d48. */
export function identified(status: number, messageId: string, message: string, extra?: Members): Refusal {
  const more = extra === undefined ? {} : { extra }
  return refused(status, message, { ...more, messageId, statusCode: status, traceID: '' })
}

/** Where the body itself cannot be read: pkg/web/binding.go@2ac2c5db. */
export function badData(): Refusal {
  return failed(400, 'bad request data')
}

/** Nothing but the status. */
export function empty(status: number): Refusal {
  return new Refusal(status, undefined)
}

/** What an object of `/apis` is called: `folders.folder.grafana.app`. */
export interface ObjectType {
  readonly resource: 'folders' | 'dashboards'
  readonly group: string
  readonly kind: string
}

interface StatusWords {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly details?: Members
}

/** Of `/apis`: what the generic API server of Kubernetes answers. */
export function statusBody({ code, reason, message, details }: StatusWords): Members {
  const more = details === undefined ? {} : { details }
  return {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message, reason, ...more, code },
  }
}

function about(type: ObjectType, name: string): Members {
  return { name, group: type.group, kind: type.resource }
}

function title(type: ObjectType, name: string): string {
  return `${type.resource}.${type.group} "${name}"`
}

function ofObject(
  type: ObjectType,
  name: string,
  words: Omit<StatusWords, 'message'>,
  rest: string,
): Refusal {
  const message = `${title(type, name)} ${rest}`
  return new Refusal(words.code, statusBody({ ...words, message, details: about(type, name) }))
}

export function notFound(type: ObjectType, name: string): Refusal {
  return ofObject(type, name, { code: 404, reason: 'NotFound' }, 'not found')
}

export function alreadyExists(type: ObjectType, name: string): Refusal {
  return ofObject(type, name, { code: 409, reason: 'AlreadyExists' }, 'already exists')
}

export function forbidden(type: ObjectType, name: string, why: string): Refusal {
  return ofObject(type, name, { code: 403, reason: 'Forbidden' }, `is forbidden: ${why}`)
}

/** Without the object's name: pkg/storage/unified/apistore/managed.go. */
export function forbiddenChange(message: string): Refusal {
  return new Refusal(403, statusBody({ code: 403, reason: 'Forbidden', message }))
}

export function conflicting(
  type: ObjectType,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): Refusal {
  const message = `Operation cannot be fulfilled on ${title(type, name)}: ${why}`
  return new Refusal(409, statusBody({ code: 409, reason: 'Conflict', message, details: about(type, name) }))
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, statusBody({ code: 400, reason: 'BadRequest', message }))
}

export function invalid(type: ObjectType, name: string, field: string, why: string): Refusal {
  const message = `${type.kind}.${type.group} "${name}" is invalid: ${field}: Invalid value: ${why}`
  const details = {
    ...{ name, group: type.group, kind: type.kind },
    causes: [{ reason: 'FieldValueInvalid', message: `Invalid value: ${why}`, field }],
  }
  return new Refusal(422, statusBody({ code: 422, reason: 'Invalid', message, details }))
}

/** An error with an id as `/apis` tells it: the id is in `details.uid` (errutil/errors.go@26bd3d48). */
export function identifiedStatus(code: number, uid: string, message: string): Refusal {
  const reason = code === 403 ? 'Forbidden' : code === 404 ? 'Not found' : 'Bad request'
  return new Refusal(code, statusBody({ code, reason, message, details: { uid } }))
}
