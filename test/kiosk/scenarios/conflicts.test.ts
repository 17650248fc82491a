// Central and the kiosk decide without each other, because the network is away. What happened at
// the doors stands, whatever central had decided; rights from now on are central's. The table of
// all cases is in README.md.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '../../../src/store/verify.ts'
import { Apart } from '../../support/apart.ts'
import { type Bench, wallOf } from '../../support/bench.ts'
import { RemoteBench } from '../../support/remote-bench.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const CROSS = { kind: 'open', lockerId: '1', reason: 'a try' } as const

let apart: Apart
let bench: Bench

beforeEach(() => {
  apart = new Apart(['S', 'S', 'S'])
  bench = apart.bench
})

afterEach(() => apart.close())

function collect(pin: string): void {
  bench.type(pin)
  bench.useDoor()
  bench.press('back')
}

function handIn(id: string): void {
  bench.type(`pin of ${id}`)
  bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
}

describe('central takes a PIN back, and its owner has collected with it', () => {
  beforeEach(() => {
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    apart.meet()
    apart.want('pickup', { id: 'r-1', reissue: 1, expiresAtMs: null })
  })

  test('the pickup stands, nothing is made undone, and central files it', () => {
    collect('pin of p-1')
    apart.meet()
    expect(bench.parcelState('p-1')).toBe('collected')
    expect(bench.facts()).not.toContain('pin-revoked')
    expect(apart.exceptions).toEqual([{ kind: 'picked-up-after-revoke', parcelId: 'p-1' }])
    apart.meet()
    expect(apart.exceptions).toHaveLength(1)
  })

  test('in time it is dead, and a pickup with the new one is no exception', () => {
    apart.meet()
    bench.type('pin of p-1')
    expect(bench.view?.notice?.key).toBe('pin-used')
    collect('pin 2 of p-1')
    apart.meet()
    expect(bench.parcelState('p-1')).toBe('collected')
    expect(apart.exceptions).toEqual([])
  })
})

describe('central sends a parcel back, and its owner has collected it', () => {
  beforeEach(() => {
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    apart.meet()
    apart.want('pickup', { id: 'r-1', reissue: 0, expiresAtMs: bench.now().wallMs + HOUR_MS })
    bench.pass(2 * HOUR_MS)
  })

  test('the pickup wins: no courier is sent to an empty locker, and central files it', () => {
    collect('pin of p-1')
    apart.meet()
    bench.signIn()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
    expect(apart.exceptions).toEqual([{ kind: 'picked-up-after-end', parcelId: 'p-1' }])
  })

  test('in time the PIN ends, and a courier takes the parcel back', () => {
    apart.meet()
    bench.pass(1_000)
    bench.type('pin of p-1')
    expect(bench.view?.notice?.key).toBe('pin-expired')
    bench.signIn()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 1 })
  })
})

describe('central gives up a parcel, and a courier has left it', () => {
  test('it is taken as it is: its PIN opens, and central files that nobody asked for it', () => {
    apart.announce('p-1')
    apart.wantNoMore('parcel', 'p-1')
    bench.leaveParcel('p-1')
    apart.meet()
    expect(bench.parcelState('p-1')).toBe('deposited')
    expect(apart.exceptions).toEqual([{ kind: 'deposited-after-withdrawal', parcelId: 'p-1' }])
    collect('pin of p-1')
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('while the courier stands there with the door open, it may still be put in', () => {
    apart.announce('p-1')
    bench.signIn()
    bench.press('deposit', 'p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    apart.wantNoMore('parcel', 'p-1')
    apart.meet()
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.parcelState('p-1')).toBe('deposited')
    apart.meet()
    expect(apart.exceptions).toEqual([{ kind: 'deposited-after-withdrawal', parcelId: 'p-1' }])
  })

  test('in time it is on no list', () => {
    apart.announce('p-1')
    apart.wantNoMore('parcel', 'p-1')
    apart.meet()
    bench.signIn()
    expect(bench.press('deposit', 'p-1')).toBe('refused')
  })

  test('a return that was given up and is handed in waits for its courier all the same', () => {
    const row = { id: 'ret-1', tracking: null, size: 'S', recipientId: 'r-1', expiresAtMs: null }
    apart.want('return', row)
    apart.meet()
    apart.wantNoMore('return', 'ret-1')
    handIn('ret-1')
    apart.meet()
    expect(bench.parcelState('ret-1')).toBe('handed-in')
    expect(apart.exceptions).toEqual([{ kind: 'handed-in-after-withdrawal', parcelId: 'ret-1' }])
    bench.signIn()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 1 })
  })

  test('what somebody finds at a look is no courier’s doing', () => {
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    collect('pin of p-1')
    apart.meet()
    apart.wantNoMore('parcel', 'p-1')
    bench.moveDoor('1', 'open')
    bench.moveDoor('1', 'closed')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'far back' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    apart.meet()
    expect(apart.exceptions).toEqual([])
  })
})

describe('central wants a new PIN, and the kiosk has made one without it', () => {
  test('both are told, never alike, and the last one that central hears of is the one', () => {
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    apart.want('pickup', { id: 'r-1', reissue: 1, expiresAtMs: null })
    bench.command({ kind: 'reissue-pin', lockerId: '1', reason: 'lost' })
    // Until the kiosk hears of central's wish, its own is the one.
    expect(bench.type('pin of p-1')).toBe('ok')
    expect(bench.view?.notice?.key).toBe('pin-used')
    apart.meet()
    expect(bench.allTold('pin-reissued').map(({ sealedPin }) => sealedPin)).toEqual([
      'sealed pin 2 of p-1',
      'sealed pin 3 of p-1',
    ])
    bench.type('pin 2 of p-1')
    expect(bench.view?.notice?.key).toBe('pin-used')
    collect('pin 3 of p-1')
    expect(bench.parcelState('p-1')).toBe('collected')
    apart.meet()
    const letters = apart.facts.letters().map(({ kind }) => kind)
    expect(letters).toEqual(['deposited', 'reissued', 'reissued', 'collected'])
  })
})

describe('two people of central decide one after the other', () => {
  test('the later version holds, whoever it was, also when both come at once', () => {
    apart.announce('p-1', 'r-1')
    apart.want('parcel', { id: 'p-1', tracking: 'T-p-1', size: 'S', recipientId: 'r-2' })
    apart.want('parcel', { id: 'p-1', tracking: 'T-p-1', size: 'S', recipientId: 'r-3' })
    apart.meet()
    expect(bench.ledger.parcel('p-1')?.recipientId).toBe('r-3')
    bench.leaveParcel('p-1')
    apart.want('parcel', { id: 'p-1', tracking: 'T-p-1', size: 'S', recipientId: 'r-2' })
    apart.meet()
    // It lies there by now, for whom the kiosk gave it its locker.
    expect(bench.ledger.parcel('p-1')?.recipientId).toBe('r-3')
  })
})

describe('the clocks of kiosk and central differ', () => {
  test('what happened is told in the order of its numbers, whatever the clock says', () => {
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    bench.wallAheadMs = -DAY_MS
    collect('pin of p-1')
    bench.wallAheadMs = DAY_MS
    bench.pass(HOUR_MS)
    apart.meet()
    const stored = apart.facts.facts()
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1))
    const [left, taken] = ['parcel-deposited/1', 'parcel-collected/1'].map((type) =>
      stored.findIndex((fact) => fact.type === type),
    )
    expect(left).toBeLessThan(taken ?? -1)
    const times = stored.map(({ body }) => (JSON.parse(body) as { t: number }).t)
    expect(times).not.toEqual(times.toSorted((a, b) => a - b))
    expect(apart.facts.letters().map(({ kind }) => kind)).toEqual(['deposited', 'collected'])
    expect(apart.facts.counters).toMatchObject({ chainBreaks: 0, gaps: 0, conflicts: 0 })
    expect(verifyLedger(bench.ledgerPath)).toMatchObject({ kind: 'sound' })
  })
})

describe('central takes a locker out of service, and a parcel lies in it', () => {
  const out = { id: '1', revision: 1, service: 'out', reason: 'the wall is being moved' } as const

  test('it can be collected, and nothing new goes in', () => {
    apart.announce('p-1')
    apart.announce('p-2', 'r-2')
    bench.leaveParcel('p-1')
    apart.want('locker', out)
    apart.meet()
    expect(bench.told('locker-withdrawn')).toEqual({
      ...{ lockerId: '1', cause: 'central', by: { role: 'central' } },
      reason: 'the wall is being moved',
    })
    collect('pin of p-1')
    expect(bench.parcelState('p-1')).toBe('collected')
    bench.pass(HOUR_MS)
    bench.leaveParcel('p-2')
    expect(bench.ledger.parcel('p-2')?.lockerId).toBe('2')
  })

  test('whoever stands before the open door is not put off: the deposit is finished', () => {
    apart.announce('p-1')
    bench.signIn()
    bench.press('deposit', 'p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    apart.want('locker', out)
    apart.meet()
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.parcelState('p-1')).toBe('deposited')
    bench.press('sign-out')
    collect('pin of p-1')
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('an unsafe one stays shut for everybody but a technician, and no deadline runs', () => {
    apart.close()
    apart = new Apart(['S'], { pinLifeMs: 2 * HOUR_MS })
    bench = apart.bench
    apart.announce('p-1')
    bench.leaveParcel('p-1')
    apart.want('locker', { ...out, service: 'unsafe' })
    apart.meet()
    const before = bench.unlocks.length
    bench.type('pin of p-1')
    expect(bench.view?.notice?.code).toBe('LK-LOCKER-02')
    expect(bench.unlocks).toHaveLength(before)
    bench.pass(4 * HOUR_MS)
    bench.restart()
    bench.readBoard()
    expect(bench.facts()).not.toContain('pin-expired')
    expect(bench.told('standstill-began')).toMatchObject({ cause: 'locker-blocked' })
    bench.command({ kind: 'open', lockerId: '1', reason: 'took a look' })
    bench.useDoor()
    apart.want('locker', { ...out, revision: 2, service: 'in', reason: 'the glass is away' })
    apart.meet()
    bench.pass(1_000)
    collect('pin of p-1')
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('no word from afar mends wires', () => {
    bench.send({ kind: 'technician-asked', requestId: 'q', technicianId: 't-1', command: CROSS })
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.moveDoor('2', 'open')
    bench.moveDoor('2', 'closed')
    expect(bench.ledger.locker('1')?.withdrawnFor).toBe('crossed-wiring')
    apart.want('locker', { ...out, service: 'in' })
    apart.meet()
    expect(bench.ledger.locker('1')?.withdrawnFor).toBe('crossed-wiring')
  })
})

describe('central and a technician at the kiosk say otherwise of a locker', () => {
  const said = { id: '1', revision: 1, service: 'out', reason: 'the wall is being moved' } as const
  const withdrawnFor = () => bench.ledger.locker('1')?.withdrawnFor

  test('who came last is right: the technician, until central’s next word', () => {
    apart.want('locker', said)
    apart.meet()
    expect(withdrawnFor()).toBe('central')
    bench.command({ kind: 'enable', lockerId: '1', reason: 'it is not moved after all' })
    expect(withdrawnFor()).toBeNull()
    expect(bench.told('locker-returned')).toMatchObject({ by: { role: 'technician' } })
    bench.restart()
    apart.meet()
    expect(withdrawnFor()).toBeNull()
    apart.want('locker', { ...said, revision: 2 })
    apart.meet()
    expect(withdrawnFor()).toBe('central')
    apart.want('locker', { ...said, revision: 3, service: 'in' })
    apart.meet()
    expect(withdrawnFor()).toBeNull()
  })

  test('an older word that comes again, or in a snapshot, is not done again', () => {
    apart.want('locker', said)
    apart.meet()
    bench.command({ kind: 'enable', lockerId: '1', reason: 'it is not moved after all' })
    const version = bench.ledger.streamVersions().locker + 1
    const again = { stream: 'locker', version, puts: [said], deletes: [] } as const
    bench.want({ ...again, isSnapshot: true })
    expect(withdrawnFor()).toBeNull()
  })

  test('what both want has one fact, and a technician’s own reason stays', () => {
    bench.command({ kind: 'disable', lockerId: '1', reason: 'hinge is loose' })
    apart.want('locker', said)
    apart.meet()
    expect(withdrawnFor()).toBe('technician')
    expect(bench.allTold('locker-withdrawn')).toHaveLength(1)
  })

  test('a locker that the wall does not have is passed over', () => {
    apart.want('locker', { ...said, id: '99' })
    apart.meet()
    expect(bench.facts()).not.toContain('locker-withdrawn')
  })
})

describe('central takes a locker for another one’s', () => {
  test('the kiosk alone gives lockers: an order for the wrong one opens nothing', () => {
    const remote = new RemoteBench(wallOf(['S', 'S']), [
      { id: 'p-1', size: 'S' },
      { id: 'p-2', size: 'S', recipientId: 'r-2' },
    ])
    try {
      remote.leaveParcel('p-1')
      remote.leaveParcel('p-2')
      const before = remote.unlocks.length
      remote.openRemotely('1', { parcelId: 'p-2' })
      expect(remote.results.at(-1)).toMatchObject({ status: 'refused', code: 'LK-CMD-04' })
      expect(remote.told('command-refused')).toMatchObject({ code: 'LK-CMD-04' })
      expect(remote.unlocks).toHaveLength(before)
      expect(remote.parcelsAt('1')).toEqual(['p-1'])
      expect(remote.parcelsAt('2')).toEqual(['p-2'])
    } finally {
      remote.close()
    }
  })
})
