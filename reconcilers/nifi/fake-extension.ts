/** What a property takes, as its descriptor says. */
export interface PropertyType {
  /** Default: the name. */
  readonly title?: string
  /** Its default. */
  readonly usual?: string
  readonly required?: boolean
  /** Set where a definition does not have it: NiFi takes the definition for one of an older version. */
  readonly older?: string
  readonly sensitive?: boolean
  /** The API of the controller service that it names. */
  readonly service?: string
  readonly values?: readonly string[]
  readonly expressions?: boolean
  /** Other properties that must have one of these values (none listed: any), or this one does not count. */
  readonly when?: Readonly<Record<string, readonly string[]>>
}

export type Properties = Readonly<Record<string, PropertyType>>

interface ExtensionType {
  readonly artifact: string
  /** Takes properties that it does not know. */
  readonly dynamic: boolean
  readonly properties: Properties
}

export interface ProcessorType extends ExtensionType {
  readonly input: string
  readonly relationships: readonly string[]
  readonly restricted: boolean
  readonly batching: boolean
  readonly period: string
  readonly duration: number
}

/** What most processors of this bundle have in common. */
export const standardProcessor = {
  artifact: 'nifi-standard-nar',
  input: 'INPUT_REQUIRED',
  dynamic: false,
  restricted: false,
  batching: true,
  period: '0 sec',
  duration: 0,
} as const

export interface ServiceType extends ExtensionType {
  readonly apis: readonly string[]
}
