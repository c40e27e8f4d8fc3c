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

interface ExtensionType {
  readonly artifact: string
  /** Takes properties that it does not know. */
  readonly dynamic: boolean
  readonly properties: Readonly<Record<string, PropertyType>>
}

export interface ProcessorType extends ExtensionType {
  readonly input: string
  readonly relationships: readonly string[]
  readonly restricted: boolean
  readonly batching: boolean
  readonly period: string
  readonly duration: number
}

export interface ServiceType extends ExtensionType {
  readonly apis: readonly string[]
}
