import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { fieldsOf, listOf } from '../../src/environments/manifest.ts'
import { installKubernetes } from '../../src/stack/kubernetes-install.ts'
import { projectFile } from '../../src/stack/project.ts'
import { testLaunch, testPlaces } from '../support/places.ts'

const signal = AbortSignal.timeout(540_000)

let directory: string
let kubectl: string
let copies = 0

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'infometis-validate-'))
  ;({ kubectl } = await installKubernetes({ places: testPlaces(), launch: testLaunch(), signal }))
})

after(async () => rm(directory, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: readonly string[]
  readonly err: string
}

/** A command in a process of its own, with the kubectl under test on its PATH and nothing of the user's. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  path = dirname(kubectl),
): Promise<Ended> {
  const env = { PATH: `${path}:/usr/bin:/bin`, HOME: directory, INFOMETIS_CACHE: join(directory, 'cache') }
  const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out: out.split('\n').filter((each) => each !== ''), err }
}

async function validate(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return run(process.execPath, [projectFile('src', 'main.ts'), 'validate', ...args], cwd)
}

/** A repository with what is shipped, to break. */
async function repository(): Promise<Repository> {
  copies += 1
  const root = join(directory, `repository-${copies}`)
  for (const folder of ['deploy', 'environments']) {
    await cp(projectFile(folder), join(root, folder), { recursive: true })
  }
  return new Repository(root)
}

class Repository {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** Replaces in a file; what changes nothing would prove nothing. */
  async change(file: string, from: string | RegExp, to: string): Promise<void> {
    const path = join(this.root, file)
    const before = await readFile(path, 'utf8')
    const changed = before.replace(from, to)
    assert.notEqual(changed, before, `${file} has no ${String(from)}`)
    await writeFile(path, changed)
  }

  /** A further object, named in the kustomization of its folder. */
  async add(folder: string, name: string, content: string): Promise<void> {
    await mkdir(join(this.root, folder), { recursive: true })
    await writeFile(join(this.root, folder, name), content)
    await this.change(`${folder}/kustomization.yaml`, /^resources:\n/m, `resources:\n  - ${name}\n`)
  }

  /** The line of the first text of a file that has it. */
  async lineOf(file: string, words: string): Promise<number> {
    const content = await readFile(join(this.root, file), 'utf8')
    assert.ok(content.includes(words), `${file} has no ${words}`)
    return content.slice(0, content.indexOf(words)).split('\n').length
  }
}

/** A fault put into the repository, and the one line that says so: `file:line: rest`. */
interface Seed {
  readonly what: string
  readonly put: (repository: Repository) => Promise<void>
  readonly file: string
  /** Words in the line of the file; none where the environment's folder is named. */
  readonly at?: string
  readonly says: RegExp
}

const change = (file: string, from: string | RegExp, to: string) => async (repository: Repository) =>
  repository.change(file, from, to)
const add = (folder: string, name: string, content: string) => async (repository: Repository) =>
  repository.add(folder, name, content)

const services = 'deploy/services'
const all = String.raw`\(dev, prod-independent, prod-shared, uat\)$`

const seeds: readonly Seed[] = [
  {
    what: 'a typo in a field of a file that all share',
    put: change(
      `${services}/kafka/stateful-set.yaml`,
      'terminationGracePeriodSeconds',
      'terminationGracePeriodSecs',
    ),
    file: `${services}/kafka/stateful-set.yaml`,
    at: 'terminationGracePeriodSecs',
    says: new RegExp(
      `^StatefulSet/kafka: spec.template.spec.terminationGracePeriodSecs: there is no such field; did you mean terminationGracePeriodSeconds\\? ${all}`,
    ),
  },
  {
    what: 'text where a number must be',
    put: change(`${services}/grafana/service.yaml`, 'port: 3000', 'port: "3000"'),
    file: `${services}/grafana/service.yaml`,
    at: 'port: "3000"',
    says: /^Service\/grafana: spec.ports\[http\].port: must be a whole number and is the text "3000"/,
  },
  {
    what: 'a size with a unit that there is not',
    put: change('environments/prod-shared/stack/services/size.yaml', 'memory: 4Gi}\n', 'memory: 4GiB}\n'),
    file: 'environments/prod-shared/stack/services/size.yaml',
    at: 'memory: 4GiB',
    says: /^StatefulSet\/elasticsearch: .*resources.requests.memory: is the text "4GiB", which is no size such as 500m or 2Gi$/,
  },
  {
    what: 'a Flux duration that is none',
    put: change('environments/base/flux/operator.yaml', 'interval: 10m', 'interval: ten minutes'),
    file: 'environments/base/flux/operator.yaml',
    at: 'interval: ten minutes',
    says: /^Kustomization\/infometis-operator: spec.interval: is the text "ten minutes", which is not of the form/,
  },
  {
    what: 'a desired topic that no broker could make',
    put: change('environments/dev/desired/kafka/topics.yaml', /partitions: 1\b/, 'partitions: 0'),
    file: 'environments/dev/desired/kafka/topics.yaml',
    at: 'partitions: 0',
    says: /partitions: /,
  },
  {
    what: 'a summary of the reconciler’s that somebody copied into Git',
    put: change(
      'environments/dev/desired/kafka/topics.yaml',
      /infometis\.io\/extends: .*/,
      '$&\n    infometis.io/ready: "True"',
    ),
    file: 'environments/dev/desired/kafka/topics.yaml',
    at: 'infometis.io/ready',
    says: /metadata\.annotations\.infometis\.io\/ready: is the reconciler’s word.*take it out of Git/,
  },
  {
    what: 'another image in one environment',
    put: async (repository) => {
      const file = 'environments/uat/stack/services/kustomization.yaml'
      await repository.change(file, /$/, '\nimages:\n  - {name: apache/kafka, newTag: 4.3.0}\n')
    },
    file: `${services}/kafka/stateful-set.yaml`,
    at: 'image: apache/kafka',
    says: /^StatefulSet\/kafka: spec.template.spec.containers\[kafka\].image: is "apache\/kafka:4.3.0" in uat and "apache\/kafka:4.3.1" in .*replicas, resources and storage only \(uat\)$/,
  },
  {
    what: 'an image without a version',
    put: change(
      `${services}/prometheus/stateful-set.yaml`,
      /image: prom\/prometheus:\S+/,
      'image: prom/prometheus',
    ),
    file: `${services}/prometheus/stateful-set.yaml`,
    at: 'image: prom/prometheus',
    says: /^StatefulSet\/prometheus: .*containers\[prometheus\].image: prom\/prometheus has no tag, which means latest: name a version/,
  },
  {
    what: 'a container without limits',
    put: change(
      'deploy/base/deployment.yaml',
      /limits:\n\s+cpu: "1"\n\s+memory: 256Mi\n/,
      'limits:\n              cpu: "1"\n',
    ),
    file: 'deploy/base/deployment.yaml',
    at: 'limits:',
    says: /^Deployment\/infometis-(kafka|elasticsearch|nifi|grafana): .*resources.limits.memory: is missing: a quota of the namespace would refuse the pod/,
  },
  {
    what: 'a Secret in the clear',
    put: add(
      'environments/uat/border',
      'users.yaml',
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: more-users\nstringData:\n  users: "anna:hunter2"\n',
    ),
    file: 'environments/uat/border/users.yaml',
    at: 'users: "anna',
    says: /^Secret\/more-users: stringData.users: stands in Git for everybody to read: encrypt it with SOPS/,
  },
  {
    what: 'a route to a Service that there is not',
    put: change('environments/base/border/services.yaml', 'http://grafana:3000', 'http://grafanaa:3000'),
    file: 'environments/base/border/services.yaml',
    at: 'http://grafanaa:3000',
    says: /^ConfigMap\/traefik-routes: data\["services.yaml"\]: http.services.grafana.loadBalancer.servers\[0\]: there is no Service grafanaa in this environment; did you mean grafana\? \(dev, prod-independent, uat\)$/,
  },
  {
    what: 'a route to a port that there is not',
    put: change('environments/prod-shared/border/routes.yaml', 'port: 9090', 'port: 9099'),
    file: 'environments/prod-shared/border/routes.yaml',
    at: '- name: prometheus\n',
    says: /^IngressRoute\/prometheus: spec.routes\[0\].services\[prometheus\]: Service prometheus has no port 9099; there are 9090$/,
  },
  {
    what: 'a route that lets anybody in',
    put: change('environments/uat/border/routes.yaml', 'middlewares: [border]', 'middlewares: []'),
    file: 'environments/uat/border/routes.yaml',
    at: 'nifi:',
    says: /^ConfigMap\/traefik-routes: data\["routes.yaml"\]: http.routers.nifi: router nifi lets anybody in: give it a middleware with basicAuth/,
  },
  {
    what: 'a route in the clear',
    put: change(
      'environments/prod-shared/border/routes.yaml',
      /  tls:\n    secretName: border-certificate\n    options:\n      name: border\n---/,
      '---',
    ),
    file: 'environments/prod-shared/border/routes.yaml',
    at: '- kind: Rule',
    says: /^IngressRoute\/nifi: spec.routes\[0\]: IngressRoute\/nifi is in the clear: give it tls, or say infometis.io\/border: plain/,
  },
  {
    what: 'a LoadBalancer in a given namespace',
    put: add(
      'environments/prod-shared/border',
      'door.yaml',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: door\nspec:\n  type: LoadBalancer\n  selector:\n    app.kubernetes.io/name: grafana\n  ports:\n    - port: 80\n      targetPort: http\n',
    ),
    file: 'environments/prod-shared/border/door.yaml',
    at: 'type: LoadBalancer',
    says: /^Service\/door: spec.type: is LoadBalancer, but in a given namespace the border is the platform’s/,
  },
  {
    what: 'a quota in a given namespace',
    put: add(
      'environments/prod-shared/border',
      'quota.yaml',
      'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: quota\nspec:\n  hard:\n    pods: "10"\n',
    ),
    file: 'environments/prod-shared/border/quota.yaml',
    at: 'kind: ResourceQuota',
    says: /^ResourceQuota\/quota: kind: ResourceQuota is for whoever owns the namespace/,
  },
  {
    what: 'an object of the whole cluster',
    put: add(
      'environments/dev/border',
      'cluster.yaml',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: all\nrules: []\n',
    ),
    file: 'environments/dev/border/cluster.yaml',
    at: 'kind: ClusterRole',
    says: /^ClusterRole\/all: kind: ClusterRole is an object of the whole cluster: use one of a namespace/,
  },
  {
    what: 'a privileged container, by a patch in a kustomization',
    put: async (repository) => {
      const file = 'environments/prod-independent/border/kustomization.yaml'
      const patch = [
        'patches:',
        '  - target: {kind: Deployment, name: traefik}',
        '    patch: |',
        '      - op: add',
        '        path: /spec/template/spec/containers/0/securityContext/privileged',
        '        value: true',
      ]
      await repository.change(file, /$/, `\n${patch.join('\n')}\n`)
    },
    file: 'environments/prod-independent/border/kustomization.yaml',
    at: '        value: true',
    says: /^Deployment\/traefik: .*containers\[traefik\].securityContext.privileged: gives the container the whole node: leave it out$/,
  },
  {
    what: 'a root that can be written',
    put: change(
      `${services}/nifi/stateful-set.yaml`,
      /readOnlyRootFilesystem: true(?![^]*readOnlyRootFilesystem)/,
      'readOnlyRootFilesystem: false',
    ),
    file: `${services}/nifi/stateful-set.yaml`,
    at: 'readOnlyRootFilesystem: false',
    says: /^StatefulSet\/nifi: .*readOnlyRootFilesystem: must be true: mount an emptyDir where the container writes/,
  },
  {
    what: 'a service account that there is not',
    put: change(
      `${services}/elasticsearch/stateful-set.yaml`,
      'serviceAccountName: elasticsearch',
      'serviceAccountName: elastic',
    ),
    file: `${services}/elasticsearch/stateful-set.yaml`,
    at: 'serviceAccountName: elastic',
    says: /^StatefulSet\/elasticsearch: spec.template.spec.serviceAccountName: there is no ServiceAccount\/elastic in this environment/,
  },
  {
    what: 'a Secret that nobody is said to bring',
    put: change('environments/uat/border/kustomization.yaml', 'Secret/border-users, ', ''),
    file: 'environments/base/border/tls/deployment.yaml',
    at: '{name: border-users}',
    says: /^Deployment\/traefik: .*secret.name: there is no Secret\/border-users in this environment.*: add it, or name it in the annotation infometis.io\/expects where others bring it \(uat\)$/,
  },
  {
    what: 'a Service for pods that there are not',
    put: change(
      'environments/prod-shared/border/door.yaml',
      'app.kubernetes.io/name: grafana',
      'app.kubernetes.io/name: graph',
    ),
    file: 'environments/prod-shared/border/door.yaml',
    at: 'selector:',
    says: /^Service\/door: spec.selector: finds no pods of this environment/,
  },
  {
    what: 'REPLICAS that do not follow the replicas',
    put: change(
      'environments/uat/stack/services/size.yaml',
      '{name: REPLICAS, value: "3"}',
      '{name: REPLICAS, value: "1"}',
    ),
    file: 'environments/uat/stack/services/size.yaml',
    at: 'REPLICAS, value: "1"',
    says: /^StatefulSet\/kafka: .*env\[REPLICAS\].value: must be "3", as spec.replicas is/,
  },
  {
    what: 'Flux at the folder of another environment',
    put: change('environments/uat/flux/paths.yaml', './environments/uat/border', './environments/dev/border'),
    file: 'environments/uat/flux/paths.yaml',
    at: './environments/dev/border',
    says: /^Kustomization\/infometis-border: spec.path: leads into another environment than uat$/,
  },
  {
    what: 'Flux at a folder that there is not',
    put: change(
      'environments/dev/flux/paths.yaml',
      './environments/dev/stack/operator',
      './environments/dev/operator',
    ),
    file: 'environments/dev/flux/paths.yaml',
    at: './environments/dev/operator',
    says: /^Kustomization\/infometis-operator: spec.path: there is no folder .\/environments\/dev\/operator with a kustomization in the repository$/,
  },
  {
    what: 'Flux waiting for what there is not',
    put: change(
      'environments/base/flux/desired.yaml',
      '- name: infometis-operator',
      '- name: infometis-operators',
    ),
    file: 'environments/base/flux/desired.yaml',
    at: '- name: infometis-operators',
    says: new RegExp(
      `^Kustomization/infometis-desired: spec.dependsOn\\[infometis-operators\\]: there is no Kustomization infometis-operators; there are .* ${all}`,
    ),
  },
  {
    what: 'Flux at another namespace',
    put: change(
      'environments/prod-shared/flux/paths.yaml',
      'targetNamespace: data-platform',
      'targetNamespace: data',
    ),
    file: 'environments/prod-shared/flux/paths.yaml',
    at: 'targetNamespace: data\n',
    says: /^Kustomization\/infometis-services: spec.targetNamespace: must be data-platform, as `namespace:`/,
  },
]

const bundle = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.unknown()),
      imports: z.array(z.object({ path: z.string(), kind: z.string() })),
    }),
  ),
})

describe('infometis validate environments', () => {
  it('finds nothing wrong with what is shipped, and says what it looked at', async () => {
    const { root } = await repository()
    const started = performance.now()
    const { code, out, err } = await validate(root, 'environments')
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    assert.deepEqual(out, [])
    assert.equal(code, 0, err)
    for (const name of ['dev', 'uat', 'prod-independent', 'prod-shared']) {
      assert.match(
        err,
        new RegExp(`^environments/${name}: \\d+ objects, \\d+ entries in \\d+ documents: valid$`, 'm'),
      )
    }
    process.stdout.write(`# four environments checked in ${seconds} s\n`)
  })

  it('checks one environment alone, and names it as it was named', async () => {
    const { root } = await repository()
    const { code, err } = await validate(join(root, 'environments'), 'uat')
    assert.equal(code, 0, err)
    assert.match(err, /^uat: [^\n]*valid\n$/)
  })

  describe('with many faults at once', () => {
    let repo: Repository
    let found: Ended

    before(async () => {
      repo = await repository()
      for (const { put } of seeds) await put(repo)
      found = await validate(repo.root, 'environments')
    })

    it('ends with 2', () => assert.equal(found.code, 2, found.err))

    for (const { what, file, at, says } of seeds) {
      it(`finds ${what}, its place and the way out`, async () => {
        const place = at === undefined ? file : `${file}:${await repo.lineOf(file, at)}`
        const lines = found.out.filter(
          (each) => each.startsWith(`${place}: `) && says.test(each.slice(place.length + 2)),
        )
        assert.ok(lines.length > 0, `${place}: ${String(says)} is not among\n${found.out.join('\n')}`)
      })
    }

    it('says nothing else', () => {
      const others = found.out.filter(
        (each) =>
          !seeds.some(({ file, says }) => each.startsWith(file) && says.test(each.replace(/^[^ ]+ /, ''))),
      )
      assert.deepEqual(others, [])
    })

    it('says how many of them each environment has', () => {
      assert.match(found.err, /^environments\/dev: .*: \d+ problems$/m)
      assert.match(found.err, /^environments\/prod-shared: .*: \d+ problems$/m)
    })

    it('prints no value of a Secret', () => assert.ok(!`${found.out.join()}${found.err}`.includes('hunter2')))
  })

  const whole: readonly (Seed & { readonly only?: boolean })[] = [
    {
      what: 'a key that stands twice',
      put: change('environments/uat/stack/services/size.yaml', /spec:\n/, 'spec:\n  replicas: 5\n'),
      file: 'environments/uat/stack/services/size.yaml',
      at: 'replicas: 3',
      says: /^Map keys must be unique$/,
    },
    {
      what: 'YAML that is none',
      put: change('environments/uat/border/kustomization.yaml', /^resources:/m, 'resources: ['),
      file: 'environments/uat/border/kustomization.yaml',
      says: /./,
    },
    {
      what: 'a file that there is not',
      put: change(
        'environments/uat/stack/services/kustomization.yaml',
        'path: size.yaml',
        'path: sizes.yaml',
      ),
      file: 'environments/uat',
      says: /^kustomize cannot render it: .*sizes\.yaml/,
    },
    {
      what: 'something to be fetched',
      put: change(
        'environments/uat/border/kustomization.yaml',
        /^resources:\n/m,
        'resources:\n  - https://git.example.org/team/repository//deploy?ref=main\n',
      ),
      file: 'environments/uat/border/kustomization.yaml',
      at: 'https://git.example.org',
      says: /^https:.* would have to be fetched: validate reaches no network.*copy it into the repository$/,
    },
  ]
  for (const { what, put, file, at, says } of whole) {
    it(`finds ${what} before anything else`, async () => {
      const repo = await repository()
      await put(repo)
      const { code, out, err } = await validate(repo.root, 'environments/uat')
      assert.equal(code, 2, err)
      const place = at === undefined ? file : `${file}:${await repo.lineOf(file, at)}`
      const [first = ''] = out
      assert.ok(first.startsWith(place), `${place} is not the place of ${out.join('\n')}`)
      assert.match(first.slice(first.indexOf(': ') + 2), says)
      assert.ok(
        out.every((each) => each.startsWith(file)),
        out.join('\n'),
      )
    })
  }

  it('finds two environments in one namespace', async () => {
    const repo = await repository()
    await repo.change(
      'environments/prod-independent/kustomization.yaml',
      'namespace: infometis-prod',
      'namespace: infometis-uat',
    )
    const { code, out } = await validate(repo.root, 'environments')
    assert.equal(code, 2)
    assert.ok(
      out.some((each) => /namespace infometis-uat is that of prod-independent, too/.test(each)),
      out.join('\n'),
    )
    const others = out.filter(
      (each) => !/namespace infometis-uat|spec.targetNamespace: must be infometis-uat/.test(each),
    )
    assert.deepEqual(others, [])
  })

  it('takes a kind without a schema for a problem only when it is told to', async () => {
    const repo = await repository()
    const thing = 'apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: thing\n'
    await repo.add('environments/dev/border', 'thing.yaml', thing)
    const lenient = await validate(repo.root, 'environments/dev')
    assert.equal(lenient.code, 0)
    assert.match(lenient.err, /without a schema and not checked: example\.com\/v1 Thing/)
    const strict = await validate(repo.root, '--strict', 'environments/dev')
    assert.equal(strict.code, 2)
    assert.deepEqual(strict.out, [
      'environments/dev/border/thing.yaml:1: Thing/thing: there is no schema of example.com/v1 Thing here, so it was not checked',
    ])
  })

  it('prints JSON for programs', async () => {
    const repo = await repository()
    await repo.change('environments/uat/border/routes.yaml', 'middlewares: [border]', 'middlewares: []')
    const { code, out } = await validate(repo.root, '-o', 'json', 'environments/uat')
    assert.equal(code, 2)
    const problem = z.object({
      file: z.literal('environments/uat/border/routes.yaml'),
      line: z.number(),
      path: z.string(),
      message: z.string(),
      code: z.literal('BorderProtected'),
      environments: z.tuple([z.literal('uat')]),
    })
    const environment = z.object({ name: z.literal('uat'), objects: z.number(), problems: z.literal(1) })
    z.object({
      valid: z.literal(false),
      environments: z.tuple([environment]),
      problems: z.tuple([problem]),
    }).parse(JSON.parse(out.join('\n')))
  })

  it('says what to do where nothing can render', async () => {
    const { root } = await repository()
    // Nothing of the machine: Node is called by its path.
    const env = {
      PATH: join(directory, 'nothing'),
      HOME: directory,
      INFOMETIS_CACHE: join(directory, 'cache'),
    }
    const child = spawn(process.execPath, [projectFile('src', 'main.ts'), 'validate', 'environments'], {
      cwd: root,
      env,
      signal,
    })
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    const err = await text(child.stderr)
    assert.equal(await code, 1)
    assert.match(
      err,
      /neither kustomize nor kubectl on the PATH: install one of them, or run `infometis up` once/,
    )
  })

  it('uses the kubectl of the local stack where there is no other', async () => {
    const { root } = await repository()
    const places = testPlaces()
    const env = {
      PATH: join(directory, 'nothing'),
      HOME: directory,
      INFOMETIS_CACHE: places.cache,
      KUBEBUILDER_ASSETS: dirname(kubectl),
    }
    const child = spawn(process.execPath, [projectFile('src', 'main.ts'), 'validate', 'environments/dev'], {
      cwd: root,
      env,
      signal,
    })
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [err] = await Promise.all([text(child.stderr), text(child.stdout)])
    assert.equal(await code, 0, err)
  })

  it('calls kustomize itself where that is on the PATH', async () => {
    const { root } = await repository()
    const bin = join(directory, 'bin')
    await mkdir(bin)
    // There is no kustomize here; kubectl's is the same program under another command.
    await writeFile(
      join(bin, 'kustomize'),
      `#!/bin/sh\ntest "$1" = build && shift\nexec ${kubectl} kustomize "$@"\n`,
    )
    await chmod(join(bin, 'kustomize'), 0o755)
    const { code, err } = await run(
      process.execPath,
      [projectFile('src', 'main.ts'), 'validate', 'environments/dev'],
      root,
      bin,
    )
    assert.equal(code, 0, err)
  })

  for (const [args, words] of [
    [[], /name a directory with environments, or desired documents with -f/],
    [['nowhere'], /nowhere: no such directory/],
    [['environments/dev/desired'], /no environment in it .*infometis validate -f environments\/dev\/desired/],
  ] as const) {
    it(`ends with 1 for \`validate ${args.join(' ')}\``, async () => {
      const { root } = await repository()
      const { code, err } = await validate(root, ...args)
      assert.equal(code, 1)
      assert.match(err, words)
    })
  }
})

describe('what a team checks with before it merges', () => {
  it('is a hook for pre-commit whose command works in their repository', async () => {
    const [hook, ...others] = listOf(
      parse(await readFile(projectFile('.pre-commit-hooks.yaml'), 'utf8')),
    ).map(fieldsOf)
    assert.deepEqual(others, [])
    const { entry, args, language, files, pass_filenames: names } = fieldsOf(hook)
    assert.equal(language, 'script')
    assert.equal(names, false)
    const pattern = new RegExp(String(files))
    assert.ok(
      ['environments/dev/kustomization.yaml', 'deploy/kafka/kustomization.yaml'].every((each) =>
        pattern.test(each),
      ),
    )
    assert.ok(!pattern.test('README.md'))
    const repo = await repository()
    const words = listOf(args).map(String)
    const command = projectFile(...String(entry).split('/'))
    const path = `${dirname(kubectl)}:${dirname(process.execPath)}`
    const good = await run(command, [...String(entry).split(' ').slice(1), ...words], repo.root, path)
    assert.equal(good.code, 0, good.err)
    await repo.change('environments/uat/border/routes.yaml', 'middlewares: [border]', 'middlewares: []')
    const bad = await run(command, words, repo.root, path)
    assert.equal(bad.code, 2, bad.err)
  })

  it('is in the bundle, where no reconciler loads it', async () => {
    const built = await run(
      projectFile('src', 'bootstrap.mjs'),
      ['--version'],
      directory,
      dirname(process.execPath),
    )
    assert.equal(built.code, 0, built.err)
    const { outputs } = bundle.parse(JSON.parse(await readFile(projectFile('dist', 'meta.json'), 'utf8')))
    const withInput = (words: string): readonly string[] =>
      Object.keys(outputs).filter((name) =>
        Object.keys(outputs[name]?.inputs ?? {}).some((file) => file.includes(words)),
      )
    // What is loaded at once together with a file; what it imports later, when it is needed, is not.
    const loaded = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
      if (seen.has(name)) return seen
      seen.add(name)
      for (const { path, kind } of outputs[name]?.imports ?? [])
        if (kind === 'import-statement') loaded(path, seen)
      return seen
    }
    const running = new Set(
      ['dist/main.mjs', ...withInput('src/cli/run.ts')].flatMap((name) => [...loaded(name)]),
    )
    const ours = ['node_modules/ajv/', 'src/environments/schemas/kubernetes.json'].map(withInput)
    for (const names of ours) {
      assert.ok(names.length > 0)
      assert.deepEqual(
        names.filter((name) => running.has(name)),
        [],
      )
    }
  })

  it('is a workflow whose commands work in their repository', async () => {
    const workflow = fieldsOf(
      parse(await readFile(projectFile('docs', 'examples', 'pull-request.yaml'), 'utf8')),
    )
    const jobs = Object.values(fieldsOf(workflow['jobs'])).map(fieldsOf)
    const steps = jobs.flatMap(({ steps: each }) => listOf(each)).map(fieldsOf)
    const commands = steps.flatMap(({ run: each }) => (typeof each === 'string' ? [each] : []))
    assert.ok(commands.some((each) => each.includes('validate')))
    // Where the second checkout puts InfoMetis.
    const [place] = steps.flatMap(
      ({ with: each }) => z.object({ path: z.string() }).safeParse(each).data ?? [],
    )
    assert.ok(place !== undefined)
    const repo = await repository()
    await symlink(projectFile(), join(repo.root, place.path))
    const path = `${dirname(kubectl)}:${dirname(process.execPath)}`
    for (const command of commands) {
      const { code, err } = await run('bash', ['-ec', command], repo.root, path)
      assert.equal(code, 0, err)
    }
  })
})
