// A technician audits the lockers while returns lie in them: what is there goes on waiting for its
// courier, and what broke off is handed in once somebody has seen it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditBench } from '../../support/audit-bench.ts'

let bench: AuditBench

beforeEach(() => {
  bench = new AuditBench()
  bench.wantReturn({ id: 'ret-1' })
  bench.type('pin of ret-1')
  expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
  bench.obeyUnlock('acknowledged', 'springs-open')
})

afterEach(() => bench.close())

function auditThird(answer: 'matches' | 'found-empty'): void {
  bench.begin()
  bench.look('matches')
  bench.look('matches')
  expect(bench.look(answer)).toBe('3')
}

test('a return that was handed in is found where it should be, and nothing changes', () => {
  bench.moveDoor('3', 'closed')
  bench.press('found-parcel')
  bench.press('back')
  auditThird('matches')
  expect(bench.lockerState('3')).toBe('awaiting-courier')
  expect(bench.parcelState('ret-1')).toBe('handed-in')
})

test('a return that is gone puts its locker aside', () => {
  bench.moveDoor('3', 'closed')
  bench.press('found-parcel')
  bench.press('back')
  auditThird('found-empty')
  expect(bench.told('locker-disputed')).toMatchObject({ lockerId: '3', parcelId: 'ret-1' })
  expect(bench.lockerState('3')).toBe('disputed')
})

test('a hand-in that broke off is handed in when the technician sees the parcel', () => {
  bench.restart()
  bench.moveDoor('3', 'closed')
  auditThird('matches')
  expect(bench.told('parcel-handed-in')).toMatchObject({ parcelId: 'ret-1', proof: 'inspected' })
  expect(bench.lockerState('3')).toBe('awaiting-courier')
  expect(bench.factsOf('parcel-deposited')).toHaveLength(2)
})

test('a hand-in that broke off and left nothing frees the locker, and the code is good', () => {
  bench.restart()
  bench.moveDoor('3', 'closed')
  auditThird('found-empty')
  expect(bench.lockerState('3')).toBe('free')
  bench.look('matches')
  bench.press('sign-out')
  bench.type('pin of ret-1')
  expect(bench.screen.kind).toBe('hand-in-opening')
})

test('something else lies where a hand-in broke off: its code opens nothing', () => {
  bench.restart()
  bench.moveDoor('3', 'closed')
  bench.begin()
  bench.look('matches')
  bench.look('matches')
  expect(bench.look('found-other')).toBe('3')
  bench.press('skip')
  expect(bench.factsOf('parcel-missed')).toEqual([])
  expect(bench.lockerState('3')).toBe('disputed')
  expect(bench.parcelState('ret-1')).toBe('unconfirmed')
  bench.leaveAudit()
  bench.type('pin of ret-1')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-LOCKER-02' })
})

test('a return that is found again after all goes on waiting for its courier', () => {
  bench.moveDoor('3', 'closed')
  bench.press('found-parcel')
  bench.press('back')
  auditThird('found-empty')
  bench.leaveAudit()
  bench.command({ kind: 'inspect', lockerId: '3', found: 'parcel', reason: 'under the shelf' })
  expect(bench.lockerState('3')).toBe('awaiting-courier')
  expect(bench.factsOf('parcel-handed-in')).toHaveLength(1)
})
