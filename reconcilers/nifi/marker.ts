import { type NifiType, nifiTypes } from './resource.ts'

export interface Marker {
  readonly type: NifiType
  readonly name: string
}

/** The last line of a group's comments, or of a context's description: `[infometis flows/orders]`. */
export function markerOf(type: NifiType, name: string): string {
  return `[infometis ${type}/${name}]`
}

/** `text` with the marker as its last line; an older one goes. */
export function withMarker(text: string, type: NifiType, name: string): string {
  const { text: own } = readMarker(text)
  return own === '' ? markerOf(type, name) : `${own}\n${markerOf(type, name)}`
}

/** What a person wrote, and the marker that stood in the last line. */
export function readMarker(text: string | undefined | null): {
  readonly text: string
  readonly marker: Marker | undefined
} {
  const [, own = '', type = '', name = ''] = marked.exec(text ?? '') ?? []
  const known = nifiTypes.find((each) => each === type)
  if (known === undefined) return { text: text ?? '', marker: undefined }
  return { text: own, marker: { type: known, name } }
}

const marked = /^(?:([\s\S]*?)\n)?\[infometis ([a-z-]+)\/([^\n]+)\]\s*$/
