import { type ProcessorType, standardProcessor } from './fake-extension.ts'
import { moreProcessorTypes } from './fake-more-processor-types.ts'

/** Only requests that have a body. */
const withBody = { 'HTTP Method': ['POST', 'PATCH', 'PUT'] }

/** What the real server says of some of its processors (2.3.0): names, defaults and rules, read off instances of them. */
export const processorTypes: Readonly<Record<string, ProcessorType>> = {
  GenerateFlowFile: {
    ...standardProcessor,
    input: 'INPUT_FORBIDDEN',
    relationships: ['success'],
    dynamic: true,
    period: '1 min',
    properties: {
      'File Size': { usual: '0B', required: true, expressions: true },
      'Batch Size': { usual: '1', required: true },
      'Data Format': { usual: 'Text', required: true, values: ['Binary', 'Text'] },
      'Unique FlowFiles': { usual: 'false', required: true, values: ['true', 'false'] },
      'generate-ff-custom-text': { title: 'Custom Text', expressions: true },
      'character-set': { title: 'Character Set', usual: 'UTF-8', required: true },
      'mime-type': { title: 'Mime Type' },
    },
  },
  LogAttribute: {
    ...standardProcessor,
    relationships: ['success'],
    duration: 25,
    properties: {
      'Log Level': { usual: 'info', required: true, values: ['trace', 'debug', 'info', 'warn', 'error'] },
      'Log Payload': { usual: 'false', required: true, values: ['true', 'false'] },
      'Attributes to Log': {},
      'attributes-to-log-regex': { title: 'Attributes to Log by Regular Expression', usual: '.*' },
      'Attributes to Ignore': {},
      'attributes-to-ignore-regex': { title: 'Attributes to Ignore by Regular Expression' },
      'Log FlowFile Properties': { usual: 'true', required: true, values: ['true', 'false'] },
      'Output Format': {
        usual: 'Line per Attribute',
        required: true,
        values: ['Line per Attribute', 'Single Line'],
      },
      'Log prefix': { expressions: true },
      'character-set': { title: 'Character Set', usual: 'UTF-8', required: true, expressions: true },
    },
  },
  UpdateCounter: {
    ...standardProcessor,
    relationships: ['success'],
    batching: false,
    properties: {
      'counter-name': { title: 'Counter Name', required: true, expressions: true },
      delta: { title: 'Delta', usual: '1', required: true, expressions: true },
    },
  },
  InvokeHTTP: {
    ...standardProcessor,
    input: 'INPUT_ALLOWED',
    relationships: ['Failure', 'No Retry', 'Original', 'Response', 'Retry'],
    dynamic: true,
    properties: {
      'HTTP Method': { usual: 'GET', required: true, expressions: true },
      'HTTP URL': { required: true, expressions: true },
      'HTTP/2 Disabled': { usual: 'False', required: true, values: ['True', 'False'] },
      'SSL Context Service': { service: 'org.apache.nifi.ssl.SSLContextProvider' },
      'Connection Timeout': { usual: '5 secs', required: true },
      'Socket Read Timeout': { usual: '15 secs', required: true },
      'Socket Write Timeout': { usual: '15 secs', required: true },
      'Socket Idle Timeout': { usual: '5 mins', required: true },
      'Socket Idle Connections': { usual: '5', required: true },
      'proxy-configuration-service': {
        title: 'Proxy Configuration Service',
        service: 'org.apache.nifi.proxy.ProxyConfigurationService',
      },
      'Request OAuth2 Access Token Provider': { service: 'org.apache.nifi.oauth2.OAuth2AccessTokenProvider' },
      'Request Username': {},
      'Request Password': { sensitive: true },
      'Request Digest Authentication Enabled': {
        usual: 'false',
        values: ['true', 'false'],
        when: { 'Request Username': [] },
      },
      'Request Failure Penalization Enabled': { usual: 'false', values: ['true', 'false'] },
      'Request Body Enabled': {
        usual: 'true',
        values: ['true', 'false'],
        when: withBody,
      },
      'Request Multipart Form-Data Name': { expressions: true, when: { 'Request Body Enabled': ['true'] } },
      'Request Multipart Form-Data Filename Enabled': {
        usual: 'true',
        values: ['true', 'false'],
        when: { 'Request Multipart Form-Data Name': [] },
      },
      'Request Chunked Transfer-Encoding Enabled': {
        usual: 'false',
        required: true,
        values: ['true', 'false'],
        when: withBody,
      },
      'Request Content-Encoding': {
        usual: 'DISABLED',
        required: true,
        values: ['DISABLED', 'GZIP'],
        when: withBody,
      },
      'Request Content-Type': {
        usual: '${mime.type}',
        required: true,
        expressions: true,
        when: withBody,
      },
      'Request Date Header Enabled': { usual: 'True', required: true, values: ['True', 'False'] },
      'Request Header Attributes Pattern': {},
      'Request User-Agent': { expressions: true },
      'Response Body Attribute Name': { expressions: true },
      'Response Body Attribute Size': { usual: '256', when: { 'Response Body Attribute Name': [] } },
      'Response Body Ignored': { usual: 'false', required: true, values: ['true', 'false'] },
      'Response Cache Enabled': { usual: 'false', required: true, values: ['true', 'false'] },
      'Response Cache Size': { usual: '10MB', required: true, when: { 'Response Cache Enabled': ['true'] } },
      'Response Cookie Strategy': { usual: 'DISABLED', required: true, values: ['DISABLED', 'ACCEPT_ALL'] },
      'Response Generation Required': { usual: 'false', values: ['true', 'false'] },
      'Response FlowFile Naming Strategy': {
        usual: 'RANDOM',
        required: true,
        values: ['RANDOM', 'URL_PATH'],
      },
      'Response Header Request Attributes Enabled': { usual: 'false', values: ['true', 'false'] },
      'Response Header Request Attributes Prefix': {
        expressions: true,
        when: { 'Response Header Request Attributes Enabled': ['true'] },
      },
      'Response Redirects Enabled': { usual: 'True', required: true, values: ['True', 'False'] },
    },
  },
  ReplaceText: {
    ...standardProcessor,
    relationships: ['failure', 'success'],
    duration: 25,
    properties: {
      'Replacement Strategy': {
        usual: 'Regex Replace',
        required: true,
        values: [
          'Prepend',
          'Append',
          'Surround',
          'Regex Replace',
          'Literal Replace',
          'Always Replace',
          'Substitute Variables',
        ],
      },
      'Regular Expression': {
        title: 'Search Value',
        usual: '(?s)(^.*$)',
        required: true,
        expressions: true,
        when: { 'Replacement Strategy': ['Regex Replace', 'Literal Replace'] },
      },
      'Replacement Value': {
        usual: '$1',
        required: true,
        expressions: true,
        when: {
          'Replacement Strategy': ['Prepend', 'Regex Replace', 'Always Replace', 'Append', 'Literal Replace'],
        },
      },
      'Text to Prepend': {
        required: true,
        expressions: true,
        when: { 'Replacement Strategy': ['Surround'] },
      },
      'Text to Append': { required: true, expressions: true, when: { 'Replacement Strategy': ['Surround'] } },
      'Character Set': { usual: 'UTF-8', required: true },
      'Maximum Buffer Size': { usual: '1 MB', required: true },
      'Evaluation Mode': { usual: 'Line-by-Line', required: true, values: ['Line-by-Line', 'Entire text'] },
      'Line-by-Line Evaluation Mode': {
        usual: 'All',
        values: ['All', 'First-Line', 'Last-Line', 'Except-First-Line', 'Except-Last-Line'],
      },
    },
  },
  RouteOnAttribute: {
    ...standardProcessor,
    relationships: ['unmatched'],
    dynamic: true,
    duration: 25,
    properties: {
      'Routing Strategy': {
        usual: 'Route to Property name',
        required: true,
        values: [
          'Route to Property name',
          "Route to 'match' if all match",
          "Route to 'match' if any matches",
        ],
      },
    },
  },
  ...moreProcessorTypes,
}
