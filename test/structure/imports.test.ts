import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { services } from '../../reconcilers/index.ts'
import { type SourceFile, cycles, sourceFiles, speaksOfProcess } from './source.ts'

const files = sourceFiles()
const code = files.filter(({ isTest }) => !isTest)

/** What the files of a room may import besides each other. The first room that a path is in is its room. */
interface Room {
  /** How paths begin; `*` stands for one folder. */
  readonly room: string
  readonly rooms: readonly string[]
  readonly packages: readonly RegExp[]
}

const node = /^node:/
const any = /^/
const core = 'src/core/'
const errors = 'src/errors.ts'
const config = 'src/config.ts'
const reconcile = 'src/reconcile/'
const client = 'src/client/'
/** Clients of services: each service may have one, and only its client speaks of it. */
const vendors = /^(@platformatic\/kafka|kafkajs|@elastic\/|axios)/

const rooms: readonly Room[] = [
  { room: core, rooms: [], packages: [/^node:crypto$/] },
  { room: reconcile, rooms: [core, errors], packages: [/^zod$/] },
  {
    room: 'src/kube/',
    rooms: [core, reconcile, errors, config],
    packages: [node, /^(yaml|@kubernetes\/client-node)$/],
  },
  {
    room: 'src/runtime/',
    rooms: [core, reconcile, errors, config],
    packages: [node, /^(pino|prom-client)(\/|$)/],
  },
  { room: client, rooms: [core, errors], packages: [node, /^axios$/] },
  { room: 'src/stack/', rooms: [core, errors, config], packages: [any] },
  { room: 'src/environments/', rooms: [core, errors, 'src/stack/'], packages: [node, /^(ajv|yaml)$/] },
  { room: 'src/cluster/', rooms: ['src/stack/', 'src/environments/', errors], packages: [node, /^yaml$/] },
  { room: 'src/cli/', rooms: ['src/', 'reconcilers/index.ts', 'package.json'], packages: [any] },
  { room: errors, rooms: [], packages: [] },
  { room: config, rooms: [core, errors], packages: [/^zod$/] },
  { room: 'src/main.ts', rooms: ['src/cli/', config], packages: [] },
  { room: 'reconcilers/index.ts', rooms: [reconcile, 'src/stack/services.ts', 'reconcilers/'], packages: [] },
  { room: 'reconcilers/*/stack/', rooms: ['src/stack/', errors], packages: [node, /^zod$/] },
  {
    room: 'reconcilers/',
    rooms: [core, reconcile, client, errors, config],
    packages: [node, /^zod$/, vendors],
  },
]

function isIn(path: string, room: string): boolean {
  const folders = path.split('/')
  return path.startsWith(
    room
      .split('/')
      .map((part, index) => (part === '*' ? (folders[index] ?? '') : part))
      .join('/'),
  )
}

function roomOf(path: string): string | undefined {
  return rooms.find(({ room }) => isIn(path, room))?.room
}

/** `reconcilers/kafka/`: a service is a room of its own. */
function ownFolder({ path }: SourceFile): string {
  const [top = '', folder = ''] = path.split('/')
  return `${top}/${folder}/`
}

/** What a file may import without being told: its own room, and of a room with many services only its own. */
function isOwn(file: SourceFile, path: string, room: string): boolean {
  if (room.endsWith('.ts')) return path === room
  return path.startsWith(ownFolder(file)) && roomOf(path) === room
}

function inClient({ path }: SourceFile): boolean {
  return /^reconcilers\/[^/]+\/(client\.ts$|client\/)/.test(path)
}

describe('the rings', () => {
  for (const { room, rooms: allowed, packages } of rooms) {
    const inside = code.filter(({ path }) => roomOf(path) === room)

    it(`${room} imports only ${['itself', ...allowed].join(', ')}`, () => {
      assert.ok(inside.length > 0, 'the room is empty')
      const wrong = inside.flatMap((file) =>
        file.imports
          .filter((path) => !isOwn(file, path, room) && !allowed.some((each) => path.startsWith(each)))
          .map((path) => `${file.path} imports ${path}`),
      )
      assert.deepEqual(wrong, [])
    })

    it(`${room} uses only the packages that are its business`, () => {
      const wrong = inside.flatMap((file) =>
        file.packages
          .filter((name) => !packages.some((each) => each.test(name)))
          .map((name) => `${file.path} imports ${name}`),
      )
      assert.deepEqual(wrong, [])
    })
  }

  it('every file is in a room', () => {
    assert.deepEqual(
      code.filter(({ path }) => roomOf(path) === undefined).map(({ path }) => path),
      [],
    )
  })

  it('a vendor’s client is spoken to by one client only, each service with one vendor', () => {
    const speaking = code.filter(
      (file) => file.packages.some((name) => vendors.test(name)) && file.path.startsWith('reconcilers/'),
    )
    assert.deepEqual(
      speaking.filter((file) => !inClient(file)).map(({ path }) => path),
      [],
    )
    for (const [service, of] of Map.groupBy(speaking, ownFolder)) {
      const names = new Set(of.flatMap((file) => file.packages.filter((name) => vendors.test(name))))
      assert.equal(names.size, 1, `${service} speaks ${[...names].join(' and ')}`)
    }
  })

  it('HTTP is spoken in one file for all services that have no client of their own', () => {
    const speaking = code.filter(
      (file) => file.path.startsWith(client) && file.packages.some((name) => vendors.test(name)),
    )
    assert.deepEqual(
      speaking.map(({ path, packages }) => [path, packages.filter((name) => vendors.test(name))]),
      [['src/client/http-connection.ts', ['axios']]],
    )
  })

  it('no file that is used imports a test', () => {
    const wrong = code.flatMap((file) =>
      file.imports
        .filter((path) => path.endsWith('.test.ts') || path.startsWith('test/'))
        .map((path) => `${file.path} imports ${path}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('no files import each other in a ring', () => assert.deepEqual(cycles(files), []))

  it('only src/main.ts ends the process', () => {
    assert.deepEqual(
      files.filter((file) => speaksOfProcess(file, 'exit')).map(({ path }) => path),
      ['src/main.ts'],
    )
  })

  it('only src/config.ts reads the environment', () => {
    assert.deepEqual(
      code.filter((file) => speaksOfProcess(file, 'env')).map(({ path }) => path),
      ['src/config.ts'],
    )
  })
})

describe('what proves the rings', () => {
  const file = (path: string, text: string, imports: readonly string[] = []) => ({
    path,
    text,
    imports,
    packages: [],
    isTest: false,
  })

  it('sees a ring of three files', () => {
    const ring = [file('a.ts', '', ['b.ts']), file('b.ts', '', ['c.ts']), file('c.ts', '', ['a.ts'])]
    assert.deepEqual(cycles(ring), [['a.ts', 'b.ts', 'c.ts', 'a.ts']])
  })
  it('takes two ways to one file for no ring', () => {
    assert.deepEqual(
      cycles([file('a.ts', '', ['b.ts', 'c.ts']), file('b.ts', '', ['c.ts']), file('c.ts', '')]),
      [],
    )
  })
  it('tells code from comments and texts', () => {
    assert.equal(speaksOfProcess(file('a.ts', 'const a = process.env'), 'env'), true)
    assert.equal(speaksOfProcess(file('a.ts', '// process.env\nconst a = "process.env"'), 'env'), false)
  })
  it('tells a service’s stack from the rest of it', () => {
    assert.equal(roomOf('reconcilers/kafka/stack/kafka.ts'), 'reconcilers/*/stack/')
    assert.equal(roomOf('reconcilers/kafka/client/kafka-client.ts'), 'reconcilers/')
    assert.equal(
      isOwn(file('reconcilers/a/client.ts', ''), 'reconcilers/a/stack/a.ts', 'reconcilers/'),
      false,
    )
  })
  it('reads type-only, dynamic and exported imports', () => {
    const read = files.find(({ path }) => path === 'reconcilers/index.ts')
    assert.deepEqual(read?.imports.toSorted(), [
      ...Object.keys(services)
        .toSorted()
        .flatMap((name) => [
          `reconcilers/${name}/description.ts`,
          `reconcilers/${name}/reconciler.ts`,
          `reconcilers/${name}/stack/service.ts`,
        ]),
      'src/reconcile/service-description.ts',
      'src/reconcile/service-reconciler.ts',
      'src/stack/services.ts',
    ])
  })
})
