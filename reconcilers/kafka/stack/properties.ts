/** How clients reach the brokers. SASL goes over TLS; brokers and controllers talk to each other in the clear on loopback. */
export type KafkaSecurity = 'plaintext' | 'tls' | 'mtls' | 'sasl-plain' | 'sasl-scram'

/** Everything a broker's properties depend on. */
export interface BrokerFacts {
  readonly nodeId: number
  readonly ports: BrokerPorts
  /** `nodeId@host:port` of every controller, in order. */
  readonly voters: readonly string[]
  readonly logDirectory: string
  readonly security: KafkaSecurity
  readonly authorizer: boolean
  /** Name → password, for SASL. */
  readonly users: ReadonlyMap<string, string>
  /** PEM files; present unless plaintext. */
  readonly keyStore: string | undefined
  readonly trustStore: string | undefined
  /** Added last, so that they win. */
  readonly properties: Readonly<Record<string, string>>
}

export interface BrokerPorts {
  readonly client: number
  /** Without TLS or SASL, for the brokers themselves and for Kafka's own tools. */
  readonly internal: number
  readonly controller: number
}

/** What clients put in the host's place: a name, because TLS clients may not send an address as server name. */
export function advertisedHost(security: KafkaSecurity): string {
  return security === 'plaintext' ? '127.0.0.1' : 'localhost'
}

/** server.properties of a combined broker and controller, small enough for a laptop. */
export function brokerProperties(facts: BrokerFacts): Readonly<Record<string, string>> {
  const { client, internal, controller } = facts.ports
  const replicas = String(facts.voters.length)
  return {
    'process.roles': 'broker,controller',
    'node.id': String(facts.nodeId),
    'controller.quorum.voters': facts.voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    listeners: `CLIENT://127.0.0.1:${client},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `CLIENT://${advertisedHost(facts.security)}:${client},INTERNAL://127.0.0.1:${internal}`,
    'listener.security.protocol.map': `CLIENT:${protocol[facts.security]},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'log.dirs': facts.logDirectory,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that comes back after SIGKILL is refused until its old session ends: 4 s instead of 9.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
    // The default of 128 MiB does not fit the small heap: the cleaner dies, and with it the broker.
    'log.cleaner.dedupe.buffer.size': '16777216',
    ...tlsProperties(facts),
    ...saslProperties(facts),
    ...authorizerProperties(facts),
    ...facts.properties,
  }
}

const protocol = {
  plaintext: 'PLAINTEXT',
  tls: 'SSL',
  mtls: 'SSL',
  'sasl-plain': 'SASL_SSL',
  'sasl-scram': 'SASL_SSL',
} as const

function tlsProperties({ security, keyStore, trustStore }: BrokerFacts): Readonly<Record<string, string>> {
  if (keyStore === undefined || trustStore === undefined) return {}
  return {
    'listener.name.client.ssl.keystore.type': 'PEM',
    'listener.name.client.ssl.keystore.location': keyStore,
    'listener.name.client.ssl.truststore.type': 'PEM',
    'listener.name.client.ssl.truststore.location': trustStore,
    'listener.name.client.ssl.client.auth': security === 'mtls' ? 'required' : 'none',
  }
}

function saslProperties({ security, users }: BrokerFacts): Readonly<Record<string, string>> {
  if (security === 'sasl-plain') {
    const known = [...users].map(([name, password]) => `user_${name}="${password}"`).join(' ')
    const module = 'org.apache.kafka.common.security.plain.PlainLoginModule'
    return {
      'listener.name.client.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.client.plain.sasl.jaas.config': `${module} required ${known};`,
    }
  }
  if (security !== 'sasl-scram') return {}
  const module = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  return {
    'listener.name.client.sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.client.scram-sha-256.sasl.jaas.config': `${module} required;`,
    'listener.name.client.scram-sha-512.sasl.jaas.config': `${module} required;`,
  }
}

/** Without a principal of their own clients are ANONYMOUS, as the brokers are: then it cannot be the superuser, or nothing were ever denied. */
function authorizerProperties({ authorizer, security }: BrokerFacts): Readonly<Record<string, string>> {
  if (!authorizer) return {}
  const named = security === 'mtls' || security.startsWith('sasl')
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    'super.users': named ? 'User:ANONYMOUS;User:admin;User:CN=admin' : 'User:admin',
  }
}

/** The text of a .properties file: backslashes and line ends escaped as java.util.Properties reads them. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('')
}
