/** What one node differs by from another. */
export interface NodeFacts {
  readonly port: number
  readonly tls: boolean
  /** With what it encrypts sensitive values in its flow: another key cannot read them. */
  readonly sensitiveKey: string
  /** Where its NARs are found. */
  readonly nars: string
  readonly more: Readonly<Record<string, string>>
}

/** Its nifi.properties; every path is below the node's directory, in which it runs. */
export function nodeProperties(facts: NodeFacts): Readonly<Record<string, string>> {
  const scheme = facts.tls ? 'https' : 'http'
  return {
    ...flow,
    ...repositories,
    ...web,
    'nifi.nar.library.directory': facts.nars,
    [`nifi.web.${scheme}.host`]: '127.0.0.1',
    [`nifi.web.${scheme}.port`]: String(facts.port),
    'nifi.sensitive.props.key': facts.sensitiveKey,
    'nifi.sensitive.props.algorithm': 'NIFI_PBKDF2_AES_GCM_256',
    ...facts.more,
  }
}

const flow = {
  'nifi.flow.configuration.file': './conf/flow.json.gz',
  'nifi.flow.configuration.archive.enabled': 'false',
  'nifi.flowcontroller.autoResumeState': 'true',
  // A processor in the middle of its work is waited for so long when NiFi ends. It has two names for that, and reads both.
  'nifi.flowcontroller.graceful.shutdown.seconds': '5',
  'nifi.flowcontroller.graceful.shutdown.period': '5 sec',
  'nifi.flowservice.writedelay.interval': '500 ms',
  'nifi.administrative.yield.duration': '30 sec',
  'nifi.bored.yield.duration': '10 millis',
  'nifi.queue.backpressure.count': '10000',
  'nifi.queue.backpressure.size': '1 GB',
  'nifi.queue.swap.threshold': '20000',
  'nifi.authorizer.configuration.file': './conf/authorizers.xml',
  'nifi.login.identity.provider.configuration.file': './conf/login-identity-providers.xml',
  'nifi.state.management.configuration.file': './conf/state-management.xml',
  'nifi.state.management.provider.local': 'local-provider',
  'nifi.nar.library.autoload.directory': './extensions',
  'nifi.nar.working.directory': './work/nar/',
  'nifi.cluster.is.node': 'false',
  'nifi.analytics.predict.enabled': 'false',
  'nifi.remote.input.secure': 'false',
  'nifi.remote.input.http.enabled': 'false',
}

const repositories = {
  'nifi.database.directory': './database_repository',
  'nifi.flowfile.repository.implementation':
    'org.apache.nifi.controller.repository.WriteAheadFlowFileRepository',
  'nifi.flowfile.repository.directory': './flowfile_repository',
  'nifi.flowfile.repository.checkpoint.interval': '20 secs',
  'nifi.swap.manager.implementation': 'org.apache.nifi.controller.FileSystemSwapManager',
  'nifi.content.repository.implementation': 'org.apache.nifi.controller.repository.FileSystemRepository',
  'nifi.content.claim.max.appendable.size': '50 KB',
  'nifi.content.repository.directory.default': './content_repository',
  'nifi.content.repository.archive.enabled': 'false',
  'nifi.provenance.repository.implementation': 'org.apache.nifi.provenance.WriteAheadProvenanceRepository',
  'nifi.provenance.repository.directory.default': './provenance_repository',
  'nifi.provenance.repository.max.storage.time': '1 days',
  'nifi.provenance.repository.max.storage.size': '100 MB',
  'nifi.provenance.repository.rollover.time': '10 mins',
  'nifi.provenance.repository.rollover.size': '10 MB',
  'nifi.provenance.repository.query.threads': '1',
  'nifi.provenance.repository.index.threads': '1',
  'nifi.provenance.repository.indexed.fields': 'EventType, FlowFileUUID, Filename, ProcessorID, Relationship',
  'nifi.provenance.repository.index.shard.size': '50 MB',
  'nifi.components.status.repository.implementation':
    'org.apache.nifi.controller.status.history.VolatileComponentStatusRepository',
  'nifi.components.status.repository.buffer.size': '1440',
  'nifi.components.status.snapshot.frequency': '1 min',
}

const web = {
  'nifi.web.jetty.working.directory': './work/jetty',
  'nifi.web.jetty.threads': '20',
  'nifi.web.max.header.size': '16 KB',
  'nifi.web.max.requests.per.second': '30000',
  'nifi.web.request.timeout': '60 secs',
  'nifi.security.allow.anonymous.authentication': 'false',
}

/** The text of a .properties file: backslashes and line ends escaped as java.util.Properties reads them. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('')
}
