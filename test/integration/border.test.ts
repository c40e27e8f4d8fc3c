import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  fieldsOf,
  listOf,
  type Manifest,
  parseManifests,
  titleOf,
  valueAt,
} from '../../src/environments/manifest.ts'
import { runCommand } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { installKubernetes } from '../../src/stack/kubernetes-install.ts'
import { projectFile } from '../../src/stack/project.ts'
import { type Border, startBorder } from '../support/border.ts'
import { testLaunch, testPlaces } from '../support/places.ts'

const user = { name: 'anna', password: 'not-a-real-one' }
const signedIn = { authorization: `Basic ${btoa(`${user.name}:${user.password}`)}` }

async function render(...parts: readonly string[]): Promise<readonly Manifest[]> {
  const { kubectl } = await installKubernetes({ places: testPlaces(), launch: testLaunch() })
  const args = ['kustomize', projectFile('environments', ...parts)]
  const { code, stdout, stderr } = await runCommand(kubectl, args, { env: {}, deadlineMs: 60_000 })
  assert.equal(code, 0, stderr)
  return parseManifests(stdout)
}

function find(manifests: readonly Manifest[], title: string): Manifest {
  return manifests.find((each) => titleOf(each) === title) ?? assert.fail(`no ${title}`)
}

/** Traefik as the environment starts it, with the environment's routes. */
async function start(environment: string, probe: string, names: readonly string[] = []): Promise<Border> {
  const border = await render(environment, 'border')
  const deployment = find(border, 'Deployment/traefik')
  const args = listOf(valueAt(deployment, ['spec', 'template', 'spec', 'containers', 0, 'args'])).map(String)
  const data = Object.entries(fieldsOf(find(border, 'ConfigMap/traefik-routes')['data']))
  const services = await render(environment, 'stack', 'services')
  const brokers = ['kafka', ...brokersOf(services)].map((name) => `${name}:9094`)
  const addresses = services.filter(({ kind }) => kind === 'Service').flatMap(addressesOf)
  return startBorder({
    routes: Object.fromEntries(data.map(([name, text]) => [name, String(text)])),
    args,
    services: addresses.filter((each) => !brokers.includes(each)),
    brokers,
    names,
    user,
    probe,
  })
}

/** `nifi:8080`: what stands in a route must be the name and the port of a Service that there is. */
function addressesOf({ metadata, spec }: Manifest): readonly string[] {
  return listOf(fieldsOf(spec)['ports']).map((port) => `${metadata.name}:${String(fieldsOf(port)['port'])}`)
}

/** The names that the pods of Kafka have inside. */
function brokersOf(services: readonly Manifest[]): readonly string[] {
  const { replicas, serviceName } = fieldsOf(find(services, 'StatefulSet/kafka')['spec'])
  return Array.from({ length: Number(replicas) }, (_, broker) => `kafka-${broker}.${String(serviceName)}`)
}

describe('the border of dev, on a real Traefik', () => {
  let border: Border
  before(async () => {
    border = await start('dev', 'http://nifi.infometis.localhost/')
  })
  after(async () => border.stop())

  for (const service of ['nifi', 'grafana', 'prometheus', 'elasticsearch']) {
    it(`leads to ${service} in plain HTTP, without a password`, async () => {
      const { status, asked } = await border.get(`http://${service}.infometis.localhost/`)
      assert.equal(status, 200)
      assert.match(asked?.service ?? '', new RegExp(`^${service}:`))
      assert.equal(asked?.headers['x-forwarded-host'], `${service}.infometis.localhost`)
    })
  }

  it('knows no other name', async () => {
    assert.equal((await border.get('http://kafka.infometis.localhost/')).status, 404)
  })
})

for (const [environment, domain] of [
  ['uat', 'uat.example.com'],
  ['prod-independent', 'example.com'],
] as const) {
  describe(`the border of ${environment}, on a real Traefik`, () => {
    const services = ['nifi', 'grafana', 'prometheus'] as const
    const brokers = ['kafka', 'kafka-0', 'kafka-1', 'kafka-2'] as const
    let border: Border
    before(async () => {
      const names = [...services, ...brokers, 'elsewhere'].map((name) => `${name}.${domain}`)
      border = await start(environment, `https://nifi.${domain}/`, names)
    })
    after(async () => border.stop())

    for (const service of services) {
      const url = `https://${service}.${domain}/`

      it(`leads to ${service} with TLS and a password, and keeps the password to itself`, async () => {
        const { status, asked } = await border.get(url, signedIn)
        assert.equal(status, 200)
        assert.match(asked?.service ?? '', new RegExp(`^${service}:`))
        assert.equal(asked?.headers.authorization, undefined)
        assert.equal(asked?.headers['x-forwarded-proto'], 'https')
      })

      it(`does not lead to ${service} without a password or with a wrong one`, async () => {
        const wrong = { authorization: `Basic ${btoa(`${user.name}:guessed`)}` }
        for (const headers of [{}, wrong]) {
          const { status, asked } = await border.get(url, headers)
          assert.deepEqual([status, asked], [401, undefined])
        }
      })

      it(`sends whoever comes to ${service} without TLS to where it is, and asks no service`, async () => {
        const { status, headers, asked } = await border.get(url.replace('https', 'http'), signedIn)
        assert.deepEqual([status, asked], [301, undefined])
        assert.equal(headers.location, url)
      })
    }

    it('does not lead to Elasticsearch, nor to a name without a route', async () => {
      assert.equal((await border.get(`https://elsewhere.${domain}/`, signedIn)).status, 404)
      await assert.rejects(border.get(`https://elasticsearch.${domain}/`, signedIn))
    })

    it('shows no certificate of its own making for a name that the certificate does not have', async () => {
      await assert.rejects(border.get('https://elsewhere.example.org/', signedIn), /unrecognized name/i)
    })

    for (const broker of brokers) {
      it(`leads clients of Kafka to ${broker} by its name, and only those with a certificate`, async () => {
        const name = `${broker}.${domain}`
        assert.match(await border.greet(name, 'known'), new RegExp(`^${broker}(\\.kafka-brokers)?:9094$`))
        for (const client of ['none', 'stranger'] as const) await assert.rejects(border.greet(name, client))
      })
    }

    it('shows a renewed certificate without a restart', async () => {
      const url = `https://nifi.${domain}/`
      const before = (await border.get(url, signedIn)).serial
      await border.renewCertificate()
      await waitUntil(async () => (await border.get(url, signedIn)).serial !== before, {
        what: 'the renewed certificate',
        deadlineMs: 15_000,
        everyMs: 200,
      })
    })

    const strict = environment === 'prod-independent'
    it(strict ? 'tells browsers to be strict' : 'leaves strict headers to production', async () => {
      const { headers } = await border.get(`https://nifi.${domain}/`, signedIn)
      assert.equal(headers['strict-transport-security'] !== undefined, strict)
      assert.equal(headers['x-content-type-options'], strict ? 'nosniff' : undefined)
      assert.equal(headers['x-frame-options'], strict ? 'SAMEORIGIN' : undefined)
    })

    it(strict ? 'slows down whoever tries passwords' : 'lets a test ask as often as it likes', async () => {
      const url = `https://nifi.${domain}/`
      const statuses = new Set(await border.ask(url, 400))
      // A machine that is busy may be slower than the limit; nobody is for long.
      for (let round = 0; strict && round < 10 && !statuses.has(429); round += 1)
        for (const status of await border.ask(url, 1_000)) statuses.add(status)
      assert.deepEqual([...statuses].sort(), strict ? [401, 429] : [401])
    })
  })
}
