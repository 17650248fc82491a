// The report of a guided audit: for people, and as a table for a spreadsheet.
import type { AuditHealing } from '../kiosk/audit-facts.ts'
import type { AuditReport } from '../kiosk/audit-report.ts'
import { tableOf } from './table.ts'

type Line = AuditReport['lockers'][number]

const MINUTE_MS = 60_000

const CHOICES = {
  all: 'the whole wall',
  column: 'column',
  doubtful: 'doubtful lockers',
  oldest: 'the whole wall, the longest not looked into first',
} as const

const ENDS = {
  completed: 'completed',
  stopped: 'stopped before its end',
  overdue: 'closed by the kiosk, since nobody went on with it',
} as const

const HEALINGS: Readonly<Record<AuditHealing, string>> = {
  confirmed: 'nothing to do',
  freed: 'free now',
  'parcel-back': 'its parcel can be collected again',
  'parcel-missing': 'its parcel is missing: latchkey explain',
  misplaced: 'both lockers are disputed: latchkey explain',
  disputed: 'disputed: latchkey explain',
  doubted: 'somebody has to look again',
  left: 'left as it was',
}

/** How far it is. */
export function auditLine(report: AuditReport): readonly string[] {
  const { auditId, choice, column, started, ended, endedFor, durationMs, counts } = report
  const what = column === null ? CHOICES[choice] : `${CHOICES[choice]} ${column}`
  const minutes = durationMs === null ? '' : `, ${Math.ceil(durationMs / MINUTE_MS)} min`
  const end = endedFor === null ? 'under way' : `${ENDS[endedFor]}${minutes}`
  const { lockers, left, matches, settled, differences, unknown, notOpened } = counts
  return [
    `Audit ${auditId}, ${what}: ${end}.`,
    ...(started === null ? [] : [`Begun ${momentText(started)}.`]),
    ...(ended === null ? [] : [`Ended ${momentText(ended)}.`]),
    `${lockers - left} of ${lockers} lockers: ${matches} match, ${settled} settled, ` +
      `${differences} differ, ${unknown} not told, ${notOpened} not opened.`,
  ]
}

export function auditPage(report: AuditReport): readonly string[] {
  const told = report.lockers.filter(({ kind }) => kind !== 'left' && kind !== 'matches')
  const left = report.lockers.flatMap(({ kind, lockerId }) => (kind === 'left' ? [lockerId] : []))
  const columns = ['locker', 'had', 'found', 'what follows', 'when', 'by'].map(
    (head) => ({ head, side: 'left' }) as const,
  )
  return [
    ...auditLine(report),
    ...(told.length === 0 ? [] : ['', ...tableOf(columns, told.map(rowOf))]),
    ...(left.length === 0 ? [] : ['', `Not come to: ${left.join(' ')}`]),
  ]
}

/** Every locker; an empty field is nothing, or not known. */
export function auditTable(report: AuditReport): readonly string[] {
  const heads = [
    ...['locker', 'kind', 'believed', 'state', 'parcel', 'answer', 'found_parcel'],
    ...['other_locker', 'healing', 'code', 'opening', 'when', 'clock', 'role', 'id'],
  ]
  return [heads, ...report.lockers.map(fieldsOf)].map((fields) => fields.map(quoted).join(','))
}

function fieldsOf({ lockerId, kind, look, told }: Line): readonly (string | number | null)[] {
  if (look === null) return [lockerId, kind, ...Array.from({ length: 13 }, () => null)]
  const when = told === null ? null : new Date(told.wallMs).toISOString()
  const clock = told === null ? null : told.isBelieved ? 'believed' : 'doubted'
  return [
    ...[lockerId, kind, look.believed, look.state, look.parcelIds.join(' '), look.answer],
    ...[look.foundParcelId, look.otherLockerId, look.healing, look.code, look.openingId],
    ...[when, clock, look.by.role, look.by.id ?? null],
  ]
}

/** RFC 4180; a field that a spreadsheet would take for a formula is set off. */
function quoted(field: string | number | null): string {
  if (field === null) return ''
  const text = String(field)
  const plain = /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

function rowOf({ lockerId, look, told }: Line): readonly string[] {
  if (look === null) return [lockerId]
  const { believed, parcelIds, answer, foundParcelId, otherLockerId, healing, code, by } = look
  const place = otherLockerId === null ? '' : ` (of locker ${otherLockerId})`
  return [
    lockerId,
    [believed, ...parcelIds].join(' '),
    code ?? (foundParcelId === null ? answer : `${foundParcelId}${place}`),
    HEALINGS[healing],
    told === null ? '' : timeText(told),
    by.id ?? by.role,
  ]
}

type Stamp = NonNullable<AuditReport['started']>

function timeText({ wallMs, isBelieved }: Stamp): string {
  return `${new Date(wallMs).toISOString()}${isBelieved ? '' : ' (clock not believed)'}`
}

function momentText(stamp: Stamp): string {
  const { role, id } = stamp.by
  return `${timeText(stamp)} by ${id === undefined ? role : `${role} ${id}`}`
}
