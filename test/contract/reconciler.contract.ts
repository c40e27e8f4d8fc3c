import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resource } from '../../src/core/resource.ts'
import { type Reason, ReconcileError } from '../../src/errors.ts'
import { Crash, Desk, type Step } from '../support/desk.ts'
import type { Bystander, Subject } from './subject.ts'

interface Case<R extends Resource> {
  readonly desk: Desk<R>
  readonly bystander: Bystander
  /** The two names of `examples.written`. */
  readonly first: string
  readonly second: string
}

/** The contract that every reconciler passes, against its fake and against the real service, with this same code. */
export function describeReconciler<R extends Resource>(subject: Subject<R>): void {
  const { examples, type } = subject
  const [first = '', second = ''] = Object.keys(examples.written)
  const doc = 'document'
  const sync = { controls: { policy: 'sync', ...examples.removal } } as const

  const contract = (number: number, sentence: string, run: (the: Case<R>) => Promise<void>): void => {
    const skipped = subject.skip.find((each) => each.case === number)
    const name = `${number}. ${sentence}`
    if (skipped !== undefined) {
      void it(`${name} (skipped: ${skipped.reason})`, { skip: skipped.reason })
      return
    }
    void it(name, { timeout: 180_000 }, async () => {
      const service = await subject.open()
      const { bystander } = service
      const desk = new Desk(subject.reconciler, () => service.newClient())
      try {
        await run({ desk, bystander, first, second })
      } finally {
        await desk.close()
        await service.close()
      }
    })
  }

  describe(`the reconciler contract: ${subject.name}`, { concurrency: 1 }, () => {
    contract(1, 'plans one create per desired resource on an empty service', async ({ desk }) => {
      desk.write(doc, type, examples.written, { controls: { policy: 'observe-only' } })
      await desk.converge(doc)
      const planned = desk.state(doc).resources.map(({ name, state }) => [name, state])
      assert.deepEqual(
        planned,
        [first, second].sort().map((name) => [name, 'withheld']),
      )
      assert.match(desk.state(doc).plan?.text ?? '', /create/)
    })

    contract(2, 'plans nothing after apply: it converges in one pass', async ({ desk, bystander }) => {
      desk.write(doc, type, examples.written)
      assert.deepEqual(await desk.reconcile(doc), { kind: 'done' })
      assert.equal(desk.state(doc).ready, 'True')
      assert.ok(await bystander.look(first))
      assert.ok(await bystander.look(second))
      const [applied, saves] = [desk.applied().length, desk.saves]
      assert.deepEqual(await desk.reconcile(doc), { kind: 'done' })
      assert.deepEqual([desk.applied().length, desk.saves], [applied, saves])
    })

    contract(3, '"already exists" and "already gone" are successes', async ({ desk, bystander }) => {
      desk.write(doc, type, examples.written)
      desk.tap = once('apply', 'after', () => new ReconcileError('ServiceTimeout', 'the answer is lost'))
      assert.equal((await desk.reconcile(doc)).kind, 'retryable')
      assert.ok(await bystander.look(first))
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      desk.write(doc, type, examples.shrunk, sync)
      desk.tap = once('apply', 'after', () => new ReconcileError('ServiceTimeout', 'the answer is lost'))
      assert.equal((await desk.reconcile(doc)).kind, 'retryable')
      assert.equal(await bystander.look(second), undefined)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.deepEqual([...desk.state(doc).inventory.keys()], [`${type}/${first}`])
    })

    contract(4, 'treats two spellings of one value as equal', async ({ desk }) => {
      desk.write(doc, type, examples.written)
      await desk.converge(doc)
      const applied = desk.applied().length
      desk.write(doc, type, examples.respelled)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.equal(desk.applied().length, applied)
    })

    contract(5, 'does not call the service’s own defaults drift', async ({ desk, bystander }) => {
      desk.write(doc, type, { [first]: examples.least ?? {} })
      await desk.converge(doc)
      const before = await bystander.look(first)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.equal(desk.applied().length, 1)
      assert.deepEqual(await bystander.look(first), before)
    })

    contract(6, 'names each drifted field, with before and after', async ({ desk, bystander }) => {
      desk.write(doc, type, examples.written)
      await desk.converge(doc)
      await bystander.drift(first)
      await desk.reconcile(doc)
      const [field, ...others] = desk.applied().at(-1)?.fields ?? []
      assert.deepEqual(field, { ...examples.drift, cause: 'drift' })
      assert.deepEqual(others, [])
    })

    contract(
      7,
      'corrects drift; under observe-only it reports and writes nothing',
      async ({ desk, bystander }) => {
        desk.write(doc, type, examples.written)
        await desk.converge(doc)
        const right = await bystander.look(first)
        await bystander.drift(first)
        const drifted = await bystander.look(first)
        assert.notDeepEqual(drifted, right)
        desk.write(doc, type, examples.written, { controls: { policy: 'observe-only' } })
        const applied = desk.applied().length
        assert.equal((await desk.reconcile(doc)).kind, 'terminal')
        assert.equal(desk.state(doc).reason, 'ChangesWithheld')
        assert.equal(desk.applied().length, applied)
        assert.deepEqual(await bystander.look(first), drifted)
        desk.write(doc, type, examples.written)
        assert.deepEqual(await desk.converge(doc), { kind: 'done' })
        assert.deepEqual(await bystander.look(first), right)
      },
    )

    contract(8, 'never touches what is not in the inventory', async ({ desk, bystander }) => {
      await bystander.make(first, examples.written[first])
      await bystander.drift(first)
      const before = await bystander.look(first)
      desk.write(doc, type, { [second]: examples.written[second] }, sync)
      await desk.converge(doc)
      assert.deepEqual(await bystander.look(first), before)
      desk.write(doc, type, examples.written, sync)
      assert.equal((await desk.converge(doc)).kind, 'terminal')
      assert.equal(desk.state(doc).reason, 'AdoptionDiffers')
      assert.deepEqual(await bystander.look(first), before)
      desk.write(doc, type, { [second]: examples.written[second] }, sync)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.deepEqual(await bystander.look(first), before)
    })

    contract(9, 'deletes only by sync; a failed delete stays and is retried', async ({ desk, bystander }) => {
      desk.write(doc, type, examples.written)
      await desk.converge(doc)
      desk.write(doc, type, examples.shrunk)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.ok(await bystander.look(second))
      assert.deepEqual(
        desk.state(doc).resources.map(({ state }) => state),
        ['orphan'],
      )
      desk.write(doc, type, examples.shrunk, sync)
      desk.tap = once('apply', 'before', () => new ReconcileError('ServiceUnreachable', 'cut off'))
      assert.equal((await desk.reconcile(doc)).kind, 'retryable')
      assert.ok(desk.state(doc).inventory.has(`${type}/${second}`))
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      assert.equal(await bystander.look(second), undefined)
      assert.equal(desk.state(doc).inventory.has(`${type}/${second}`), false)
    })

    contract(
      10,
      'of two ConfigMaps claiming one resource the older keeps it',
      async ({ desk, bystander }) => {
        desk.write('younger', type, examples.changed, { createdAt: 2 })
        desk.write('older', type, examples.written, { createdAt: 1 })
        assert.equal((await desk.converge('younger')).kind, 'terminal')
        assert.equal(desk.state('younger').reason, 'ResourceConflict')
        assert.equal(await bystander.look(first), undefined)
        assert.deepEqual(await desk.converge('older'), { kind: 'done' })
        const kept = await bystander.look(first)
        await desk.converge('younger')
        assert.deepEqual(await bystander.look(first), kept)
        desk.remove('older')
        assert.deepEqual(await desk.converge('younger'), { kind: 'done' })
        assert.deepEqual(await desk.converge('older'), { kind: 'done' })
        assert.equal(desk.states.has('team/older'), false)
      },
    )

    for (const refusal of examples.refusals) {
      contract(
        11,
        `refuses or holds by its rule ${refusal.code}, and says the code`,
        async ({ desk, bystander }) => {
          const { controls = {} } = refusal
          if (refusal.before !== undefined) {
            desk.write(doc, type, refusal.before, { controls })
            assert.deepEqual(await desk.converge(doc), { kind: 'done' })
          }
          const names = [...new Set([...Object.keys(refusal.before ?? {}), ...Object.keys(refusal.after)])]
          const before = await Promise.all(names.map((name) => bystander.look(name)))
          desk.write(doc, type, refusal.after, { controls })
          assert.equal((await desk.converge(doc)).kind, 'terminal')
          assert.deepEqual(
            [...new Set(desk.state(doc).resources.map(({ reason }) => reason))],
            [refusal.code],
          )
          assert.deepEqual(await Promise.all(names.map((name) => bystander.look(name))), before)
        },
      )
    }

    contract(12, 'an invalid entry names its path, and the others go on', async ({ desk, bystander }) => {
      desk.write(doc, type, { ...examples.written, [second]: examples.invalid.entry })
      assert.equal((await desk.converge(doc)).kind, 'terminal')
      assert.equal(desk.state(doc).reason, 'InvalidDocument')
      assert.ok(desk.state(doc).message.includes(`${second}.${examples.invalid.path}`))
      assert.ok(await bystander.look(first))
      desk.steps.length = 0
      desk.write(doc, type, undefined)
      assert.equal((await desk.reconcile(doc)).kind, 'terminal')
      assert.deepEqual(
        desk.steps.map(({ what }) => what),
        ['save'],
        'no request leaves the process',
      )
      assert.ok(desk.state(doc).inventory.has(`${type}/${first}`), 'an unparseable owner keeps its claims')
    })

    contract(13, 'an outage is retryable; a rejected request is terminal', async ({ desk, bystander }) => {
      desk.write(doc, type, { ...examples.written, [second]: examples.rejected.entry })
      assert.equal((await desk.converge(doc)).kind, 'terminal')
      assert.match(desk.state(doc).message, examples.rejected.words)
      assert.ok(await bystander.look(first))
      desk.write(doc, type, examples.written)
      await bystander.down()
      assert.equal((await desk.reconcile(doc)).kind, 'retryable')
      assert.equal(desk.state(doc).ready, 'Unknown')
      await bystander.up()
      assert.deepEqual(await retried(desk, doc), { kind: 'done' })
      assert.ok(await bystander.look(second))
    })

    contract(14, 'looking never writes', async ({ desk, bystander }) => {
      await bystander.make(first, examples.written[first])
      const before = await bystander.look(first)
      desk.write(
        doc,
        type,
        { ...examples.changed, [second]: examples.rejected.entry },
        { controls: { policy: 'observe-only' } },
      )
      await desk.converge(doc)
      assert.deepEqual(
        desk.steps.filter(({ what }) => what === 'apply'),
        [],
      )
      assert.deepEqual(await bystander.look(first), before)
      assert.equal(await bystander.look(second), undefined)
    })

    contract(15, 'resumes after a crash at each step of apply', async ({ desk, bystander }) => {
      let point = 0
      for (; point < 40; point += 1) {
        const crashed = await crashAt(point, desk, async () => {
          desk.write(doc, type, examples.written, sync)
          await desk.reconcile(doc)
          desk.write(doc, type, { [first]: examples.changed[first] }, sync)
          await desk.reconcile(doc)
        })
        await desk.restart()
        desk.write(doc, type, { [first]: examples.changed[first] }, sync)
        assert.deepEqual(await desk.converge(doc), { kind: 'done' }, `after a crash at point ${point}`)
        assert.ok(await bystander.look(first))
        assert.equal(await bystander.look(second), undefined, `forgotten after a crash at point ${point}`)
        assert.deepEqual([...desk.state(doc).inventory.keys()], [`${type}/${first}`])
        await bystander.remove(first)
        desk.states.clear()
        await desk.restart()
        if (!crashed) break
      }
      assert.ok(point > 10 && point < 40, `${point} points were tried, and the last one ran through`)
    })

    contract(16, 'stops within a second of abort', async ({ desk, bystander }) => {
      desk.write(doc, type, examples.written)
      assert.deepEqual(await desk.converge(doc), { kind: 'done' })
      desk.write(doc, type, examples.changed)
      await bystander.freeze()
      try {
        const stop = new AbortController()
        const running = desk.reconcile(doc, stop.signal)
        const observing = setTimeout(() => stop.abort(), 200)
        const { promise: late, resolve } = Promise.withResolvers<'late'>()
        const limit = setTimeout(() => resolve('late'), 1_200)
        const result = await Promise.race([running, late])
        clearTimeout(limit)
        clearTimeout(observing)
        assert.notEqual(result, 'late')
      } finally {
        await bystander.thaw()
      }
    })

    contract(17, 'no secret appears in plan, log, event or status', async ({ desk }) => {
      desk.write(doc, type, { ...examples.changed, [second]: examples.rejected.entry })
      assert.equal((await desk.converge(doc)).kind, 'terminal')
      assert.match(desk.state(doc).message, examples.rejected.words)
      const state = { ...desk.state(doc), inventory: [...desk.state(doc).inventory] }
      const told = JSON.stringify([state, desk.logged, desk.announced])
      assert.ok(told.length > 200)
      for (const secret of subject.secrets) assert.equal(told.includes(secret), false)
    })
  })
}

/** Throws once, at the first such step. */
function once(what: string, moment: 'before' | 'after', error: () => ReconcileError) {
  let left = 1
  return (step: Step, at: string) => {
    if (step.what !== what || at !== moment || left === 0) return
    left -= 1
    throw error()
  }
}

/** Runs with a crash at the nth moment; nothing is saved from then on. False when there were fewer moments. */
async function crashAt<R extends Resource>(
  n: number,
  desk: Desk<R>,
  run: () => Promise<void>,
): Promise<boolean> {
  let moments = 0
  desk.tap = () => {
    moments += 1
    if (moments > n) throw new Crash('killed')
  }
  await run()
  return moments > n
}

/** Reconciles until the service answers again: at most 30 s. */
async function retried<R extends Resource>(desk: Desk<R>, name: string) {
  const deadline = Date.now() + 30_000
  let result = await desk.converge(name)
  while (result.kind === 'retryable' && Date.now() < deadline) {
    const back = new Set<Reason>(['ServiceUnreachable', 'ServiceTimeout', 'ServiceBusy'])
    assert.ok(back.has(result.error.reason), result.error.message)
    result = await desk.converge(name)
  }
  return result
}
