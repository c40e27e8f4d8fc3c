import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noGrafana, realGrafana } from '../support/grafana.ts'
import { answers } from './grafana-answers.ts'
import { converse, profileOf } from './grafana-talk.ts'

const grafana = await realGrafana()

if (grafana === undefined)
  void it(`a real Grafana answers as the fake does (skipped: ${noGrafana})`, { skip: noGrafana })
else {
  const { ask } = grafana
  const { body } = await ask('GET', '/api/health')
  const profile = profileOf(body)
  describe(`a real Grafana answers as the fake ${profile} does`, { concurrency: 1 }, () => {
    for (const [name, conversation] of Object.entries(answers)) {
      if (conversation.profiles?.includes(profile) === false) continue
      void it(`${name} (${conversation.source})`, async () => {
        await converse(ask, profile, conversation)
        assert.ok(conversation.exchanges.length > 0)
      })
    }
  })
}
