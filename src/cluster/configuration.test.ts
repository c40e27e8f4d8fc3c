import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { fieldsOf, listOf, valueAt } from '../environments/manifest.ts'
import { projectFile } from '../stack/project.ts'

const file = (...path: readonly string[]) =>
  parse(readFileSync(projectFile('deploy', 'clusters', ...path), 'utf8')) as unknown

/** Every path to a value in it, without positions in lists. */
function paths(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => paths(each, at))
  if (typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([key, each]) => paths(each, at === '' ? key : `${at}.${key}`))
}

/** Neither program is here, and neither publishes a schema: these are the fields of its documentation that we use. */
describe('the configuration of', () => {
  it('kind has only fields that kind.x-k8s.io/v1alpha4 has', () => {
    const mapping = 'nodes.extraPortMappings'
    assert.deepEqual([...new Set(paths(file('kind.yaml')))].sort(), [
      'apiVersion',
      'kind',
      `${mapping}.containerPort`,
      `${mapping}.hostPort`,
      `${mapping}.listenAddress`,
      `${mapping}.protocol`,
      'nodes.role',
    ])
  })

  it('kind maps the ports that the border gets, and on this machine only', () => {
    const mappings = listOf(valueAt(file('kind.yaml'), ['nodes', 0, 'extraPortMappings'])).map(fieldsOf)
    const patch: unknown = valueAt(file('node-ports', 'kustomization.yaml'), ['patches', 0, 'patch'])
    assert.ok(typeof patch === 'string')
    const ports = listOf(valueAt(parse(patch), ['spec', 'ports'])).map(fieldsOf)
    assert.deepEqual(
      mappings.map(({ containerPort, hostPort }) => ({ port: hostPort, nodePort: containerPort })),
      ports,
    )
    assert.deepEqual(new Set(mappings.map(({ listenAddress }) => listenAddress)), new Set(['127.0.0.1']))
  })

  it('k0s has only fields that its ClusterConfig has, and a default storage class', () => {
    const config = file('k0s.yaml')
    const helm = 'spec.extensions.helm'
    assert.deepEqual([...new Set(paths(config))].sort(), [
      'apiVersion',
      'kind',
      'metadata.name',
      ...['chartname', 'name', 'namespace', 'values', 'version'].map((each) => `${helm}.charts.${each}`),
      ...['name', 'url'].map((each) => `${helm}.repositories.${each}`),
      'spec.telemetry.enabled',
    ])
    const values: unknown = valueAt(config, ['spec', 'extensions', 'helm', 'charts', 0, 'values'])
    assert.ok(typeof values === 'string')
    const path = ['localpv-provisioner', 'hostpathClass', 'isDefaultClass']
    assert.equal(valueAt(parse(values), path), true)
  })
})
