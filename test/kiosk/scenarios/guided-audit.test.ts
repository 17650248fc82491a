// A guided audit: a technician is led from locker to locker, says what lies inside, and the ledger
// heals. What differs is a report; nobody's right vanishes, and nothing is handed out unproven.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KioskConfig } from '../../../src/kiosk/config.ts'
import { AuditBench } from '../../support/audit-bench.ts'
import { wallOf } from '../../support/bench.ts'

let bench: AuditBench

beforeEach(() => {
  bench = new AuditBench()
})

afterEach(() => bench.close())

describe('a round through the whole wall', () => {
  test('in which all is as it should be changes nothing, and says so', () => {
    bench.begin()
    expect(bench.screen).toMatchObject({ kind: 'audit-opening', lockerId: '1', done: 0, total: 4 })
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({
      kind: 'audit-open',
      expected: { kind: 'parcel', parcel: { parcelId: 'p-1', tracking: 'T-p-1', size: 'S' } },
    })
    // Whoever looks does not need the recipient's name.
    expect(JSON.stringify(bench.screen)).not.toContain('r-p-1')
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    bench.press('matches')
    expect(bench.look('matches')).toBe('2')
    expect(bench.screen).toMatchObject({ kind: 'audit-opening', lockerId: '3', done: 2 })
    expect(bench.look('matches')).toBe('3')
    // For a locker that should be empty the two answers are the same.
    expect(bench.look('found-empty')).toBe('4')
    expect(bench.screen.kind).toBe('staff-menu')
    expect(bench.view?.notice).toMatchObject({ key: 'audit-over', params: { differences: 0 } })
    expect(bench.states()).toEqual(['occupied', 'occupied', 'free', 'free'])
    expect(bench.told('audit-ended')).toMatchObject({
      cause: 'completed',
      counts: { lockers: 4, matches: 4, differences: 0, left: 0 },
      by: { role: 'technician', id: 't-9' },
    })
    bench.press('sign-out')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('each door opens only when the last one is shut and answered for', () => {
    bench.begin()
    bench.obeyUnlock('acknowledged', 'springs-open')
    const unlocks = bench.unlocks.length
    expect(bench.press('matches')).toBe('refused')
    bench.pass(10_000)
    bench.moveDoor('1', 'closed')
    bench.pass(10_000)
    expect(bench.unlocks).toHaveLength(unlocks)
    bench.press('matches')
    expect(bench.unlocks).toHaveLength(unlocks + 1)
  })

  test('one column, from top to bottom', () => {
    const wall = wallOf(['S', 'S', 'S', 'S'])
    const lockers = wall.columns[0]?.lockers ?? []
    const two: KioskConfig = {
      ...wall,
      columns: [{ lockers: lockers.slice(0, 2) }, { lockers: lockers.slice(2) }],
    }
    bench.close()
    bench = new AuditBench(two)
    bench.begin('column 2')
    expect(bench.look('matches')).toBe('3')
    expect(bench.look('matches')).toBe('4')
    expect(bench.told('audit-ended')).toMatchObject({ counts: { lockers: 2, matches: 2 } })
    expect(bench.press('audit')).toBe('ok')
    bench.press('audit', 'column 3')
    expect(bench.view?.notice).toMatchObject({ key: 'audit-nothing', code: 'LK-AUDIT-04' })
    expect(bench.press('audit', 'every other one')).toBe('refused')
  })

  test('only what is in doubt, or what nobody has looked into for longest', () => {
    bench.moveDoor('3', 'open')
    bench.moveDoor('3', 'closed')
    bench.signIn('code of t-9')
    bench.press('audit')
    expect(bench.screen).toEqual({ kind: 'audit-choice', lockers: 4, columns: 1, doubtful: 1 })
    bench.press('audit', 'doubtful')
    expect(bench.look('found-empty')).toBe('3')
    expect(bench.told('audit-ended')).toMatchObject({ counts: { lockers: 1, settled: 1 } })
    expect(bench.lockerState('3')).toBe('free')
    bench.press('audit')
    bench.press('audit', 'oldest')
    // The others were looked into when the wall was new.
    expect(bench.told('audit-started')).toMatchObject({ lockerIds: ['1', '2', '4', '3'] })
  })
})

describe('a parcel that is not there', () => {
  beforeEach(() => {
    bench.begin()
    bench.look('found-empty')
  })

  test('puts its locker aside, and keeps its right: the PIN lives and opens nothing', () => {
    expect(bench.told('locker-audited')).toMatchObject({
      lockerId: '1',
      believed: 'parcel',
      parcelIds: ['p-1'],
      answer: 'empty',
      healing: 'parcel-missing',
    })
    expect(bench.told('parcel-missed')).toMatchObject({ parcelId: 'p-1', recipientId: 'r-p-1' })
    expect(bench.lockerState('1')).toBe('disputed')
    expect(bench.parcelState('p-1')).toBe('missing')
  })

  test('is told to its recipient as what it is, and to nobody else', () => {
    bench.leaveAudit()
    const unlocks = bench.unlocks.length
    bench.type('pin of p-1')
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.view?.notice).toMatchObject({ key: 'parcel-missing', code: 'LK-PIN-10' })
    expect(bench.unlocks).toHaveLength(unlocks)
    expect(bench.facts()).not.toContain('entry-refused')
    bench.type('pin of p-2')
    bench.useDoor()
    expect(bench.parcelState('p-2')).toBe('collected')
  })

  test('lies in another locker: scanned there it can be collected with the same PIN', () => {
    bench.look('matches')
    bench.useDoor()
    bench.press('found-other')
    expect(bench.screen).toMatchObject({ kind: 'audit-other', parcels: [{ parcelId: 'p-1' }] })
    bench.scan('T-p-1')
    expect(bench.told('locker-audited')).toMatchObject({
      lockerId: '3',
      answer: 'other-parcel',
      foundParcelId: 'p-1',
      otherLockerId: '1',
      healing: 'parcel-back',
    })
    expect(bench.told('parcel-deposited')).toMatchObject({
      parcelId: 'p-1',
      lockerId: '3',
      sealedPin: null,
    })
    expect(bench.states()).toEqual(['disputed', 'occupied', 'occupied', 'free'])
    bench.look('matches')
    bench.press('sign-out')
    bench.type('pin of p-1')
    expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '3' })
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('comes back when a technician finds it where it should be', () => {
    bench.leaveAudit()
    bench.command({ kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'behind the shelf' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
  })

  test('is given up only by a word of its own: a second look ends nothing', () => {
    bench.leaveAudit()
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'searched, lost' })
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelState('p-1')).toBe('withdrawn')
    bench.type('pin of p-1')
    expect(bench.view?.notice).toMatchObject({ key: 'pin-used' })
  })

  test('is still missing at the next audit, and its locker is still disputed', () => {
    bench.look('matches')
    bench.look('matches')
    bench.look('matches')
    bench.press('audit')
    bench.press('audit', 'doubtful')
    bench.useDoor()
    expect(bench.screen).toMatchObject({
      kind: 'audit-question',
      expected: { kind: 'unsure', parcel: { parcelId: 'p-1' } },
    })
    bench.press('found-empty')
    expect(bench.told('locker-audited')).toMatchObject({ healing: 'left' })
    expect(bench.told('audit-ended')).toMatchObject({ counts: { differences: 1 } })
    expect(bench.lockerState('1')).toBe('disputed')
    expect(bench.parcelState('p-1')).toBe('missing')
  })
})

describe('another parcel', () => {
  test('that belongs into another locker makes both disputed, and neither is opened for it', () => {
    bench.begin()
    bench.useDoor()
    bench.press('found-other')
    bench.scan('T-p-2')
    expect(bench.told('locker-audited')).toMatchObject({
      lockerId: '1',
      parcelIds: ['p-1'],
      foundParcelId: 'p-2',
      otherLockerId: '2',
      healing: 'misplaced',
    })
    expect(bench.states()).toEqual(['disputed', 'disputed', 'free', 'free'])
    expect([bench.parcelState('p-1'), bench.parcelState('p-2')]).toEqual(['missing', 'missing'])
    bench.leaveAudit()
    const unlocks = bench.unlocks.length
    bench.type('pin of p-2')
    bench.type('pin of p-1')
    expect(bench.unlocks).toHaveLength(unlocks)
  })

  test('that nobody knows is disputed, where the locker should have been empty', () => {
    bench.begin()
    bench.look('matches')
    bench.look('matches')
    bench.useDoor()
    bench.press('found-other')
    bench.scan('nobody’s number')
    expect(bench.view?.notice).toMatchObject({ key: 'audit-unknown-parcel', code: 'LK-SCAN-02' })
    bench.press('skip')
    expect(bench.told('locker-audited')).toMatchObject({ healing: 'disputed', foundParcelId: null })
    expect(bench.lockerState('3')).toBe('disputed')
    bench.look('matches')
    bench.press('sign-out')
    // The next parcel does not go there.
    bench.leaveParcel('p-3')
    expect(bench.lockerState('4')).toBe('occupied')
  })

  test('scanned as the one that should be there is no other one', () => {
    bench.begin()
    bench.useDoor()
    bench.press('found-other')
    bench.scan('T-p-1')
    expect(bench.told('locker-audited')).toMatchObject({ answer: 'matches', healing: 'confirmed' })
    expect(bench.parcelState('p-1')).toBe('deposited')
  })

  test('that was collected, and still lies there, can be given back', () => {
    bench.type('pin of p-1')
    // The hand was in and out again: nothing proves that the parcel came along.
    bench.useDoor(200)
    bench.pass(bench.config.policy.reopenMs)
    expect(bench.lockerState('1')).toBe('unverified')
    bench.begin()
    bench.useDoor()
    expect(bench.screen).toMatchObject({
      expected: { kind: 'unsure', parcel: { parcelId: 'p-1' } },
    })
    bench.press('matches')
    expect(bench.told('locker-audited')).toMatchObject({ healing: 'parcel-back' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    expect(bench.pins.get('p-1')).toBe('pin 2 of p-1')
  })

  test('back to the question: nothing is said by having looked at the list', () => {
    bench.begin()
    bench.useDoor()
    bench.press('found-other')
    bench.press('back')
    expect(bench.screen).toMatchObject({ kind: 'audit-question', lockerId: '1' })
    expect(bench.facts()).not.toContain('locker-audited')
  })
})

describe('nobody can tell', () => {
  test('of a locker that should be empty: it is handed out no more', () => {
    bench.begin()
    bench.look('found-unknown')
    bench.look('matches')
    bench.look('found-unknown')
    expect(bench.lockerState('3')).toBe('unverified')
    // The recipient of the first one is not made to pay for it.
    expect(bench.lockerState('1')).toBe('occupied')
    bench.look('matches')
    expect(bench.told('audit-ended')).toMatchObject({
      counts: { matches: 2, unknown: 2, differences: 0 },
    })
  })

  test('of a parcel that waits for its courier, and is gone: disputed, as at its retrieval', () => {
    bench.command({ kind: 'recall', lockerId: '1', reason: 'refused' })
    bench.begin()
    bench.look('found-empty')
    expect(bench.lockerState('1')).toBe('disputed')
    expect(bench.parcelState('p-1')).toBe('recalled')
    bench.leaveAudit()
    // Found again it still waits for its courier, and not for its recipient.
    bench.command({ kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'behind the shelf' })
    expect(bench.lockerState('1')).toBe('awaiting-courier')
  })

  test('a door that does not open is a finding, and the next one follows', () => {
    bench.begin()
    bench.jam()
    expect(bench.screen).toMatchObject({ kind: 'audit-stuck', lockerId: '1' })
    bench.press('skip')
    expect(bench.told('locker-audited')).toMatchObject({ answer: 'not-opened', code: 'LK-DOOR-01' })
    expect(bench.told('opening-failed')).toMatchObject({ lockerId: '1' })
    expect(bench.screen).toMatchObject({ kind: 'audit-opening', lockerId: '2' })
    expect(bench.lockerState('1')).toBe('occupied')
  })

  test('a board that is silent: each of its doors can be left, or tried again', () => {
    bench.signIn('code of t-9')
    bench.press('audit')
    bench.send({ kind: 'board-lost', boardId: 'a' })
    bench.press('audit', 'all')
    expect(bench.screen).toMatchObject({ kind: 'audit-stuck', lockerId: '1' })
    expect(bench.view?.notice).toMatchObject({ code: 'LK-BUS-01' })
    bench.press('skip')
    expect(bench.told('locker-audited')).toMatchObject({ lockerId: '1', code: 'LK-BUS-01' })
    bench.readBoard()
    bench.press('retry')
    expect(bench.look('matches')).toBe('2')
  })

  test('a door with a dead sensor: the technician’s word counts, for the door as well', () => {
    for (let k = 0; k < 3; k += 1) {
      bench.signIn('code of t-9')
      bench.press('check', '3')
      bench.jam()
      bench.press('back')
      bench.press('sign-out')
    }
    expect(bench.distrust('3')).toBe('no-movement')
    bench.begin('doubtful')
    bench.obeyUnlock('acknowledged', 'stays-closed')
    expect(bench.screen).toMatchObject({ kind: 'audit-stuck', isBlind: true })
    bench.press('said-open')
    expect(bench.screen).toMatchObject({ kind: 'audit-question', lockerId: '3' })
    bench.press('found-empty')
    expect(bench.lockerState('3')).toBe('free')
    expect(bench.screen.kind).toBe('staff-menu')
  })

  test('the door was forced between the look and the answer: it is looked at again', () => {
    bench.begin()
    bench.look('matches')
    bench.look('matches')
    bench.useDoor()
    bench.moveDoor('3', 'open')
    expect(bench.press('matches')).toBe('refused')
    bench.moveDoor('3', 'closed')
    bench.press('matches')
    expect(bench.screen).toMatchObject({ kind: 'audit-opening', lockerId: '3' })
    expect(bench.lockerState('3')).toBe('unverified')
    bench.look('found-empty')
    expect(bench.lockerState('3')).toBe('free')
  })
})

test('a sensor inside that says otherwise is found wrong, and the person counts', () => {
  for (const lockerId of ['2', '3', '4']) bench.inside(lockerId, 'present')
  bench.begin()
  bench.look('matches')
  bench.look('found-empty')
  bench.look('matches')
  bench.look('found-unknown')
  expect(bench.factsOf('contents-contradicted')).toMatchObject([
    { lockerId: '2', says: 'present', found: 'empty', by: { id: 't-9' } },
    { lockerId: '3', says: 'present', found: 'empty' },
  ])
})

describe('a locker that is held after a pickup', () => {
  beforeEach(() => {
    bench.type('pin of p-1')
    bench.useDoor(200)
    bench.press('back')
    bench.begin()
  })

  test('is free at once when somebody has seen it empty', () => {
    bench.look('matches')
    expect(bench.lockerState('1')).toBe('free')
    bench.pass(bench.config.policy.reopenMs)
    expect(bench.lockerState('1')).toBe('free')
  })

  test('is disputed when its parcel still lies there, which is then handed out anew', () => {
    bench.useDoor()
    bench.press('found-other')
    bench.scan('T-p-1')
    expect(bench.told('locker-audited')).toMatchObject({
      believed: 'empty',
      answer: 'other-parcel',
      healing: 'disputed',
    })
    expect(bench.lockerState('1')).toBe('disputed')
    bench.pass(bench.config.policy.reopenMs)
    expect(bench.lockerState('1')).toBe('disputed')
    bench.leaveAudit()
    bench.command({ kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'forgotten' })
    bench.type('pin 2 of p-1')
    expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  })
})
