import { type ProcessorType, standardProcessor } from './fake-extension.ts'

/** Only where it fills bins. */
const packing = { 'Merge Strategy': ['Bin-Packing Algorithm'] }

/** Only where something stands between what is merged. */
const delimited = { 'Merge Format': ['Binary Concatenation'], 'Delimiter Strategy': ['Filename', 'Text'] }

/** The rest of them: see fake-processor-types.ts. */
export const moreProcessorTypes: Readonly<Record<string, ProcessorType>> = {
  MergeContent: {
    ...standardProcessor,
    relationships: ['failure', 'merged', 'original'],
    batching: false,
    properties: {
      'Merge Strategy': {
        usual: 'Bin-Packing Algorithm',
        required: true,
        values: ['Bin-Packing Algorithm', 'Defragment'],
      },
      'Merge Format': {
        usual: 'Binary Concatenation',
        required: true,
        values: [
          'TAR',
          'ZIP',
          'FlowFile Stream, v3',
          'FlowFile Stream, v2',
          'FlowFile Tar, v1',
          'Binary Concatenation',
          'Avro',
        ],
      },
      'Attribute Strategy': {
        usual: 'Keep Only Common Attributes',
        required: true,
        values: ['Keep Only Common Attributes', 'Keep All Unique Attributes'],
      },
      'Correlation Attribute Name': {
        expressions: true,
        when: packing,
      },
      'mergecontent-metadata-strategy': {
        title: 'Metadata Strategy',
        usual: 'Do Not Merge Uncommon Metadata',
        required: true,
        values: [
          'Use First Metadata',
          'Keep Only Common Metadata',
          'Do Not Merge Uncommon Metadata',
          'Ignore Metadata',
        ],
        when: { 'Merge Format': ['Avro'] },
      },
      'Minimum Number of Entries': {
        usual: '1',
        required: true,
        when: packing,
      },
      'Maximum Number of Entries': {
        usual: '1000',
        required: true,
        when: packing,
      },
      'Minimum Group Size': {
        usual: '0 B',
        required: true,
        when: packing,
      },
      'Maximum Group Size': { when: packing },
      'Bin Termination Check': { expressions: true, when: packing },
      'FlowFile Insertion Strategy': {
        usual: 'Last in Bin',
        required: true,
        values: ['Last in Bin', 'First in New Bin', 'Isolated'],
        when: { 'Bin Termination Check': [] },
      },
      'Max Bin Age': {},
      'Maximum number of Bins': { usual: '5', required: true },
      'Delimiter Strategy': {
        usual: 'Do Not Use Delimiters',
        required: true,
        values: ['Do Not Use Delimiters', 'Filename', 'Text'],
        when: { 'Merge Format': ['Binary Concatenation'] },
      },
      'Header File': {
        title: 'Header',
        expressions: true,
        when: delimited,
      },
      'Footer File': {
        title: 'Footer',
        expressions: true,
        when: delimited,
      },
      'Demarcator File': {
        title: 'Demarcator',
        expressions: true,
        when: delimited,
      },
      'Compression Level': {
        usual: '1',
        required: true,
        values: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        when: { 'Merge Format': ['ZIP'] },
      },
      'Keep Path': {
        usual: 'false',
        required: true,
        values: ['true', 'false'],
        when: { 'Merge Format': ['ZIP', 'TAR'] },
      },
      'Tar Modified Time': {
        usual: '${file.lastModifiedTime}',
        expressions: true,
        when: { 'Merge Format': ['TAR'] },
      },
    },
  },
  ExecuteStreamCommand: {
    ...standardProcessor,
    relationships: ['nonzero status', 'original', 'output stream'],
    dynamic: true,
    restricted: true,
    properties: {
      'Working Directory': { expressions: true },
      'Command Path': { required: true, expressions: true },
      argumentsStrategy: {
        title: 'Command Arguments Strategy',
        usual: 'Command Arguments Property',
        values: ['Command Arguments Property', 'Dynamic Property Arguments'],
      },
      'Command Arguments': { expressions: true, when: { argumentsStrategy: ['Command Arguments Property'] } },
      'Argument Delimiter': {
        usual: ';',
        required: true,
        when: { argumentsStrategy: ['Command Arguments Property'] },
      },
      'Ignore STDIN': { usual: 'false', values: ['true', 'false'] },
      'Output Destination Attribute': {},
      'Max Attribute Length': { usual: '256' },
      'Output MIME Type': {},
    },
  },
  ConvertRecord: {
    ...standardProcessor,
    relationships: ['failure', 'success'],
    properties: {
      'Record Reader': { required: true, service: 'org.apache.nifi.serialization.RecordReaderFactory' },
      'Record Writer': { required: true, service: 'org.apache.nifi.serialization.RecordSetWriterFactory' },
      'Include Zero Record FlowFiles': { usual: 'true', required: true, values: ['true', 'false'] },
    },
  },
  ControlRate: {
    ...standardProcessor,
    relationships: ['failure', 'success'],
    batching: false,
    properties: {
      'Rate Control Criteria': {
        usual: 'data rate',
        required: true,
        values: ['data rate', 'flowfile count', 'attribute value', 'data rate or flowfile count'],
      },
      'Time Duration': { usual: '1 min', required: true },
      'Maximum Rate': {
        when: { 'Rate Control Criteria': ['data rate', 'attribute value', 'flowfile count'] },
      },
      'Maximum Data Rate': { when: { 'Rate Control Criteria': ['data rate or flowfile count'] } },
      'Maximum FlowFile Rate': { when: { 'Rate Control Criteria': ['data rate or flowfile count'] } },
      'Rate Exceeded Strategy': {
        usual: 'Hold FlowFile',
        required: true,
        values: ['Hold FlowFile', "Route to 'rate exceeded'"],
      },
      'Rate Controlled Attribute': { when: { 'Rate Control Criteria': ['attribute value'] } },
      'Grouping Attribute': {},
    },
  },
  DuplicateFlowFile: {
    ...standardProcessor,
    relationships: ['success'],
    properties: {
      'Number of Copies': { usual: '100', required: true, expressions: true },
    },
  },
}
