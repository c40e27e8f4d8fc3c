import type { Properties, ServiceType } from './fake-extension.ts'

/** Where a schema is taken from, which readers and writers of records ask in the same words. */
const schemaSource: Properties = {
  'schema-registry': {
    title: 'Schema Registry',
    service: 'org.apache.nifi.schemaregistry.services.SchemaRegistry',
    when: { 'schema-access-strategy': ['schema-reference-reader', 'schema-name'] },
  },
  'schema-name': {
    title: 'Schema Name',
    usual: '${schema.name}',
    expressions: true,
    when: { 'schema-access-strategy': ['schema-name'] },
  },
  'schema-version': {
    title: 'Schema Version',
    expressions: true,
    when: { 'schema-access-strategy': ['schema-name'] },
  },
  'schema-branch': {
    title: 'Schema Branch',
    expressions: true,
    when: { 'schema-access-strategy': ['schema-name'] },
  },
  'schema-text': {
    title: 'Schema Text',
    usual: '${avro.schema}',
    expressions: true,
    when: { 'schema-access-strategy': ['schema-text-property'] },
  },
  'schema-reference-reader': {
    title: 'Schema Reference Reader',
    required: true,
    service: 'org.apache.nifi.schemaregistry.services.SchemaReferenceReader',
    when: { 'schema-access-strategy': ['schema-reference-reader'] },
  },
}

const timeFormats: Properties = { 'Date Format': {}, 'Time Format': {}, 'Timestamp Format': {} }

/** What the real server says of some of its controller services (2.3.0), read off instances of them. */
export const serviceTypes: Readonly<Record<string, ServiceType>> = {
  'org.apache.nifi.distributed.cache.server.map.MapCacheServer': {
    artifact: 'nifi-distributed-cache-services-nar',
    apis: [],
    dynamic: false,
    properties: {
      Port: { usual: '4557', required: true },
      'Maximum Cache Entries': { usual: '10000', required: true },
      'Eviction Strategy': {
        usual: 'Least Frequently Used',
        required: true,
        values: ['Least Frequently Used', 'Least Recently Used', 'First In, First Out'],
      },
      'Persistence Directory': {},
      'SSL Context Service': { service: 'org.apache.nifi.ssl.SSLContextProvider' },
      'maximum-read-size': { title: 'Maximum Read Size', usual: '1 MB' },
    },
  },
  'org.apache.nifi.ssl.StandardSSLContextService': {
    artifact: 'nifi-ssl-context-service-nar',
    apis: ['org.apache.nifi.ssl.SSLContextProvider', 'org.apache.nifi.ssl.SSLContextService'],
    dynamic: false,
    properties: {
      'Keystore Filename': { expressions: true },
      'Keystore Password': { sensitive: true },
      'key-password': { title: 'Key Password', sensitive: true },
      'Keystore Type': { values: ['BCFKS', 'PKCS12', 'JKS'] },
      'Truststore Filename': { expressions: true },
      'Truststore Password': { sensitive: true },
      'Truststore Type': { values: ['BCFKS', 'PKCS12', 'JKS'] },
      'SSL Protocol': {
        title: 'TLS Protocol',
        usual: 'TLS',
        values: ['SSL', 'TLS', 'TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'],
      },
    },
  },
  'org.apache.nifi.json.JsonTreeReader': {
    artifact: 'nifi-record-serialization-services-nar',
    apis: ['org.apache.nifi.serialization.RecordReaderFactory'],
    dynamic: false,
    properties: {
      'schema-access-strategy': {
        title: 'Schema Access Strategy',
        usual: 'infer-schema',
        required: true,
        values: ['infer-schema', 'schema-name', 'schema-text-property', 'schema-reference-reader'],
      },
      ...schemaSource,
      'schema-inference-cache': {
        title: 'Schema Inference Cache',
        service: 'org.apache.nifi.serialization.RecordSchemaCacheService',
        when: { 'schema-access-strategy': ['infer-schema'] },
      },
      'starting-field-strategy': {
        title: 'Starting Field Strategy',
        usual: 'ROOT_NODE',
        required: true,
        values: ['ROOT_NODE', 'NESTED_FIELD'],
      },
      'starting-field-name': {
        title: 'Starting Field Name',
        when: { 'starting-field-strategy': ['NESTED_FIELD'] },
      },
      'schema-application-strategy': {
        title: 'Schema Application Strategy',
        usual: 'SELECTED_PART',
        required: true,
        values: ['WHOLE_JSON', 'SELECTED_PART'],
        when: {
          'starting-field-strategy': ['NESTED_FIELD'],
          'schema-access-strategy': ['schema-reference-reader', 'schema-name', 'schema-text-property'],
        },
      },
      'Max String Length': { usual: '20 MB', required: true },
      'Allow Comments': { usual: 'false', required: true, values: ['true', 'false'] },
      ...timeFormats,
    },
  },
  'org.apache.nifi.json.JsonRecordSetWriter': {
    artifact: 'nifi-record-serialization-services-nar',
    apis: ['org.apache.nifi.serialization.RecordSetWriterFactory'],
    dynamic: false,
    properties: {
      'Schema Write Strategy': {
        usual: 'no-schema',
        required: true,
        values: ['no-schema', 'schema-name', 'full-schema-attribute', 'schema-reference-writer'],
      },
      'schema-cache': {
        title: 'Schema Cache',
        service: 'org.apache.nifi.serialization.RecordSchemaCacheService',
      },
      'Schema Reference Writer': {
        required: true,
        service: 'org.apache.nifi.schemaregistry.services.SchemaReferenceWriter',
        when: { 'Schema Write Strategy': ['schema-reference-writer'] },
      },
      'schema-access-strategy': {
        title: 'Schema Access Strategy',
        usual: 'inherit-record-schema',
        required: true,
        values: ['inherit-record-schema', 'schema-name', 'schema-text-property'],
      },
      ...schemaSource,
      ...timeFormats,
      'Pretty Print JSON': { usual: 'false', required: true, values: ['true', 'false'] },
      'suppress-nulls': {
        title: 'Suppress Null Values',
        usual: 'never-suppress',
        required: true,
        values: ['never-suppress', 'always-suppress', 'suppress-missing'],
      },
      'Allow Scientific Notation': {
        usual: 'false',
        older: 'true',
        required: true,
        values: ['true', 'false'],
      },
      'output-grouping': {
        title: 'Output Grouping',
        usual: 'output-array',
        required: true,
        values: ['output-array', 'output-oneline'],
      },
      'compression-format': {
        title: 'Compression Format',
        usual: 'none',
        required: true,
        values: ['none', 'gzip', 'bzip2', 'xz-lzma2', 'snappy', 'snappy framed', 'zstd'],
      },
      'compression-level': {
        title: 'Compression Level',
        usual: '1',
        required: true,
        values: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        when: { 'compression-format': ['gzip'] },
      },
    },
  },
}
