import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReconcileError } from '../errors.ts'
import { createLogger } from './logger.ts'
import { prettyLine } from './pretty-line.ts'

function log(level: 'debug' | 'info', write: (line: string) => void): ReturnType<typeof createLogger> {
  return createLogger({ level, pretty: false }, write)
}

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '{}') as Record<string, unknown>
}

test('a line is JSON with level, time, constant message and the fields of the logger it came from', () => {
  const lines: string[] = []
  const child = log('info', (line) => lines.push(line)).child({ key: 'n/a' })
  child.info({ created: 3 }, 'topics created')
  child.debug({}, 'not shown')
  assert.equal(lines.length, 1)
  const { time, ...rest } = parsed(lines[0])
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(rest, { level: 'info', key: 'n/a', created: 3, msg: 'topics created' })
})

const secrets: readonly (readonly [where: string, fields: object])[] = [
  ['at the top', { password: 'hunter2' }],
  ['in a request header', { request: { headers: { authorization: 'Bearer hunter2' } } }],
  ['with a capital', { headers: { Authorization: 'hunter2' } }],
  ['in credentials', { connection: { credentials: { user: 'a', pass: 'hunter2' } } }],
  ['in the SASL settings of a client', { options: { sasl: { mechanism: 'PLAIN', password: 'hunter2' } } }],
  ['four levels down', { a: { b: { c: { token: 'hunter2' } } } }],
  ['beside the key of a ConfigMap', { key: 'n/a', secret: 'hunter2' }],
]

for (const [where, fields] of secrets) {
  test(`a secret ${where} is not written`, () => {
    const lines: string[] = []
    log('info', (line) => lines.push(line)).info(fields, 'connected')
    log('info', (line) => lines.push(line))
      .child(fields)
      .info({}, 'connected')
    assert.equal(lines.length, 2)
    for (const line of lines) {
      assert.doesNotMatch(line, /hunter2/)
      assert.match(line, /\[redacted\]/)
    }
  })
}

test('a known failure is written without a stack, an internal one with it', () => {
  const lines: string[] = []
  const logger = log('info', (line) => lines.push(line))
  logger.warn({ error: new ReconcileError('ServiceUnreachable', 'connection refused') }, 'reconcile failed')
  logger.error(
    { error: new ReconcileError('InternalError', 'x', { cause: new TypeError('boom') }) },
    'reconcile failed',
  )
  assert.deepEqual(parsed(lines[0])['error'], { reason: 'ServiceUnreachable', message: 'connection refused' })
  assert.match(lines[1] ?? '', /logger\.test\.ts/)
})

test('for people a line is time, level, message and fields, and a value can neither break it nor pose as a field', () => {
  const line = prettyLine(
    '{"level":"warn","time":"2026-01-02T03:04:05.678Z","key":"n/a","note":"a b=c\\n\\u001b[31m","n":2,"msg":"reconcile failed"}\n',
  )
  assert.equal(line, '03:04:05.678 WARN  reconcile failed key=n/a note="a b=c\\n\\u001b[31m" n=2\n')
  assert.equal(prettyLine('not json\n'), 'not json\n')
})
