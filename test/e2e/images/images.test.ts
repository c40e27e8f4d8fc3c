import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import pkg from '../../../package.json' with { type: 'json' }
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { runCommand, type CommandResult } from '../../../src/stack/command.ts'
import { waitUntil } from '../../../src/stack/deadline.ts'
import { processesMarked } from '../../../src/stack/process-identity.ts'
import { projectFile } from '../../../src/stack/project.ts'
import { inOwnDirectory } from '../../support/own-directory.ts'
import { testLaunch, testPlaces } from '../../support/places.ts'
import { superuserPath } from '../cluster/packages.ts'
import { isRootOnLinux, whySkipped } from '../support/root.ts'
import { type Image, readImage } from './image-archive.ts'
import { appImage, nextAppImage, serviceImages } from './images.ts'
import { isolation, run } from './isolated.ts'
import { removeOthers } from './layer.ts'

const options: InstallOptions = {
  places: testPlaces(),
  launch: testLaunch(),
  say: (line) => console.log(`# ${line}`),
}

it('the Dockerfile gives the image the version of package.json', async () => {
  const text = await readFile(projectFile('Dockerfile'), 'utf8')
  assert.equal(/^ARG VERSION=(.*)$/m.exec(text)?.[1], pkg.version)
})

describe(`the image of the reconcilers${whySkipped}`, { skip: !isRootOnLinux }, () => {
  let image: Image
  let root: string
  let close: () => Promise<void>

  before(async () => {
    const opened = await inOwnDirectory('image', async ({ directory }, clean) => {
      const work = { options, temporary: join(directory, 'work') }
      const found = await readImage(await appImage(options), join(directory, 'parts'), work)
      const target = join(directory, 'root')
      await mkdir(target)
      for (const { file } of found.layers)
        await run('tar', ['--extract', '--file', file, '--directory', target], work)
      return { image: found, root: target, close: clean }
    })
    ;({ image, root, close } = opened)
  })
  after(async () => close())

  /** Runs the image as Kubernetes would: its own user, a root that nobody can write, no right of the superuser. */
  async function inside(...args: readonly string[]): Promise<CommandResult> {
    const { User, Entrypoint = [], WorkingDir = '/', Env = [] } = image.config
    const [uid, gid] = (User ?? '').split(':').map(Number)
    const bundle = join(root, '..', `bundle-${crypto.randomUUID().slice(0, 8)}`)
    const environments = projectFile('environments')
    const spec = {
      ociVersion: '1.0.2',
      process: {
        user: { uid, gid },
        args: [...Entrypoint, ...args],
        env: Env,
        cwd: WorkingDir,
        noNewPrivileges: true,
        capabilities: {},
      },
      root: { path: root, readonly: true },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/environments', type: 'bind', source: environments, options: ['rbind', 'ro'] },
      ],
      linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
    }
    await mkdir(bundle)
    await writeFile(join(bundle, 'config.json'), JSON.stringify(spec))
    const words = ['--root', join(bundle, 'state'), 'run', '--bundle', bundle, 'image-test']
    return runCommand('runc', words, {
      env: { PATH: superuserPath(options.places.path) },
      deadlineMs: 60_000,
    })
  }

  it('runs as a user by number, that is not root, and as node itself', () => {
    assert.equal(image.config.User, '65532:65532')
    assert.deepEqual(image.config.Entrypoint, ['node', '/app/main.mjs'])
  })

  it('says who it is and how its health is asked', () => {
    assert.equal(image.config.Labels?.['org.opencontainers.image.title'], 'infometis')
    assert.equal(image.config.Labels['org.opencontainers.image.version'], pkg.version)
    const { Test } = image.config['Healthcheck'] as { readonly Test: readonly string[] }
    assert.deepEqual(Test.slice(0, 3), ['CMD', 'node', '-e'])
  })

  it('adds one layer of at most 25 MB to its base, below /app only', async () => {
    const { file = '' } = image.layers.at(-1) ?? {}
    assert.equal(image.layers.length, 3)
    assert.ok((await stat(file)).size <= 25e6, `${(await stat(file)).size} bytes`)
    const listed = await run('tar', ['--list', '--file', file], {
      options,
      temporary: join(root, '..', 'work'),
    })
    const outside = listed.split('\n').filter((path) => path !== '' && !path.startsWith('app/'))
    assert.deepEqual(outside, [])
    assert.match(listed, /^app\/main\.mjs$/m)
  })

  it('runs the commands that need no cluster, from a root that cannot be written', async () => {
    assert.equal((await inside('--version')).stdout.trim(), pkg.version)
    assert.match((await inside('--help')).stdout, /run/)
    assert.match((await inside('schema', 'topics')).stdout, /"additionalProperties"/)
    const validated = await inside('validate', '-f', '/environments/dev/desired')
    assert.equal(validated.code, 0, validated.stdout + validated.stderr)
  })

  it('tells a reconciler without an address what it lacks, and a service nobody knows', async () => {
    for (const service of ['kafka', 'elasticsearch']) {
      const { code, stderr } = await inside('run', service)
      assert.equal(code, 1)
      assert.match(stderr, /^error: .*(KAFKA_BOOTSTRAP_SERVERS|ELASTICSEARCH_URL)/)
    }
    assert.match((await inside('run', 'teapot')).stderr, /teapot/)
  })

  it('has a later version that differs in nothing but its name', async () => {
    const { name, file } = await nextAppImage(options)
    const work = { options, temporary: join(root, '..', 'work') }
    const next = await readImage({ name, file }, join(root, '..', 'next'), work)
    assert.equal(name, `infometis:${pkg.version}-next`)
    assert.equal(next.config.Labels?.['org.opencontainers.image.version'], `${pkg.version}-next`)
    assert.deepEqual(
      next.layers.map(({ digest }) => digest),
      image.layers.map(({ digest }) => digest),
    )
  })
})

it('images that are an hour old make room for the newer one, and so does what a killed build left', async () => {
  await inOwnDirectory('others', async ({ directory }, clean) => {
    const [old, fresh] = [new Date(Date.now() - 2 * 60 * 60_000), new Date()]
    const made: readonly (readonly [string, Date])[] = [
      ['image-a-00000001', old],
      ['image-a-00000002.new', old],
      ['image-a-00000003', old],
      ['image-a-00000004', fresh],
      ['image-a-b-00000005', old],
    ]
    for (const [name, time] of made) {
      await mkdir(join(directory, name))
      await utimes(join(directory, name), time, time)
    }
    await removeOthers(directory, join(directory, 'image-a-00000003'))
    assert.deepEqual((await readdir(directory)).sort(), [
      'image-a-00000003',
      'image-a-00000004',
      'image-a-b-00000005',
    ])
    await clean()
  })
})

describe(`building${whySkipped}`, { skip: !isRootOnLinux }, () => {
  it('takes everything from the cache the second time', async () => {
    const first = await serviceImages(options)
    const before = await Promise.all(first.map(async ({ file }) => stat(file)))
    const said: string[] = []
    const second = await serviceImages({ ...options, say: (line) => said.push(line) })
    assert.deepEqual(second, first)
    assert.deepEqual(said, [])
    const after = await Promise.all(second.map(async ({ file }) => stat(file)))
    assert.deepEqual(
      after.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
      before.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
    )
  })

  it('leaves neither process nor mount behind when it is killed', async () => {
    const mark = `INFOMETIS_TEST=${crypto.randomUUID()}`
    await inOwnDirectory('killed', async ({ directory }, clean) => {
      const work = 'mount -t tmpfs killed "$1" && (sleep 1000 & sleep 1000 & echo begun && wait)'
      const words = [...isolation, 'sh', '-c', work, 'sh', directory]
      const [name = '', value = ''] = mark.split('=')
      // What is killed is whoever started the build: the kernel has to end the rest.
      const script = `require('child_process').spawn('setpriv', ${JSON.stringify(words)}, { stdio: 'inherit' })`
      const owner = spawn(process.execPath, ['-e', script], {
        env: { PATH: superuserPath(options.places.path), [name]: value },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(owner.stdout, 'data')
      assert.ok((await processesMarked(mark)).length >= 4)
      assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(directory))
      owner.kill('SIGKILL')
      await waitUntil(async () => (await processesMarked(mark)).length === 0, {
        what: 'the kernel to end what a killed build had started',
        deadlineMs: 5_000,
      })
      await clean()
    })
  })
})
