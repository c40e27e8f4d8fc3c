import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LeaseBoard } from '../../test/support/lease-board.ts'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { StoppedClock } from '../../test/support/stopped-clock.ts'
import { ReconcileError } from '../errors.ts'
import { LeaderElection } from './leader-election.ts'

/** A replica with a clock of its own. */
function replica(board: LeaseBoard, identity: string, clock = new ManualClock()) {
  const lines: { readonly message: string; readonly fields: object }[] = []
  const write = (fields: object, message: string): void => void lines.push({ fields, message })
  const log = { debug: write, info: write, warn: write, error: write }
  const told: boolean[] = []
  const lease = board.lease(identity)
  const election = new LeaderElection({ lease, clock, log, told: (leading) => told.push(leading) })
  const seen = { won: false }
  void election.won.then(() => (seen.won = true))
  const messages = (): readonly string[] => lines.map(({ message }) => message)
  return { board, clock, election, lines, messages, told, seen, lease }
}

type Replica = ReturnType<typeof replica>

async function started(board: LeaseBoard, identity: string, clock?: ManualClock): Promise<Replica> {
  const one = replica(board, identity, clock)
  one.election.start()
  await settled()
  return one
}

/** Both clocks go on together, a tenth of a second at a time; what one wrote the other can read then. */
async function together(ms: number, ...replicas: readonly Replica[]): Promise<void> {
  for (let at = 0; at < ms; at += 100) for (const { clock } of replicas) await clock.advance(100)
}

const leading = ({ election }: Replica): boolean => election.leadership.leading

function unreachable(): never {
  throw new ReconcileError('ApiServerUnreachable', 'no answer to leases within 5000 ms')
}

describe('a replica', () => {
  it('leads at once where there is no lease', async () => {
    const one = await started(new LeaseBoard(), 'a')
    assert.deepEqual([leading(one), one.seen.won, one.told], [true, true, [false, true]])
    assert.deepEqual([one.board.record?.holder, one.board.record?.transitions], ['a', 0])
    assert.deepEqual(one.messages(), ['leading'])
    assert.match(one.election.facts().says, /this replica leads: it holds the lease infometis-kafka as a/)
  })

  it('leads at once where the lease was given back', async () => {
    const board = new LeaseBoard()
    board.put('', 4, 1_000)
    const one = await started(board, 'b')
    assert.deepEqual([leading(one), board.record?.holder, board.record?.transitions], [true, 'b', 5])
  })

  it('takes a lease that has not changed for its duration since it first saw it, and not a moment sooner', async () => {
    const board = new LeaseBoard()
    board.put('gone', 7)
    const one = await started(board, 'b')
    await one.clock.advance(14_999)
    assert.deepEqual([leading(one), board.record?.holder], [false, 'gone'])
    await one.clock.advance(1)
    assert.deepEqual([leading(one), board.record?.holder, board.record?.transitions], [true, 'b', 8])
    assert.deepEqual(one.messages(), ['standby', 'leading'])
  })

  it('takes the holder’s word for how long the lease is good', async () => {
    const board = new LeaseBoard()
    board.put('slow', 0, 60_000)
    const one = await started(board, 'b')
    await one.clock.advance(59_999)
    assert.equal(leading(one), false)
    await one.clock.advance(1)
    assert.equal(leading(one), true)
  })

  it('never takes a lease that is renewed, and says who leads', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    const two = await started(board, 'b')
    await together(600_000, one, two)
    assert.deepEqual([leading(one), leading(two), two.seen.won, two.told], [true, false, false, [false]])
    assert.deepEqual(
      board.asked.filter((each) => each.endsWith(' b') && each !== 'read b'),
      [],
    )
    assert.deepEqual(two.messages(), ['standby'])
    assert.match(two.election.facts().says, /^a leads: it holds the lease infometis-kafka, and this replica/)
  })

  it('does not care what time others think it is', async () => {
    const board = new LeaseBoard()
    const [early, late] = [new ManualClock(), new ManualClock()]
    await late.advance(3_600_000)
    const one = await started(board, 'a', early)
    const two = await started(board, 'b', late)
    await together(60_000, one, two)
    assert.deepEqual([leading(one), leading(two)], [true, false])
    await one.election.stop()
    await two.clock.advance(13_000)
    assert.equal(leading(two), false)
    await two.clock.advance(4_000)
    assert.equal(leading(two), true)
  })

  it('looks every two seconds at most, and never twice at once', async () => {
    const board = new LeaseBoard()
    board.put('a', 0, 3_600_000)
    const one = await started(board, 'b', new ManualClock(0.999_999))
    await one.clock.advance(20_000)
    assert.equal(board.asked.length, 11)
    const other = await started(new LeaseBoard(), 'c', new ManualClock(0))
    await other.clock.advance(6_000)
    assert.deepEqual(other.board.asked, ['read c', 'take c', 'renew c', 'renew c', 'renew c', 'renew c'])
  })
})

describe('several that want a free lease', () => {
  it('all ask and one gets it; the others stand by without a word of complaint', async () => {
    const board = new LeaseBoard()
    board.put('')
    const all = ['a', 'b', 'c'].map((identity) => replica(board, identity))
    for (const { election } of all) election.start()
    await together(2_000, ...all)
    assert.equal(all.filter(leading).length, 1)
    assert.equal(board.asked.filter((each) => each.startsWith('take ')).length, 3)
    for (const each of all.filter((one) => !leading(one))) {
      assert.deepEqual(each.messages(), ['standby'])
      assert.equal(each.election.facts().known, true)
    }
  })

  it('and a lease that comes into being meanwhile is somebody else’s', async () => {
    const board = new LeaseBoard()
    board.fault = (verb, identity, moment) => {
      if (verb === 'take' && identity === 'a' && moment === 'before') board.put('b')
    }
    const one = await started(board, 'a')
    assert.deepEqual([leading(one), board.record?.holder], [false, 'b'])
  })
})

describe('a standby that cannot tell who leads', () => {
  for (const error of [
    new ReconcileError('ApiServerForbidden', 'may not get leases infometis-kafka in namespace team'),
    new ReconcileError('ApiServerUnreachable', 'the API server is too busy or not ready (500)'),
    new ReconcileError('ApiServerUnreachable', 'no answer to get leases within 5000 ms'),
  ]) {
    it(`says so once, and goes on trying: ${error.message}`, async () => {
      const board = new LeaseBoard()
      let down = true
      board.fault = () => {
        if (down) throw error
      }
      const one = await started(board, 'a')
      await one.clock.advance(30_000)
      const { known, age, says } = one.election.facts()
      assert.deepEqual([known, age, leading(one)], [false, 30_000, false])
      assert.ok(
        says.startsWith(`the lease infometis-kafka cannot be read or taken: ${error.message} (`),
        says,
      )
      assert.deepEqual(one.messages(), ['lease cannot be read or written'])
      down = false
      await one.clock.advance(2_000)
      assert.deepEqual([leading(one), one.election.facts().known], [true, true])
    })
  }

  it('nor take a free lease is as bad: the verb is named', async () => {
    const board = new LeaseBoard()
    board.fault = (verb) => {
      if (verb === 'take') throw new ReconcileError('ApiServerForbidden', 'may not create leases')
    }
    const one = await started(board, 'a')
    await one.clock.advance(20_000)
    const { known, age, says } = one.election.facts()
    assert.deepEqual([known, age], [false, 20_000])
    assert.match(says, /may not create leases \(Grant the reconciler’s Role the verb named/)
  })

  it('knows how old its knowledge is', async () => {
    const board = new LeaseBoard()
    board.put('a', 0, 3_600_000)
    const one = await started(board, 'b')
    await one.clock.advance(10_000)
    assert.ok(one.election.facts().age < 2_000)
    board.fault = unreachable
    await one.clock.advance(20_000)
    assert.ok(one.election.facts().age > 18_000)
  })

  it('took it, and the answer was lost: it finds its own name there and leads', async () => {
    const board = new LeaseBoard()
    let lostAnswers = 1
    board.fault = (verb, _, moment) => {
      if (verb === 'take' && moment === 'after' && lostAnswers-- > 0) unreachable()
    }
    const one = await started(board, 'a')
    assert.deepEqual([leading(one), board.record?.holder], [false, 'a'])
    await one.clock.advance(2_000)
    assert.equal(leading(one), true)
  })
})

describe('a leader', () => {
  it('outlives nine seconds without an answer', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.fault = unreachable
    await one.clock.advance(9_000)
    assert.equal(leading(one), true)
    board.fault = () => undefined
    await one.clock.advance(60_000)
    assert.deepEqual([leading(one), one.messages()], [true, ['leading', 'lease cannot be read or written']])
  })

  it('that nobody answers for ten seconds has lost, before another can have won', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    const two = await started(board, 'b')
    await together(30_000, one, two)
    board.fault = (_, identity) => {
      if (identity === 'a') unreachable()
    }
    await together(10_000, one, two)
    assert.deepEqual([leading(one), leading(two), one.told], [false, false, [false, true, false]])
    assert.equal((one.election.leadership.signal.reason as ReconcileError).reason, 'LeadershipLost')
    assert.match(
      String(one.election.leadership.signal.reason),
      /was not renewed for 10 s.*no answer to leases within 5000 ms/,
    )
    await together(7_000, one, two)
    assert.deepEqual([leading(one), leading(two)], [false, true])
    assert.equal(one.messages().at(-1), 'leadership lost')
  })

  it('that lost asks for nothing more', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.fault = unreachable
    await one.clock.advance(10_000)
    board.asked.length = 0
    await one.clock.advance(60_000)
    assert.deepEqual([board.asked, one.clock.timers], [[], 0])
  })

  it('whose lease somebody else holds has lost at its next look, and says who it is', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.put('thief')
    await one.clock.advance(2_000)
    assert.equal(leading(one), false)
    assert.match(String(one.election.leadership.signal.reason), /thief holds the lease infometis-kafka now/)
    assert.deepEqual(one.messages(), ['leading', 'leadership lost'])
  })

  it('goes on over a renewal whose answer was lost', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    let lostAnswers = 1
    board.fault = (verb, _, moment) => {
      if (verb === 'renew' && moment === 'after' && lostAnswers-- > 0) unreachable()
    }
    await one.clock.advance(60_000)
    assert.equal(leading(one), true)
  })

  it('goes on where a person put a label on the lease, cleared its holder, or deleted it', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    for (const meddle of [
      () => board.put('a'),
      () => board.put(''),
      () => (board.record = undefined),
    ] as const) {
      meddle()
      await one.clock.advance(2_000)
      assert.deepEqual([leading(one), board.record?.holder], [true, 'a'])
    }
  })

  it('keeps a deleted lease: a standby leaves it the time to make it again', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    const two = await started(board, 'b')
    await together(10_000, one, two)
    board.record = undefined
    await two.clock.advance(2_000)
    assert.equal(leading(two), false)
    await one.clock.advance(2_000)
    await together(60_000, one, two)
    assert.deepEqual([leading(one), leading(two)], [true, false])
    await one.election.stop()
    board.record = undefined
    await two.clock.advance(17_000)
    assert.equal(leading(two), true)
  })

  it('bears a storm of conflicts for as long as it still finds its own name', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.fault = (verb, _, moment) => {
      if (verb === 'renew' && moment === 'before') board.put('a')
    }
    await one.clock.advance(9_000)
    assert.equal(leading(one), true)
    board.fault = () => undefined
    await one.clock.advance(60_000)
    assert.equal(leading(one), true)
  })

  it('that was stopped for longer than the deadline renews nothing when it goes on', async () => {
    const board = new LeaseBoard()
    const clock = new StoppedClock()
    const one = await started(board, 'a', clock)
    clock.skip(16_000)
    board.put('b')
    board.asked.length = 0
    await clock.advance(2_000)
    assert.deepEqual([leading(one), board.asked], [false, []])
    assert.match(String(one.election.leadership.signal.reason), /this process stood still/)
  })
})

describe('the end', () => {
  it('of a leader gives the lease back, and another leads within two seconds', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    const two = await started(board, 'b')
    await together(30_000, one, two)
    await one.election.release()
    assert.deepEqual([board.record?.holder, one.told, one.lease.closed], ['', [false, true, false], true])
    assert.equal(one.messages().at(-1), 'lease released')
    await two.clock.advance(2_000)
    assert.deepEqual([leading(two), board.record?.holder], [true, 'b'])
    await one.clock.advance(60_000)
    assert.equal(one.election.leadership.signal.aborted, false)
  })

  it('of a standby leaves the lease alone', async () => {
    const board = new LeaseBoard()
    board.put('a', 0, 3_600_000)
    const one = await started(board, 'b')
    await one.election.release()
    await one.clock.advance(3_600_000)
    assert.deepEqual([board.asked, board.record?.holder], [['read b'], 'a'])
  })

  it('gives back what a renewal wrote whose answer was lost', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.put('a')
    await one.election.release()
    assert.equal(board.record?.holder, '')
  })

  it('never takes the lease from another who has it already', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.put('b')
    await one.election.release()
    assert.equal(board.record?.holder, 'b')
  })

  it('is no matter for the API server: a lease that cannot be given back will expire', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    board.fault = unreachable
    await one.election.release()
    assert.deepEqual(
      [board.record?.holder, one.messages().at(-1)],
      ['a', 'lease not released, it will expire'],
    )
  })

  it('with something still at work keeps the lease and the deadline', async () => {
    const board = new LeaseBoard()
    const one = await started(board, 'a')
    await one.election.stop()
    assert.equal(board.record?.holder, 'a')
    await one.clock.advance(14_000)
    assert.throws(() => one.election.leadership.check(), { reason: 'LeadershipLost' })
  })

  it('that comes while the lease is being taken gives it back, and nothing begins', async () => {
    const board = new LeaseBoard()
    const one = replica(board, 'a')
    const ending: Promise<void>[] = []
    board.fault = (verb, _, moment) => {
      if (verb === 'take' && moment === 'before') ending.push(one.election.release())
    }
    one.election.start()
    await settled()
    await Promise.all(ending)
    assert.deepEqual([board.record?.holder, one.seen.won], ['', false])
  })
})
