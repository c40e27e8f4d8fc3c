import { own } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { type Call, type Members, isoTime } from './fake-call.ts'
import type { Draft } from './fake-object-store.ts'
import { type ObjectType, badRequest } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

/** A folder or a dashboard as `/apis` has it, without its content. */
export function metadataOf(call: Call, object: StoredObject, apiVersion: string): Members {
  const { name, uid, resourceVersion, generation, created, id, labels } = object
  return {
    ...{ name, namespace: 'default', uid, resourceVersion: String(resourceVersion), generation },
    creationTimestamp: isoTime(created),
    labels: { ...labels, 'grafana.app/deprecatedInternalID': String(id) },
    annotations: annotationsOf(call, object),
    managedFields: [
      {
        ...{ manager: 'unknown', operation: 'Update', apiVersion, time: isoTime(object.updated ?? created) },
        ...{ fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:title': {} } } },
      },
    ],
  }
}

function annotationsOf({ switches }: Call, object: StoredObject): Members {
  const { createdBy, updatedBy, updated, annotations } = object
  // Some builds call the top "general"; others leave the annotation out.
  const folder = object.folder === '' && switches.generalSentinel ? 'general' : object.folder
  return {
    ...annotations,
    ...(folder === '' ? {} : { 'grafana.app/folder': folder }),
    'grafana.app/createdBy': createdBy,
    ...(updatedBy === undefined ? {} : { 'grafana.app/updatedBy': updatedBy }),
    ...(updated === undefined ? {} : { 'grafana.app/updatedTimestamp': isoTime(updated) }),
  }
}

/** The server's own, and what is not kept: pkg/storage/unified/apistore/prepare.go@01ee8478. */
const notKept = new Set(
  ['folder', 'createdBy', 'updatedBy', 'updatedTimestamp', 'grant-permissions'].map(
    (name) => `grafana.app/${name}`,
  ),
)

/** What a request says of an object, as far as every type has it. */
export interface Given extends Omit<Draft, 'spec'> {
  readonly spec: unknown
  /** '': whatever is there is to be replaced. */
  readonly resourceVersion: string
}

/** All but the spec, which every type reads by itself. */
export function draftOf(given: Given): Omit<Draft, 'spec'> {
  const { name, folder, labels, annotations, storedVersion } = given
  return { name, folder, labels, annotations, storedVersion }
}

export function given(call: Call, type: ObjectType, version: string, nameAsked: string): Given {
  const { body } = call
  const metadata = own(body, 'metadata')
  insistOnVersion(body, type, version)
  const name = textAt(metadata, 'name')
  // Kubernetes: BeforeUpdate, and rest.EnsureObjectNameMatches.
  if (nameAsked !== '' && name !== '' && name !== nameAsked)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${nameAsked})`)
  const annotations = textsIn(own(metadata, 'annotations'))
  const folder = annotations['grafana.app/folder'] ?? ''
  const kept = Object.entries(annotations).filter(([key, value]) => !notKept.has(key) && value !== '')
  const generate = textAt(metadata, 'generateName')
  return {
    name: name === '' ? nameAsked || (generate === '' ? '' : call.state.newName(generate)) : name,
    folder: folder === 'general' ? '' : folder,
    labels: labelsIn(metadata),
    annotations: Object.fromEntries(kept),
    spec: own(body, 'spec'),
    storedVersion: version,
    resourceVersion: textAt(metadata, 'resourceVersion'),
  }
}

function insistOnVersion(body: unknown, type: ObjectType, version: string): void {
  const expected = `${type.group}/${version}`
  const said = textAt(body, 'apiVersion')
  if (said !== '' && said !== expected)
    throw badRequest(
      `the API version in the data (${said}) does not match the expected API version (${expected})`,
    )
  const kind = textAt(body, 'kind')
  if (kind !== '' && kind !== type.kind)
    throw badRequest(`the kind in the data (${kind}) does not match the expected kind (${type.kind})`)
}

function labelsIn(metadata: unknown): Readonly<Record<string, string>> {
  const labels = Object.entries(textsIn(own(metadata, 'labels')))
  return Object.fromEntries(labels.filter(([name]) => name !== 'grafana.app/deprecatedInternalID'))
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const members = Object.entries((value ?? {}) as Members)
  return Object.fromEntries(members.filter((each): each is [string, string] => typeof each[1] === 'string'))
}
