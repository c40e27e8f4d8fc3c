import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readSettings, redactSettings, runSettings } from './config.ts'
import { ReconcileError } from './errors.ts'

describe('the settings of a reconciler', () => {
  it('have defaults for everything', () => {
    const settings = readSettings(runSettings, {})
    assert.equal(settings.RECONCILE_INTERVAL, 30_000)
    assert.equal(settings.RECONCILE_TIMEOUT, 120_000)
    assert.deepEqual([settings.LEADER_ELECTION, settings.POD_NAME], [false, undefined])
    assert.deepEqual([settings.CONCURRENCY, settings.HTTP_PORT, settings.LOG_PRETTY], [32, 8080, false])
    assert.deepEqual(
      [settings.WATCH_NAMESPACES, settings.CONFIG_MAP_NAME, settings.INFOMETIS_INSTANCE],
      [[], [], ''],
    )
  })
  it('are all described', () => {
    for (const [name, setting] of Object.entries(runSettings.shape)) assert.ok(setting.description, name)
  })

  const read: readonly (readonly [string, string, unknown])[] = [
    ['RECONCILE_INTERVAL', '1m30s', 90_000],
    ['WATCH_NAMESPACES', ' a , b,,', ['a', 'b']],
    ['HTTP_PORT', '0', 0],
    ['LOG_PRETTY', 'true', true],
    ['LEADER_ELECTION', 'true', true],
    ['RECONCILE_INTERVAL', '', 30_000],
  ]
  for (const [name, text, value] of read) {
    it(`read ${name}="${text}"`, () => {
      assert.deepEqual(readSettings(runSettings, { [name]: text })[name as 'HTTP_PORT'], value)
    })
  }

  const wrong = {
    RECONCILE_INTERVAL: 'soon',
    HTTP_PORT: '70000',
    CONCURRENCY: '0',
    LOG_LEVEL: 'loud',
    LOG_PRETTY: 'yes',
  }
  for (const [name, text] of Object.entries(wrong)) {
    it(`refuse ${name}="${text}", by name`, () => {
      assert.throws(
        () => readSettings(runSettings, { [name]: text }),
        (error) => {
          assert.ok(error instanceof ReconcileError)
          assert.equal(error.reason, 'InvalidConfiguration')
          assert.ok(error.message.startsWith(`${name}: `), error.message)
          return true
        },
      )
    })
  }
  it('name every wrong variable at once', () => {
    assert.throws(
      () => readSettings(runSettings, wrong),
      (error) => {
        assert.ok(error instanceof ReconcileError)
        for (const name of Object.keys(wrong)) assert.ok(error.message.includes(`${name}: `))
        return true
      },
    )
  })
  it('never tell the value of a variable that a schema does not quote', () => {
    const schema = z.object({ PASSWORD: z.string().max(3, 'is too long') })
    assert.throws(() => readSettings(schema, { PASSWORD: 'hunter2' }), { message: 'PASSWORD: is too long' })
  })
})

describe('settings fit to be logged', () => {
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    ['KAFKA_PASSWORD', 'hunter2', '[redacted]'],
    ['API_TOKEN', 'hunter2', '[redacted]'],
    ['CLIENT_SECRET', 'hunter2', '[redacted]'],
    ['KAFKA_PASSWORD_FILE', '/run/password', '/run/password'],
    ['ELASTICSEARCH_URL', 'https://me:hunter2@search:9200', 'https://[redacted]@search:9200'],
    ['ELASTICSEARCH_URL', 'https://search:9200', 'https://search:9200'],
    ['HTTP_PORT', 8080, 8080],
  ]
  for (const [name, value, shown] of cases) {
    it(`show ${name} as ${String(shown)}`, () =>
      assert.deepEqual(redactSettings({ [name]: value }), { [name]: shown }))
  }
})
