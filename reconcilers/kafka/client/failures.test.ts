import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  AuthenticationError,
  NetworkError,
  ProtocolError,
  TimeoutError,
  UserError,
} from '@platformatic/kafka'
import { ReconcileError } from '../../../src/errors.ts'
import { failureOf, reasonOf, wordsOf } from './failures.ts'

function coded(code: string, message = 'words'): Error {
  return Object.assign(new Error(message), { code })
}

const calls: readonly [string, Error, string, RegExp][] = [
  [
    'a refused connection',
    new NetworkError('x', { cause: coded('ECONNREFUSED') }),
    'ServiceUnreachable',
    /nothing listens there/,
  ],
  [
    'addresses of a name that all refuse',
    new NetworkError('x', { cause: new AggregateError([coded('ECONNREFUSED')]) }),
    'ServiceUnreachable',
    /nothing listens/,
  ],
  [
    'an unknown name',
    new NetworkError('x', { cause: coded('ENOTFOUND') }),
    'ServiceUnreachable',
    /the name in kafka:9092 cannot be resolved/,
  ],
  ['a name server that does not answer', coded('EAI_AGAIN'), 'ServiceUnreachable', /cannot be resolved/],
  ['no route', coded('EHOSTUNREACH'), 'ServiceUnreachable', /no route/],
  [
    'an unknown authority',
    new NetworkError('x', { cause: coded('SELF_SIGNED_CERT_IN_CHAIN') }),
    'TlsFailed',
    /SELF_SIGNED_CERT_IN_CHAIN/,
  ],
  [
    'an expired certificate',
    coded('CERT_HAS_EXPIRED', 'certificate has expired'),
    'TlsFailed',
    /certificate has expired/,
  ],
  ['another host name', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'TlsFailed', /ALTNAME/],
  [
    'an alert of the broker',
    Object.assign(coded('ERR_SSL_X', 'a long trace'), { reason: 'bad certificate' }),
    'TlsFailed',
    /^kafka:9092: bad certificate \(/,
  ],
  ['plain text to a TLS listener', new UserError('Broker requires TLS.'), 'TlsFailed', /requires TLS/],
  [
    'a request that timed out',
    new TimeoutError('Request timed out'),
    'ServiceTimeout',
    /did not answer in time/,
  ],
  [
    'a connection that timed out',
    new TimeoutError('Connection to kafka:9092 timed out.'),
    'ServiceUnreachable',
    /does not answer/,
  ],
  [
    'a wrong password',
    new NetworkError('x', {
      cause: new AuthenticationError('SASL authentication failed.', {
        cause: new ProtocolError(
          'SASL_AUTHENTICATION_FAILED',
          'Authentication failed: Invalid username or password',
        ),
      }),
    }),
    'AuthenticationFailed',
    /refuses the user: Authentication failed: Invalid username or password$/,
  ],
  [
    'a closed connection',
    new NetworkError('Connection closed'),
    'ServiceUnreachable',
    /KAFKA_TLS and KAFKA_SASL_MECHANISM/,
  ],
  ['what nobody foresaw', new Error('odd'), 'InternalError', /odd/],
]

const items: readonly [number, string][] = [
  [-1, 'ChangesFailed'],
  [3, 'ChangesFailed'],
  [7, 'ServiceTimeout'],
  [17, 'RejectedByServer'],
  [29, 'AuthorizationFailed'],
  [31, 'AuthorizationFailed'],
  [35, 'NotSupportedByServer'],
  [37, 'RejectedByServer'],
  [38, 'RejectedByServer'],
  [40, 'RejectedByServer'],
  [41, 'ServiceBusy'],
  [44, 'RejectedByServer'],
  [60, 'ServiceBusy'],
  [73, 'RejectedByServer'],
  [89, 'ServiceBusy'],
  [9_999, 'RejectedByServer'],
]

describe('a failed call', () => {
  for (const [what, error, reason, message] of calls) {
    it(`by ${what} is ${reason}`, () => {
      const failure = failureOf(error, 'kafka:9092')
      assert.equal(failure.reason, reason)
      assert.match(failure.message, message)
      assert.equal(failure.cause, error)
    })
  }

  it('that knows its reason keeps it', () => {
    const known = new ReconcileError('WrongCluster', 'no')
    assert.equal(failureOf(known, 'x'), known)
  })

  it('ends the search in an error that is its own cause', () => {
    const error = new Error('round')
    error.cause = error
    assert.equal(failureOf(error, 'x').reason, 'InternalError')
  })
})

describe('a failed item', () => {
  for (const [errorCode, reason] of items) {
    it(`with code ${errorCode} is ${reason}`, () => assert.equal(reasonOf({ errorCode }), reason))
  }

  it('carries the broker’s words and the name of the error; without words the protocol’s own', () => {
    assert.equal(
      wordsOf({ errorCode: 40, errorMessage: 'Unknown topic config name: foo' }),
      'Unknown topic config name: foo (INVALID_CONFIG)',
    )
    assert.equal(
      wordsOf({ errorCode: 3, errorMessage: null }),
      'This server does not host this topic-partition. (UNKNOWN_TOPIC_OR_PARTITION)',
    )
    assert.equal(wordsOf({ errorCode: 9_999 }), 'error 9999')
  })
})
