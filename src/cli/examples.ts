import { serviceNamed, serviceNames } from './services.ts'

/** One service for the examples in help texts: the first in the order in which people meet them. */
const service = serviceNames[0] ?? ''
const { address, exampleType: type } = serviceNamed(service)

/** Names as they are on a machine of one's own, so that an example can be typed as it stands. */
export const example = {
  service,
  type,
  configMap: desiredConfigMap(service),
  /** `NAME=value` for the environment of a reconciler. */
  address: `${address.setting}=${address.example}`,
} as const

/** A desired ConfigMap of `environments/dev` that an example can speak of. */
export function desiredConfigMap(name: string): string {
  return `${name}-${serviceNamed(name).exampleType}-desired`
}

/** Every service by its title, as a sentence names them: `Kafka, Elasticsearch and NiFi`. */
export function titles(): string {
  return enumerated(serviceNames.map((name) => serviceNamed(name).title))
}

/** `a, b and c`. */
export function enumerated(words: readonly string[]): string {
  const [last = '', ...others] = words.toReversed()
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`
}
