import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Flow, FlowOptions } from '../resource.ts'
import { Canvas, versionControl } from './canvas.ts'
import type { Wire } from './wire.ts'

/** A process group by name; ids are paths. */
interface Drawn {
  readonly name: string
  readonly comments?: string
  readonly groups?: readonly Drawn[]
  readonly id?: string
}

interface Placed extends Drawn {
  readonly id: string
  readonly groups: readonly Placed[]
}

function placed(drawn: Drawn, above = ''): Placed {
  const id = drawn.id ?? `${above}/${drawn.name}`
  return { ...drawn, id, groups: (drawn.groups ?? []).map((each) => placed(each, id)) }
}

/** NiFi with these groups right below its root, and the paths that it was asked for. */
function canvasOf(groups: readonly Drawn[]): { readonly wire: Wire; readonly asked: string[] } {
  const root = placed({ name: 'NiFi Flow', id: 'root', groups })
  const asked: string[] = []
  const lists = new Map<string, unknown>()
  const snapshot = (group: Placed): unknown => {
    const processGroups = group.groups.map(({ id, name, comments }) => ({
      id,
      revision: { version: 3 },
      component: { id, name, comments, parentGroupId: group.id },
    }))
    lists.set(`/process-groups/${encodeURIComponent(group.id)}/process-groups`, { processGroups })
    return {
      id: group.id,
      name: group.name,
      processGroupStatusSnapshots: group.groups.map((each) => ({
        processGroupStatusSnapshot: snapshot(each),
      })),
    }
  }
  const status = { processGroupStatus: { aggregateSnapshot: snapshot(root) } }
  const wire: Wire = {
    send: async ({ path }) => {
      asked.push(path)
      const body = path.endsWith('/status') ? status : lists.get(path)
      return Promise.resolve(
        body === undefined ? { status: 404, body: 'Unable to locate' } : { status: 200, body },
      )
    },
    close: async () => Promise.resolve(),
  }
  return { wire, asked }
}

const soon = () => AbortSignal.timeout(5_000)

function wish(groupName: string, parent: readonly string[] = []): Flow {
  return { options: { groupName, parent } as FlowOptions } as Flow
}

const marked = (name: string, groups: readonly Drawn[] = []): Drawn => ({
  name: `group of ${name}`,
  comments: `for people\n[infometis flows/${name}]`,
  groups,
})

describe('the group of a flow', () => {
  it('is the one with the id, without a search', async () => {
    const { wire, asked } = canvasOf([
      marked('orders'),
      { name: 'Team', groups: [{ name: 'a', groups: [{ name: 'b' }] }] },
    ])
    const canvas = await Canvas.read(wire, soon())
    const found = await canvas.find('orders', { id: 'root/group of orders' })
    assert.equal(found?.group.id, 'root/group of orders')
    assert.equal(found.group.revision, 3)
    await canvas.find('orders', { id: 'root/group of orders' })
    assert.deepEqual(asked, ['/flow/process-groups/root/status', '/process-groups/root/process-groups'])
  })

  it('is the one with the marker, wherever it stands, and none inside a marked one', async () => {
    const { wire, asked } = canvasOf([
      marked('other', [marked('orders')]),
      { name: 'Team', groups: [{ name: 'Sub', groups: [marked('orders')] }, { name: 'leaf' }] },
    ])
    const canvas = await Canvas.read(wire, soon())
    const found = await canvas.find('orders', undefined)
    assert.deepEqual([found?.group.id, found?.rivals], ['root/Team/Sub/group of orders', []])
    assert.deepEqual(asked.slice(1), [
      '/process-groups/root/process-groups',
      '/process-groups/root%2FTeam/process-groups',
      '/process-groups/root%2FTeam%2FSub/process-groups',
    ])
    assert.deepEqual(await canvas.names(), ['other', 'orders', 'Team'])
  })

  it('is not clear where two bear the marker: a copy made in the user interface bears it, too', async () => {
    const { wire } = canvasOf([
      { ...marked('orders'), id: 'b' },
      { ...marked('orders'), id: 'a' },
    ])
    const canvas = await Canvas.read(wire, soon())
    const found = await canvas.find('orders', undefined)
    assert.deepEqual([found?.group.id, found?.rivals], ['a', ['b']])
    assert.equal((await canvas.find('orders', { id: 'b' }))?.group.id, 'b', 'the id says which it is')
  })

  it('is somebody’s group of that name where it is to stand, and only there', async () => {
    const { wire } = canvasOf([{ name: 'orders' }, { name: 'Team', groups: [{ name: 'orders' }] }])
    const canvas = await Canvas.read(wire, soon())
    const at = async (parent: readonly string[]) =>
      (await canvas.find('orders', { desired: wish('orders', parent) }))?.group.id
    assert.deepEqual(await Promise.all([at([]), at(['Team']), at(['Nowhere'])]), [
      'root/orders',
      'root/Team/orders',
      undefined,
    ])
  })

  it('is no group that bears the marker of another entry', async () => {
    const { wire } = canvasOf([{ ...marked('other'), name: 'orders' }])
    const canvas = await Canvas.read(wire, soon())
    assert.equal(await canvas.find('orders', { desired: wish('orders') }), undefined)
  })

  it('is gone when its id is gone, or when nobody wants it and its marker was taken off', async () => {
    const { wire } = canvasOf([{ name: 'orders', id: 'x' }])
    const canvas = await Canvas.read(wire, soon())
    assert.equal(await canvas.find('orders', { id: 'gone' }), undefined)
    assert.equal(await canvas.find('orders', { id: 'x' }), undefined)
    assert.equal((await canvas.find('orders', { id: 'x', desired: wish('renamed') }))?.group.id, 'x')
    assert.equal((await canvas.find('orders', { id: 'gone', desired: wish('orders') }))?.group.id, 'x')
  })

  it('that is taken away while it is looked for is not there', async () => {
    const { wire } = canvasOf([{ name: 'Team', groups: [marked('orders')] }])
    const gone: Wire = {
      ...wire,
      send: async (request, signal) =>
        request.path.includes('Team')
          ? { status: 404, body: 'Unable to locate' }
          : wire.send(request, signal),
    }
    const canvas = await Canvas.read(gone, soon())
    assert.equal(await canvas.find('orders', undefined), undefined)
  })

  it('has a place to stand where there is one group of that path, which is in no flow', async () => {
    const { wire } = canvasOf([
      { name: 'Team', groups: [{ name: 'Sub' }] },
      { name: 'twice', id: '1' },
      { name: 'twice', id: '2' },
      { ...marked('other', [{ name: 'inner' }]), name: 'flow' },
    ])
    const canvas = await Canvas.read(wire, soon())
    assert.equal(canvas.place([]), 'root')
    assert.equal(canvas.place(['Team', 'Sub']), 'root/Team/Sub')
    assert.equal(canvas.place(['Nobody']), undefined)
    assert.throws(() => canvas.place(['twice']), /2 process groups are called twice/)
    const codes = await Promise.all(
      [[], ['Team', 'Sub'], ['Nobody'], ['twice'], ['flow', 'inner'], ['flow']].map(
        async (path) => (await canvas.objectionTo(path))?.code,
      ),
    )
    assert.deepEqual(codes, [
      undefined,
      undefined,
      'ParentMissing',
      'ParentMissing',
      'InsideAnotherFlow',
      'InsideAnotherFlow',
    ])
  })
})

describe('who else controls a group', () => {
  it('is told by names where NiFi knows them, else by ids', () => {
    const ids = { registryId: 'r', bucketId: 'b', flowId: 'f', version: 3 }
    assert.equal(versionControl(undefined), undefined)
    assert.equal(versionControl(ids), 'r/b/f@3')
    assert.equal(
      versionControl({ ...ids, registryName: 'hub', bucketName: 'team', flowName: 'orders', version: 'abc' }),
      'hub/team/orders@abc',
    )
    assert.equal(versionControl({ storageLocation: 'git://x' }), 'git://x//')
  })
})
