// An older copy of the ledger is put back, and a technician looks before central has confirmed
// anything. What lies there goes on waiting, but not for the PIN of the copy: that may have been
// replaced in what was lost.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditBench } from '../../support/audit-bench.ts'
import { backUp, restore } from '../../support/backup.ts'

let bench: AuditBench

beforeEach(() => {
  bench = new AuditBench()
  backUp(bench)
  bench.command({ kind: 'reissue-pin', lockerId: '2', reason: 'the letter was lost' })
})

afterEach(() => bench.close())

function inspect(lockerId: string, found: 'parcel' | 'empty'): void {
  bench.command({ kind: 'inspect', lockerId, found, reason: 'round' })
}

function announce(recipientId: string, ...ids: readonly string[]): void {
  const version = bench.ledger.streamVersions().parcel + 1
  const puts = ids.map((id) => ({ id, tracking: `T-${id}`, size: 'S', recipientId }))
  bench.want({ stream: 'parcel', version, isSnapshot: false, puts, deletes: [] })
}

function confirmStale(parcelId: string, lockerId: string): void {
  const parcels = [{ parcelId, lockerId, isPinStale: true }]
  bench.send({ kind: 'parcels-vouched', epoch: 'bench-epoch', cum: 10_000, parcels })
}

test('whoever looks brings a new PIN, which is the only one that opens', () => {
  restore(bench)
  inspect('2', 'parcel')
  expect(bench.told('pin-revoked')).toMatchObject({
    recipientId: 'r-p-2',
    by: { role: 'technician' },
    reason: 'round',
  })
  expect(bench.told('pin-reissued')).toMatchObject({
    parcelIds: ['p-2'],
    sealedPin: 'sealed pin 3 of p-2',
  })
  bench.type('pin of p-2')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  bench.type('pin 3 of p-2')
  expect(bench.useDoor()).toBe('2')
  expect(bench.parcelState('p-2')).toBe('collected')
})

test('an audit that finds everything as it should be brings new PINs, too', () => {
  restore(bench)
  bench.begin()
  expect(bench.look('matches')).toBe('1')
  bench.look('matches')
  expect(bench.told('locker-audited')).toMatchObject({ lockerId: '2', healing: 'confirmed' })
  expect(bench.factsOf('pin-reissued').map(({ parcelId }) => parcelId)).toEqual(['p-1', 'p-2'])
  bench.leaveAudit()
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  bench.type('pin 2 of p-1')
  expect(bench.useDoor()).toBe('1')
})

test('a day’s limit of new PINs does not keep the old one alive', () => {
  const { reissuesADayMax } = bench.config.policy
  for (let times = 1; times < reissuesADayMax; times += 1) {
    bench.command({ kind: 'reissue-pin', lockerId: '2', reason: 'the letter was lost' })
  }
  backUp(bench)
  bench.pass(1_000)
  inspect('3', 'empty')
  restore(bench)
  const before = bench.pins.get('p-2')
  inspect('2', 'parcel')
  expect(bench.pins.get('p-2')).not.toBe(before)
  expect(bench.facts()).not.toContain('pin-reissue-refused')
})

test('central confirms after the look: the PIN that the look has brought goes on', () => {
  restore(bench)
  announce('r-p-2', 'p-4')
  inspect('3', 'empty')
  inspect('2', 'parcel')
  confirmStale('p-2', '2')
  expect(bench.factsOf('pin-revoked')).toHaveLength(1)
  bench.leaveParcel('p-4')
  expect(bench.told('parcel-deposited')).toMatchObject({ parcelId: 'p-4', sealedPin: null })
})

test('one new PIN for all parcels of a person, whoever vouches for which', () => {
  announce('r-both', 'p-4', 'p-5')
  bench.leaveParcel('p-4')
  bench.leaveParcel('p-5')
  backUp(bench)
  bench.type('pin of p-1')
  bench.useDoor()
  restore(bench)
  inspect('3', 'parcel')
  confirmStale('p-5', '4')
  const revoked = bench.factsOf('pin-revoked').filter(({ recipientId }) => recipientId === 'r-both')
  expect(revoked).toHaveLength(1)
  expect(bench.told('pin-reissued')).toMatchObject({ parcelIds: ['p-4', 'p-5'] })
  bench.type('pin 2 of p-4')
  expect(bench.useDoor()).toBe('3')
  expect(bench.useDoor()).toBe('4')
})

test('a PIN that central has confirmed is left as it is by later looks', () => {
  restore(bench)
  const parcels = [{ parcelId: 'p-1', lockerId: '1' }]
  bench.send({ kind: 'parcels-vouched', epoch: 'bench-epoch', cum: 10_000, parcels })
  bench.begin()
  expect(bench.look('matches')).toBe('1')
  bench.leaveAudit()
  expect(bench.facts()).not.toContain('pin-revoked')
  bench.type('pin of p-1')
  expect(bench.useDoor()).toBe('1')
})
