// A guided audit that is broken off: for somebody who wants to collect, by a power cut, by an order
// from the command line, or because nobody goes on with it. What was found stays found.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AUDIT_IDLE_MAX_MS, AUDIT_STARTS_MAX } from '../../../src/kiosk/audit-course.ts'
import { AUDITS_KEPT_MAX } from '../../../src/store/audit-projection.ts'
import { AuditBench, TECHNICIAN } from '../../support/audit-bench.ts'
import { wallOf } from '../../support/bench.ts'

let bench: AuditBench

beforeEach(() => {
  bench = new AuditBench()
})

afterEach(() => bench.close())

describe('somebody wants to collect', () => {
  test('the technician makes room, the recipient collects, and the audit goes on', () => {
    bench.begin()
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('pause')
    expect(bench.screen).toMatchObject({ kind: 'audit-open', isLeaving: true })
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    bench.press('matches')
    expect(bench.screen.kind).toBe('welcome')
    bench.type('pin of p-2')
    bench.useDoor()
    expect(bench.parcelState('p-2')).toBe('collected')
    bench.pass(bench.config.policy.thanksMs)
    bench.leaveParcel('p-3')
    bench.signIn('code of t-9')
    expect(bench.screen).toMatchObject({ kind: 'audit-offer', done: 1, total: 4 })
    bench.press('audit')
    expect(bench.screen).toMatchObject({ kind: 'audit-opening', lockerId: '2' })
  })

  test('a technician who goes away loses nothing but the question', () => {
    bench.begin()
    bench.look('matches')
    bench.useDoor()
    bench.pass(bench.config.policy.courierIdleMs)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.report()).toMatchObject({ endedFor: null, counts: { matches: 1, left: 3 } })
    bench.signIn('code of t-9')
    bench.press('audit')
    expect(bench.look('matches')).toBe('2')
  })

  test('later, or not at all: the audit can wait, and it can be ended', () => {
    bench.begin()
    bench.look('matches')
    bench.leaveAudit()
    bench.signIn('code of t-9')
    bench.press('back')
    expect(bench.screen).toMatchObject({ kind: 'staff-menu', audit: 'may-go-on' })
    bench.press('audit')
    bench.press('audit-end')
    expect(bench.screen).toMatchObject({ kind: 'staff-menu', audit: 'may-begin' })
    expect(bench.told('audit-ended')).toMatchObject({ cause: 'stopped', counts: { left: 3 } })
  })
})

describe('the power goes', () => {
  test('while a door stands open: it is settled by its sensor, and that locker comes again', () => {
    bench.begin()
    bench.look('found-empty')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    expect(bench.unlocks).toEqual([])
    expect(bench.screen).toMatchObject({ kind: 'welcome', leftOpen: ['2'] })
    bench.moveDoor('2', 'closed')
    // Nobody's rights survive: whoever goes on signs in, and need not be the same.
    bench.employ({ ...TECHNICIAN, id: 'o-1', role: 'operator', verifier: 'code of o-1' })
    bench.signIn('code of o-1')
    expect(bench.screen).toMatchObject({ kind: 'audit-offer', done: 1, total: 4 })
    bench.press('audit')
    expect(bench.look('matches')).toBe('2')
    bench.look('matches')
    bench.look('matches')
    const { counts, lockers, started, ended } = bench.report()
    expect(counts).toMatchObject({ lockers: 4, matches: 3, differences: 1, left: 0 })
    expect(lockers.map(({ look: each }) => each?.by.id)).toEqual(['t-9', 'o-1', 'o-1', 'o-1'])
    expect([started?.by.id, ended?.by.id]).toEqual(['t-9', 'o-1'])
  })

  test('between the answer and the new PIN: the parcel is not lost', () => {
    bench.begin()
    bench.look('found-empty')
    bench.look('matches')
    bench.useDoor()
    bench.press('found-other')
    bench.preparesPins = false
    bench.scan('T-p-1')
    bench.restart()
    bench.preparesPins = true
    expect(bench.parcelState('p-1')).toBe('unconfirmed')
    expect(bench.lockerState('3')).toBe('unverified')
    bench.moveDoor('4', 'closed')
    bench.command({ kind: 'inspect', lockerId: '3', found: 'parcel', reason: 'still there' })
    expect(bench.parcelState('p-1')).toBe('deposited')
  })

  test('a courier and a sealed code are asked nothing', () => {
    bench.begin()
    bench.restart()
    bench.signIn()
    expect(bench.screen.kind).toBe('courier-menu')
    expect(bench.press('audit')).toBe('refused')
    bench.press('sign-out')
    bench.employ({ ...TECHNICIAN, id: 'e-1', role: 'break-glass', verifier: 'code of e-1' })
    bench.signIn('code of e-1')
    expect(bench.screen).toMatchObject({ kind: 'staff-menu', audit: 'none' })
    expect(bench.press('audit')).toBe('refused')
  })
})

describe('nobody goes on with it', () => {
  test('after half a day it is closed, with what was done', () => {
    bench.begin()
    bench.look('matches')
    bench.leaveAudit()
    bench.pass(AUDIT_IDLE_MAX_MS)
    expect(bench.told('audit-ended')).toMatchObject({
      cause: 'overdue',
      counts: { matches: 1, left: 3 },
      by: { role: 'kiosk' },
    })
    bench.signIn('code of t-9')
    expect(bench.screen).toMatchObject({ kind: 'staff-menu', audit: 'may-begin' })
  })

  test('a start begins the half day anew, but not for ever', () => {
    bench.begin()
    bench.leaveAudit()
    bench.pass(AUDIT_IDLE_MAX_MS - 1_000_000)
    bench.restart()
    bench.pass(AUDIT_IDLE_MAX_MS - 1_000_000)
    expect(bench.report().endedFor).toBe(null)
    for (let start = 1; start <= AUDIT_STARTS_MAX; start += 1) bench.restart()
    expect(bench.report().endedFor).toBe('overdue')
  })
})

describe('from the command line', () => {
  const weekly = { kind: 'start', choice: 'all', column: null, reason: 'weekly' } as const

  test('it begins for whoever signs in next, one at a time', () => {
    expect(bench.askAudit({ kind: 'stop', reason: 'nothing' })).toMatchObject({
      code: 'LK-AUDIT-02',
    })
    expect(bench.askAudit({ kind: 'report', auditId: null })).toMatchObject({ code: 'LK-AUDIT-03' })
    expect(bench.askAudit(weekly)).toMatchObject({ kind: 'audit-started', lockers: 4 })
    expect(bench.askAudit(weekly)).toMatchObject({ kind: 'refused', code: 'LK-AUDIT-01' })
    bench.signIn('code of t-9')
    expect(bench.screen).toMatchObject({ kind: 'audit-offer', done: 0, total: 4 })
    bench.press('audit')
    expect(bench.look('matches')).toBe('1')
  })

  test('it ends while somebody stands there: first the open door is shut', () => {
    bench.begin()
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.askAudit({ kind: 'stop', reason: 'fire drill' })).toMatchObject({
      kind: 'audit-stopped',
      counts: { left: 4 },
    })
    expect(bench.screen.kind).toBe('audit-open')
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    bench.press('matches')
    expect(bench.screen.kind).toBe('staff-menu')
    expect(bench.view?.notice?.key).toBe('audit-ended')
    expect(bench.facts()).not.toContain('locker-audited')
  })

  test('the report says per locker what was believed, what was found, when and by whom', () => {
    bench.begin()
    bench.look('found-empty')
    bench.pass(60_000)
    bench.look('matches')
    bench.jam()
    bench.press('skip')
    bench.look('found-unknown')
    const { lockers, counts, durationMs, endedFor } = bench.report()
    expect(lockers.map(({ lockerId, kind }) => [lockerId, kind])).toEqual([
      ['1', 'differences'],
      ['2', 'matches'],
      ['3', 'notOpened'],
      ['4', 'unknown'],
    ])
    expect(lockers[0]).toMatchObject({
      look: { believed: 'parcel', parcelIds: ['p-1'], answer: 'empty', by: { id: 't-9' } },
      told: { isBelieved: true },
    })
    const { wallMs = 0 } = lockers[1]?.told ?? {}
    expect(wallMs - (lockers[0]?.told?.wallMs ?? 0)).toBe(63_000)
    expect(counts).toEqual({
      lockers: 4,
      matches: 1,
      settled: 0,
      differences: 1,
      unknown: 1,
      notOpened: 1,
      left: 0,
    })
    expect(endedFor).toBe('completed')
    expect(durationMs).toBeGreaterThan(66_000)
  })

  test('old facts are cut off: what was found stays, when it was is known to central', () => {
    bench.close()
    bench = new AuditBench(wallOf(['S', 'S', 'S', 'S'], { confirmedFactsKeptDays: 1 }))
    bench.begin()
    bench.look('found-empty')
    bench.leaveAudit()
    bench.askAudit({ kind: 'stop', reason: 'shift is over' })
    const before = bench.report()
    bench.ledger.begin()
    const upToSeq = bench.ledger.headSeq()
    bench.ledger.apply([{ kind: 'facts-confirmed', data: { upToSeq } }], bench.now())
    bench.ledger.commit()
    bench.pass(3 * 86_400_000)
    expect(bench.told('history-cut')).toMatchObject({ upToSeq })
    bench.restart()
    const after = bench.report()
    expect(after).toMatchObject({ started: null, ended: null, durationMs: null })
    expect(after.counts).toEqual(before.counts)
    expect(after.lockers[0]).toEqual({ ...before.lockers[0], told: null })
    // The chain and the tables are checked against each other at the end of every story.
    bench.type('pin of p-1')
    expect(bench.view?.notice?.key).toBe('parcel-missing')
  })

  test('the newest reports are kept here, all of them at central', () => {
    for (let count = 0; count <= AUDITS_KEPT_MAX; count += 1) {
      bench.askAudit(weekly)
      bench.askAudit({ kind: 'stop', reason: 'enough' })
    }
    const started = bench.facts().flatMap((kind, at) => (kind === 'audit-started' ? [at + 1] : []))
    expect(started).toHaveLength(AUDITS_KEPT_MAX + 1)
    expect(bench.askAudit({ kind: 'report', auditId: started[0] ?? 0 })).toMatchObject({
      code: 'LK-AUDIT-03',
    })
    expect(bench.report(started[1]).auditId).toBe(started[1])
  })
})
