// `latchkey audit …`: begin a guided audit, end it, read its report; as a real process against a
// real control socket.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditQuestion } from '../../src/diagnostics/audit-routes.ts'
import { type ControlSocket, startControlSocket } from '../../src/diagnostics/control-socket.ts'
import type { AuditReport } from '../../src/kiosk/audit-report.ts'
import type { Answer } from '../../src/kiosk/events.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'
import { latchkey as run } from '../support/latchkey.ts'

const BY = { role: 'technician', id: 'eve' } as const
const AT = Date.UTC(2026, 4, 4, 8)

const REPORT: AuditReport = {
  auditId: 120,
  choice: 'column',
  column: 2,
  endedFor: 'completed',
  started: { wallMs: AT, isBelieved: true, by: BY },
  ended: { wallMs: AT + 300_000, isBelieved: true, by: BY },
  durationMs: 300_000,
  counts: {
    lockers: 4,
    matches: 1,
    settled: 0,
    differences: 1,
    unknown: 0,
    notOpened: 1,
    left: 1,
  },
  lockers: [
    {
      lockerId: '1',
      kind: 'matches',
      look: {
        believed: 'empty',
        state: 'free',
        parcelIds: [],
        answer: 'matches',
        healing: 'confirmed',
        foundParcelId: null,
        otherLockerId: null,
        openingId: 121,
        code: null,
        by: BY,
      },
      told: { wallMs: AT + 60_000, isBelieved: true, by: BY },
    },
    {
      lockerId: '2',
      kind: 'differences',
      look: {
        believed: 'parcel',
        state: 'occupied',
        parcelIds: ['=p,1'],
        answer: 'other-parcel',
        healing: 'misplaced',
        foundParcelId: 'p-2',
        otherLockerId: '9',
        openingId: 130,
        code: null,
        by: BY,
      },
      told: { wallMs: AT + 120_000, isBelieved: false, by: BY },
    },
    {
      lockerId: '3',
      kind: 'notOpened',
      look: {
        believed: 'empty',
        state: 'free',
        parcelIds: [],
        answer: 'not-opened',
        healing: 'left',
        foundParcelId: null,
        otherLockerId: null,
        openingId: 140,
        code: 'LK-DOOR-01',
        by: BY,
      },
      told: null,
    },
    { lockerId: '4', kind: 'left', look: null, told: null },
  ],
}

let folder: string
let socket: ControlSocket
let answer: Answer
let asked: AuditQuestion[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-'))
  asked = []
  answer = { kind: 'audited', report: REPORT }
  socket = await startControlSocket({
    path: join(folder, 'control.sock'),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    config: SMALL_KIOSK,
    version: '1.2.3',
    buses: { ids: () => [], stats: () => [], trace: () => () => {} },
    inputs: () => [],
    askStatus: async () => SMALL_STATUS,
    askExplanation: async () => ({ kind: 'refused', code: 'LK-CTL-09' }),
    askUplink: async () => ({ kind: 'fact', fact: null }),
    askAudit: async (question) => {
      asked.push(question)
      return answer
    },
    ask: async () => ({ kind: 'refused', code: 'LK-CTL-04' }),
  })
})

afterEach(async () => {
  await socket.close()
  rmSync(folder, { recursive: true })
})

function latchkey(...args: readonly string[]) {
  return run(['audit', ...args], { LATCHKEY_SOCKET: join(folder, 'control.sock') })
}

test.each([
  [[], { choice: 'all', column: null }],
  [['--column', '2'], { choice: 'column', column: 2 }],
  [['--doubtful'], { choice: 'doubtful', column: null }],
  [['--oldest'], { choice: 'oldest', column: null }],
] as const)('start %s begins one, in the name of whoever asks', async (choice, wanted) => {
  answer = { kind: 'audit-started', auditId: 120, lockers: 24 }
  const { exit, out, err } = await latchkey('start', ...choice, '--reason', ' weekly round ')
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  expect(out).toContain('Audit 120 has begun: 24 lockers.')
  expect(asked).toEqual([
    { technicianId: 'eve', command: { kind: 'start', ...wanted, reason: 'weekly round' } },
  ])
})

test.each([
  [['start'], 2, '--reason'],
  [['start', '--reason', 'ab'], 2, 'LK-CTL-01'],
  [['start', '--reason', 'weekly', '--column', 'two'], 2, 'LK-CTL-01'],
  [['start', '--reason', 'weekly', '--column', '0'], 2, 'LK-CTL-01'],
  [['start', '--reason', 'weekly', '--column', '1', '--oldest'], 2, 'Only one of'],
  [['report', 'yesterday'], 2, 'LK-CTL-01'],
  [['report', '0'], 2, 'LK-CTL-01'],
] as const)('%s is a wrong use, and asks nothing', async (args, wanted, said) => {
  const { exit, out, err } = await latchkey(...args)
  expect({ exit, out }).toEqual({ exit: wanted, out: '' })
  expect(err).toContain(said)
  expect(asked).toEqual([])
})

test.each([
  ['LK-AUDIT-01', ['start', '--reason', 'weekly'], 5],
  ['LK-AUDIT-04', ['start', '--doubtful', '--reason', 'weekly'], 5],
  ['LK-AUDIT-02', ['stop', '--reason', 'enough'], 5],
  ['LK-AUDIT-03', ['report', '7'], 2],
] as const)('%s is told with its code', async (code, args, wanted) => {
  answer = { kind: 'refused', code }
  const { exit, err } = await latchkey(...args)
  expect(exit).toBe(wanted)
  expect(err).toContain(code)
})

test('stop ends it and names the report', async () => {
  answer = { kind: 'audit-stopped', auditId: 120, counts: REPORT.counts }
  const { exit, out } = await latchkey('stop', '--reason', 'shift is over')
  expect({ exit, out }).toEqual({
    exit: 0,
    out: 'Audit 120 is over; see: latchkey audit report 120\n',
  })
  expect(asked[0]?.command).toEqual({ kind: 'stop', reason: 'shift is over' })
  const { out: json } = await latchkey('stop', '--reason', 'shift is over', '--json')
  expect(JSON.parse(json)).toMatchObject({ apiVersion: 1, result: 'audit-stopped', auditId: 120 })
})

test('status says how far it is, and as JSON without the lockers', async () => {
  answer = { kind: 'audited', report: { ...REPORT, endedFor: null, ended: null, durationMs: null } }
  const { exit, out } = await latchkey('status')
  expect(exit).toBe(0)
  expect(out).toContain('Audit 120, column 2: under way.')
  expect(out).toContain('3 of 4 lockers: 1 match, 0 settled, 1 differ, 0 not told, 1 not opened.')
  const { out: json } = await latchkey('status', '--json')
  expect(JSON.parse(json)).toMatchObject({ apiVersion: 1, auditId: 120, counts: { left: 1 } })
  expect(JSON.parse(json)).not.toHaveProperty('lockers')
})

test('the report tells the differences, and ends with 3 because there are some', async () => {
  const { exit, out } = await latchkey('report', '120')
  expect(exit).toBe(3)
  expect(asked[0]?.command).toEqual({ kind: 'report', auditId: 120 })
  expect(out).toContain('completed, 5 min.')
  const lines = out.split('\n')
  expect(lines.find((line) => line.startsWith('1  '))).toBe(undefined)
  const other = lines.find((line) => line.startsWith('2  '))
  expect(other).toContain('p-2 (of locker 9)')
  expect(other).toContain('2026-05-04T08:02:00.000Z (clock not believed)')
  expect(other).toContain('eve')
  expect(lines.find((line) => line.startsWith('3  '))).toContain('LK-DOOR-01')
  expect(out).toContain('Not come to: 4')
})

test('a report without a difference ends with 0', async () => {
  const counts = { ...REPORT.counts, differences: 0, notOpened: 0 }
  answer = { kind: 'audited', report: { ...REPORT, counts, lockers: REPORT.lockers.slice(0, 1) } }
  expect((await latchkey('report')).exit).toBe(0)
  expect(asked[0]?.command).toEqual({ kind: 'report', auditId: null })
})

test('for programs the report is JSON, for a spreadsheet a table of every locker', async () => {
  const { out: json } = await latchkey('report', '--json')
  expect(JSON.parse(json)).toEqual({ apiVersion: 1, ...REPORT })
  const { exit, out } = await latchkey('report', '--csv')
  expect(exit).toBe(3)
  const [heads = '', ...rows] = out.trimEnd().split('\n')
  expect(heads.split(',')).toHaveLength(15)
  expect(rows).toEqual([
    '1,matches,empty,free,,matches,,,confirmed,,121,2026-05-04T08:01:00.000Z,believed,' +
      'technician,eve',
    // A field with a comma is quoted, and one that looks like a formula set off.
    '2,differences,parcel,occupied,"\'=p,1",other-parcel,p-2,9,misplaced,,130,' +
      '2026-05-04T08:02:00.000Z,doubted,technician,eve',
    '3,notOpened,empty,free,,not-opened,,,left,LK-DOOR-01,140,,,technician,eve',
    '4,left,,,,,,,,,,,,,',
  ])
})
