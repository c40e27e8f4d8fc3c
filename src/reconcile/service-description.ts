/** What is known of a service before anything of it is loaded: for options, help and messages. */
export interface ServiceDescription {
  /** For people: `Kafka`. */
  readonly title: string
  /** The port it usually has on a machine of one's own. */
  readonly port: number
  /** The setting that says where it is, with a value as it could stand in a cluster. */
  readonly address: { readonly setting: string; readonly example: string }
  /**
   * True: nobody can install it on a machine of one's own. The local stack takes the one that the address's setting names, and leaves it
   * out where that is not set; asked for by name, it then serves the service's simulated API in its place.
   */
  readonly simulated?: true
  /** A config type that examples speak of: `topics`. */
  readonly exampleType: string
}
