import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sidecar } from './sidecar.ts'

describe('a file of the sidecar’s ConfigMaps', () => {
  const cases: readonly (readonly [string, Parameters<typeof sidecar.entry>[0], unknown])[] = [
    [
      'is the dashboard of its own uid',
      { key: 'node.json', content: { uid: 'abc', title: 'Nodes' }, annotations: {} },
      { name: 'abc', value: {} },
    ],
    [
      'has the uid of the wrapper’s dashboard, and of the object’s metadata',
      { key: 'node.json', content: { metadata: { name: 'm' }, dashboard: { uid: 'd' } }, annotations: {} },
      { name: 'm', value: {} },
    ],
    [
      'without a uid of its own is named by its file',
      { key: 'Node Exporter – Full.json', content: { title: 'Nodes', uid: null }, annotations: {} },
      { name: 'node-exporter-full', value: {} },
    ],
    [
      'that cannot be read is named by its file',
      { key: 'Über_uns.JSON', content: undefined, annotations: {} },
      { name: 'uber_uns', value: {} },
    ],
    [
      'is in the folder of grafana_folder, whose uid its title gives',
      { key: 'a.json', content: {}, annotations: { grafana_folder: 'Kafka & Co' } },
      { name: 'a', value: { folder: 'kafka-co' } },
    ],
    [
      'is in the folder of the last directory of k8s-sidecar-target-directory',
      {
        key: 'a.json',
        content: {},
        annotations: { 'k8s-sidecar-target-directory': '/tmp/dashboards/Infra/' },
      },
      { name: 'a', value: { folder: 'infra' } },
    ],
    [
      'in General is at the top',
      { key: 'a.json', content: {}, annotations: { grafana_folder: 'General' } },
      { name: 'a', value: {} },
    ],
  ]
  for (const [says, file, entry] of cases) it(says, () => assert.deepEqual(sidecar.entry(file), entry))

  it('that names an address is refused: Git would not say what is applied', () => {
    const entry = sidecar.entry({ key: 'a.url', content: undefined, annotations: {} })
    assert.ok('message' in entry)
    assert.match(entry.message, /put the dashboard itself here/)
  })
})
