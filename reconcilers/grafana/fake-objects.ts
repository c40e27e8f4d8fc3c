import { textAt } from '../../src/core/members.ts'
import { type Answer, type Call, type Handler, type Members, named, ok } from './fake-call.ts'
import { isAtLeast } from './fake-identity.ts'
import { checkManager } from './fake-managers.ts'
import { type Given, given, metadataOf } from './fake-object-body.ts'
import { history, listObjects, wantsMetadata } from './fake-object-list.ts'
import { type Draft, drop, fresh, keep, next } from './fake-object-store.ts'
import { isThirteen } from './fake-profile.ts'
import {
  type ObjectType,
  Refusal,
  alreadyExists,
  badRequest,
  conflicting,
  forbidden,
  invalid,
  notFound,
  statusBody,
} from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

/** What folders and dashboards have of their own. */
export interface Subject {
  readonly type: ObjectType
  served(call: Call): readonly string[]
  /** What is stored of it; throws where Grafana refuses. */
  accepted(call: Call, given: Given, previous: StoredObject | undefined): Draft
  checkDeletion(call: Call, object: StoredObject): void
  /** The members besides `metadata`, as read at a version. */
  content(object: StoredObject, version: string): Members
  /** What a DELETE answers. */
  deleted(call: Call, object: StoredObject, version: string): Members
}

export function bodyAt(call: Call, subject: Subject, object: StoredObject, version: string): Members {
  const { group, kind } = subject.type
  const apiVersion = `${group}/${version}`
  const metadata = metadataOf(call, object, apiVersion)
  if (wantsMetadata(call, 'PartialObjectMetadata'))
    return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  return { kind, apiVersion, metadata, ...subject.content(object, version) }
}

/** The requests that every type of object has; the names in the path are version, namespace and (of one object) its name. */
export function handlersOf(
  subject: Subject,
): Readonly<Record<'list' | 'post' | 'get' | 'put' | 'delete', Handler>> {
  const { type } = subject
  const version = (call: Call): string => servedVersion(call, subject)
  return {
    list: (call) => {
      const at = version(call)
      const bodies = (object: StoredObject): Members => bodyAt(call, subject, object, at)
      return ok(listObjects(call, type, `${type.group}/${at}`, bodies))
    },
    get: (call) => {
      const at = version(call)
      checkName(call)
      return ok(bodyAt(call, subject, asked(call, subject), at))
    },
    post: (call) => {
      const at = version(call)
      mayWrite(call, type, '')
      const said = given(call, type, at, '')
      if (said.resourceVersion !== '')
        throw badRequest('resourceVersion should not be set on objects to be created')
      if (said.name === '')
        throw invalid(type, '', 'metadata.name', 'Required value: name or generateName is required')
      return created(call, subject, said)
    },
    put: (call) => {
      const at = version(call)
      const name = named(call, 2)
      mayWrite(call, type, name)
      const said = given(call, type, at, name)
      const previous = call.state.data[type.resource].get(name)
      if (previous === undefined) {
        // pkg/storage/unified/apistore/store.go@01ee8478
        if (said.resourceVersion !== '') throw conflicting(type, name, 'the object was deleted')
        return created(call, subject, said)
      }
      return replaced(call, subject, said, previous)
    },
    delete: (call) => {
      const at = version(call)
      mayWrite(call, type, named(call, 2))
      const object = asked(call, subject)
      checkPreconditions(call, type, object)
      subject.checkDeletion(call, object)
      const answer = subject.deleted(call, object, at)
      if (!isDry(call)) drop(call.state, object)
      return ok(answer)
    },
  }
}

function created(call: Call, subject: Subject, said: Given): Answer {
  const { type } = subject
  if (call.state.data[type.resource].has(said.name)) throw alreadyExists(type, said.name)
  const draft = subject.accepted(call, said, undefined)
  checkManager(call, type, draft, undefined)
  const object = fresh(call.state, type.resource, draft, call.identity)
  if (!isDry(call)) keep(call.state, object)
  return ok(bodyAt(call, subject, object, said.storedVersion), 201)
}

function replaced(call: Call, subject: Subject, said: Given, previous: StoredObject): Answer {
  const { type } = subject
  if (said.resourceVersion !== '' && said.resourceVersion !== String(previous.resourceVersion))
    throw conflicting(type, previous.name)
  const draft = subject.accepted(call, said, previous)
  checkManager(call, type, draft, previous)
  const object = next(call.state, previous, draft, call.identity)
  if (!isDry(call)) keep(call.state, object)
  return ok(bodyAt(call, subject, object, said.storedVersion))
}

/** `dryRun=All` is honoured for folders and dashboards (gcx dryrun_allowlist.go@51b45685). */
export function isDry({ query }: Call): boolean {
  return query.get('dryRun') === 'All'
}

/** Kubernetes, of a group or a version that is not served. */
export function notServed(): Refusal {
  return new Refusal(
    404,
    statusBody({
      ...{ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' },
      details: {},
    }),
  )
}

function servedVersion(call: Call, subject: Subject): string {
  const version = named(call)
  if (!subject.served(call).includes(version)) throw notServed()
  if (named(call, 1) !== 'default')
    throw forbidden(subject.type, named(call, 2), `namespace ${named(call, 1)} is not that of the token`)
  return version
}

function mayWrite(call: Call, type: ObjectType, name: string): void {
  if (!isAtLeast('Editor', call.identity)) throw forbidden(type, name, 'unauthorized request')
}

/** pkg/tests/apis/resource_name_validation_test.go@5f2a278d (13.x) */
function checkName(call: Call): void {
  const name = named(call, 2)
  if (!isThirteen(call.profile)) return
  if (name.length > 253 || !/^[\w.-]+$/.test(name)) throw badRequest(`name "${name}" is not valid`)
}

function asked(call: Call, { type }: Subject): StoredObject {
  const name = named(call, 2)
  const object = call.state.data[type.resource].get(name)
  if (object === undefined) throw notFound(type, name)
  const past = call.query.get('resourceVersion') ?? '0'
  if (past === '0' || past === '') return object
  const found = history(call.state, type, name).find(
    ({ resourceVersion }) => String(resourceVersion) === past,
  )
  if (found === undefined) throw notFound(type, name)
  return found
}

/** pkg/storage/unified/apistore/store.go@01ee8478 */
function checkPreconditions({ body }: Call, type: ObjectType, object: StoredObject): void {
  const seen = { uid: object.uid, resourceVersion: String(object.resourceVersion) }
  for (const [name, word] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const asked = textAt(body, 'preconditions', name)
    if (asked !== '' && asked !== seen[name])
      throw conflicting(
        type,
        object.name,
        `Precondition failed: ${word} in precondition: ${asked}, ${word} in object meta: ${seen[name]}`,
      )
  }
}
