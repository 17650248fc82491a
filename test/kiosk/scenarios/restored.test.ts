// Somebody puts an older copy of the ledger back. Between the copy and now p-1 was collected, p-3
// came into its locker, and p-2 still lies where it lay.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { confirmationBy } from '../../../sim/central/confirmation.ts'
import type { StoreRecord } from '../../../src/kiosk/facts.ts'
import { CONFIRMED_MAX } from '../../../src/kiosk/restore.ts'
import { openLedger } from '../../../src/store/ledger.ts'
import { backUp, copyOf, restore } from '../../support/backup.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000
const OLD = 'bench-epoch'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare(['p-1', 'p-2', 'p-3'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  backUp(bench)
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(HOUR_MS)
  bench.leaveParcel('p-3')
  expect(bench.ledger.parcel('p-3')?.lockerId).toBe('1')
})

afterEach(() => bench.close())

function vouch(lockerIds: Readonly<Record<string, string>>, options: { stale?: string } = {}) {
  const parcels = Object.entries(lockerIds).map(([parcelId, lockerId]) => ({
    parcelId,
    lockerId,
    isPinStale: parcelId === options.stale,
  }))
  bench.send({ kind: 'parcels-vouched', epoch: OLD, cum: 10_000, parcels })
}

function factsIn({ ledger }: Bench) {
  const rows = ledger.outboxAfter(0, { countMax: 1_000, bytesMax: 1e9 })
  return rows.map(({ seq, body }) => ({ seq, body, type: String(JSON.parse(body).type) }))
}

function refusedWith(pin: string): unknown {
  bench.pass(60_000)
  const before = bench.unlocks.length
  bench.type(pin)
  expect(bench.unlocks.length).toBe(before)
  expect(['welcome', 'pickup-used']).toContain(bench.screen.kind)
  return bench.view?.notice
}

test('it is an alarm, a new epoch whose numbers go on, and nothing of the copy is believed', () => {
  const newest = bench.ledger.headSeq()
  restore(bench)
  expect(bench.told('ledger-restored')).toMatchObject({
    cause: 'journal-ahead',
    previousEpoch: OLD,
    knownSeq: newest,
    lockerIds: ['1', '2', '3'],
  })
  expect(bench.ledger.epoch()).not.toBe(OLD)
  expect(bench.ledger.epochRange(OLD)).toMatchObject({ firstSeq: 1 })
  expect(bench.lockerState('3')).toBe('unverified')
  bench.send({ kind: 'status-asked', requestId: 'q' })
  const status = { lockersInDoubt: ['1', '2', '3'] }
  expect(bench.answers.at(-1)).toMatchObject({ kind: 'status', status })
})

test('no further parcel goes into a locker of the copy, until it is confirmed', () => {
  restore(bench)
  const inspect = { kind: 'inspect', lockerId: '3', found: 'empty', reason: 'looked' } as const
  bench.command(inspect)
  const recipientId = bench.ledger.parcel('p-2')?.recipientId ?? ''
  const further = { id: 'p-9', tracking: 'T-p-9', size: 'S', recipientId }
  const version = bench.ledger.streamVersions().parcel + 1
  bench.want({ stream: 'parcel', version, isSnapshot: false, puts: [further], deletes: [] })
  bench.signIn()
  bench.press('deposit', 'p-9')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '3' })
  bench.press('cancel')
  bench.useDoor()
  bench.press('back')
  expect(bench.screen.kind).toBe('courier-menu')
  vouch({ 'p-2': '2' })
  bench.press('deposit', 'p-9')
  expect(bench.screen).toMatchObject({ kind: 'deposit-offer', lockerId: '2' })
})

test('no PIN of the copy opens a door, and none is told from one that nobody has', () => {
  restore(bench)
  const unchecked = { key: 'pin-unconfirmed', code: 'LK-PIN-11' }
  expect(refusedWith('pin of p-1')).toMatchObject(unchecked)
  expect(refusedWith('pin of p-2')).toMatchObject(unchecked)
  expect(refusedWith('pin of p-3')).toMatchObject(unchecked)
  expect(refusedWith('nobody has it')).toMatchObject(unchecked)
  expect(bench.factsOf('entry-refused').map(({ cause }) => cause)).toEqual([
    'unconfirmed-after-restore',
    'unconfirmed-after-restore',
    'unknown',
    'unknown',
  ])
})

test('the other answers stay: not complete, used, expired, braked, and no board', () => {
  bench.type('pin of p-2')
  bench.useDoor()
  bench.pass(HOUR_MS)
  backUp(bench)
  bench.pass(8 * 24 * HOUR_MS)
  restore(bench)
  bench.type('pin of p-2', 7)
  expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-03' })
  expect(refusedWith('pin of p-2')).toMatchObject({ code: 'LK-PIN-05' })
  bench.press('back')
  expect(refusedWith('pin of p-3')).toMatchObject({ code: 'LK-PIN-04' })
  for (let times = 0; times < 3; times += 1) bench.type(`wrong ${times}`)
  bench.type('wrong again')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-02' })
  bench.pass(60_000)
  bench.send({ kind: 'board-lost', boardId: 'a' })
  expect(refusedWith('pin of p-2')).toMatchObject({ code: 'LK-PIN-06' })
})

test('central, which has the lost facts, confirms what lies there still: its PIN opens', () => {
  restore(bench)
  vouch({ 'p-2': '2', 'p-3': '1' })
  expect(bench.told('parcels-confirmed')).toMatchObject({
    parcels: [{ parcelId: 'p-2', lockerId: '2' }],
  })
  bench.type('pin of p-2')
  expect(bench.useDoor()).toBe('2')
  expect(bench.parcelState('p-2')).toBe('collected')
  expect(refusedWith('pin of p-1')).toMatchObject({ code: 'LK-PIN-11' })
})

test('a large wall is confirmed in facts of a bearable size', () => {
  bench.close()
  const count = CONFIRMED_MAX + 1
  bench = new Bench(wallOf(Array.from({ length: count }, () => 'S')))
  bench.readBoard()
  const ids = Array.from({ length: count }, (_, at) => String(at + 1))
  bench.ledger.begin()
  for (const id of ids) {
    const place = { parcelId: `p-${id}`, lockerId: id, courierId: 'c-1', recipientId: `r-${id}` }
    const why = { needs: [], reasons: [], passed: [] }
    bench.ledger.apply(
      [
        {
          kind: 'deposit-started',
          data: { ...place, size: 'S', isAnnounced: false, isTogether: false, why },
        },
        { kind: 'parcel-deposited', data: { ...place, sealedPin: null, pinExpiresAtWallMs: null } },
      ],
      bench.now(),
    )
  }
  bench.ledger.commit()
  backUp(bench)
  bench.restart()
  restore(bench)
  vouch(Object.fromEntries(ids.map((id) => [`p-${id}`, id])))
  const sizes = bench.factsOf('parcels-confirmed').map(({ parcels }) => (parcels as []).length)
  expect(sizes).toEqual([CONFIRMED_MAX, 1])
  expect(bench.ledger.hasDoubts()).toBe(false)
})

test('central lacks lost facts, or speaks of another epoch or locker: nothing is confirmed', () => {
  restore(bench)
  const parcels = [{ parcelId: 'p-2', lockerId: '2' }]
  bench.send({ kind: 'parcels-vouched', epoch: OLD, cum: 3, parcels })
  bench.send({ kind: 'parcels-vouched', epoch: 'another', cum: 10_000, parcels })
  vouch({ 'p-2': '3', 'p-1': '2' })
  expect(bench.facts()).not.toContain('parcels-confirmed')
})

test('a PIN that was replaced since the copy does not live again', () => {
  bench.command({ kind: 'reissue-pin', lockerId: '2', reason: 'the letter was lost' })
  restore(bench)
  vouch({ 'p-2': '2' }, { stale: 'p-2' })
  expect(refusedWith('pin of p-2')).toMatchObject({ code: 'LK-PIN-05' })
  bench.type(bench.pins.get('p-2') ?? '')
  expect(bench.useDoor()).toBe('2')
})

test('a technician looks: what is there can be collected, what is gone is gone', () => {
  restore(bench)
  bench.command({ kind: 'inspect', lockerId: '2', found: 'parcel', reason: 'round' })
  bench.command({ kind: 'inspect', lockerId: '1', found: 'other', reason: 'round' })
  bench.command({ kind: 'inspect', lockerId: '3', found: 'empty', reason: 'round' })
  expect(bench.lockerState('1')).toBe('disputed')
  expect(bench.lockerState('3')).toBe('free')
  expect(refusedWith('pin of p-1')).toMatchObject({ code: 'LK-PIN-11' })
  bench.type(bench.pins.get('p-2') ?? '')
  expect(bench.useDoor()).toBe('2')
  bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'it was p-3' })
  expect(bench.parcelState('p-1')).toBe('withdrawn')
  expect(bench.ledger.hasDoubts()).toBe(false)
  expect(refusedWith('nobody has it')).toMatchObject({ code: 'LK-PIN-01' })
})

test('a technician sees what waits for a courier: the courier takes it out', () => {
  bench.command({ kind: 'recall', lockerId: '2', reason: 'sent back' })
  backUp(bench)
  bench.pass(HOUR_MS)
  bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
  restore(bench)
  expect(bench.ledger.locker('2')).toMatchObject({ state: 'awaiting-courier', isInDoubt: true })
  bench.command({ kind: 'inspect', lockerId: '2', found: 'parcel', reason: 'seen' })
  expect(bench.ledger.locker('2')).toMatchObject({ state: 'awaiting-courier', isInDoubt: false })
  bench.signIn()
  bench.press('retrieve')
  expect(bench.useDoor()).toBe('2')
})

test('a further parcel gets a new PIN: that of the copy may be spent, and forgotten', () => {
  bench.close()
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare(['p-1', 'p-9'].map((id) => ({ id, size: 'S', recipientId: 'r-1' })))
  bench.leaveParcel('p-1')
  backUp(bench)
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(HOUR_MS)
  restore(bench)
  bench.command({ kind: 'inspect', lockerId: '3', found: 'empty', reason: 'round' })
  bench.leaveParcel('p-9')
  expect(bench.told('parcel-deposited')).toMatchObject({ sealedPin: expect.any(String) })
  bench.type('pin of p-9')
  expect(bench.useDoor()).toBe('3')
})

test('central does not vouch for a parcel whose door stood open for its recipient', () => {
  bench.type('pin of p-2')
  bench.obeyUnlock('acknowledged', 'springs-open')
  const before = factsIn(bench)
  restore(bench)
  const own = factsIn(bench).slice(bench.ledger.epochAt(bench.ledger.headSeq()).firstSeq - 1)
  expect(own[0]).toMatchObject({ type: 'ledger-restored/1' })
  const vouched = confirmationBy(own, () => before)?.parcels ?? []
  expect(vouched.map(({ id }) => id)).toEqual(['p-3'])
})

test('couriers get only lockers that somebody has looked into, and take nothing back', () => {
  bench.command({ kind: 'recall', lockerId: '2', reason: 'sent back' })
  backUp(bench)
  restore(bench)
  bench.signIn()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
  bench.press('sign-out')
  bench.command({ kind: 'inspect', lockerId: '3', found: 'empty', reason: 'round' })
  expect(bench.ledger.freeLockerIds()).toEqual(['3'])
})

test('the help desk opens nothing of the copy either', () => {
  restore(bench)
  bench.press('help')
  bench.press('desk', '1')
  bench.type('answer to challenge 1')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-DESK-04' })
  expect(bench.unlocks).toEqual([])
})

test('a second start tells nothing anew, and a second copy is noticed again', () => {
  restore(bench)
  bench.restart()
  expect(bench.factsOf('ledger-restored')).toHaveLength(1)
  restore(bench)
  expect(bench.factsOf('ledger-restored')).toHaveLength(1)
  expect(bench.ledger.hasDoubts()).toBe(true)
})

test('the journal is gone, or not to be read: the ledger may be any copy', () => {
  bench.ledger.close()
  rmSync(`${bench.ledgerPath}-head`)
  bench.start()
  expect(bench.told('ledger-restored')).toMatchObject({ cause: 'journal-missing', knownSeq: null })
  expect(bench.ledger.hasDoubts()).toBe(true)
})

test('a copy that went on elsewhere has other facts under the same numbers', () => {
  const elsewhere = join(bench.folder, 'elsewhere')
  mkdirSync(elsewhere)
  const path = join(elsewhere, 'ledger.db')
  copyFileSync(copyOf(bench), path)
  const lockerIds = ['1', '2', '3']
  const other = openLedger({ path, lockerIds, newEpoch: 'e', journalPath: `${path}-head` })
  const doubted: StoreRecord = {
    kind: 'locker-doubted',
    data: { lockerId: '3', cause: 'not-proven' },
  }
  other.begin()
  while (other.headSeq() < bench.ledger.headSeq() + 5) other.apply([doubted], bench.now())
  other.commit()
  other.close()
  bench.ledger.close()
  copyFileSync(path, bench.ledgerPath)
  bench.start()
  expect(bench.told('ledger-restored')).toMatchObject({ cause: 'journal-differs' })
})

test('central has confirmed what is not here: the whole disk is an older one', () => {
  bench.send({ kind: 'ledger-overtaken', cause: 'central-ahead', knownSeq: 900 })
  expect(bench.told('ledger-restored')).toMatchObject({ cause: 'central-ahead', knownSeq: 900 })
  bench.readBoard()
  expect(refusedWith('pin of p-2')).toMatchObject({ code: 'LK-PIN-11' })
  bench.send({ kind: 'ledger-overtaken', cause: 'central-ahead', knownSeq: 901 })
  expect(bench.factsOf('ledger-restored')).toHaveLength(1)
})
