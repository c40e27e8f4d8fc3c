import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { profiles, type ProfileName } from '../../reconcilers/grafana/fake-profile.ts'
import { FakeGrafana } from '../../reconcilers/grafana/fake.ts'
import { answers } from './grafana-answers.ts'
import { absent, converse } from './grafana-talk.ts'

for (const profile of Object.keys(profiles) as ProfileName[]) {
  describe(`the fake ${profile} gives the answers that are known of Grafana`, () => {
    for (const [name, conversation] of Object.entries(answers)) {
      if (conversation.profiles?.includes(profile) === false) continue
      void it(`${name} (${conversation.source})`, async () => {
        const grafana = new FakeGrafana({ profile })
        let asked = 0
        await converse(
          async (...request) => {
            asked += 1
            return grafana.ask(...request)
          },
          profile,
          conversation,
        )
        assert.ok(asked >= conversation.exchanges.length)
      })
    }
  })
}

describe('what compares answers', () => {
  void it('sees another status, another value, and a member that should not be there', async () => {
    const grafana = new FakeGrafana()
    const exchange = { method: 'GET', path: '/api/org', status: 200 } as const
    const talk = async (expected: object): Promise<void> =>
      converse(async (...request) => grafana.ask(...request), '13.3', {
        source: 'none',
        exchanges: [{ ...exchange, ...expected }],
      })
    await talk({ says: { id: 1, name: /^Main/, nothing: absent } })
    const wrong = [
      { status: 404 },
      { says: { id: 2 } },
      { says: { id: absent } },
      { says: { name: /^Other/ } },
    ]
    for (const expected of [...wrong, { says: { nothing: [] } }])
      await assert.rejects(talk(expected), /GET \/api\/org/)
  })
})
