/** What is known of a service before anything of it is loaded: for options, help and messages. */
export interface ServiceDescription {
  /** For people: `Kafka`. */
  readonly title: string
  /** The port it usually has on a machine of one's own. */
  readonly port: number
  /** The setting that says where it is, with a value as it could stand in a cluster. */
  readonly address: { readonly setting: string; readonly example: string }
  /** A config type that examples speak of: `topics`. */
  readonly exampleType: string
}
