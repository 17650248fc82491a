// An explanation of the rules, as sentences: why this locker, why not, and what comes next.
import type { Reason } from '../kiosk/choice.ts'
import type {
  DeadlineExplained,
  Explanation,
  LockerExplained,
  ParcelExplained,
  ReturnExplained,
} from '../kiosk/explain.ts'
import type { AssignmentWhy } from '../kiosk/facts.ts'
import { NEXT_STEPS } from '../kiosk/next-steps.ts'
import { REASONS } from '../kiosk/reasons.ts'
import type { StandstillCause } from '../kiosk/standstill-facts.ts'

export function explainPage(explanation: Explanation): readonly string[] {
  switch (explanation.subject) {
    case 'locker':
      return lockerPage(explanation)
    case 'parcel':
      return parcelPage(explanation)
    case 'return':
      return returnPage(explanation)
  }
}

function lockerPage(locker: LockerExplained): readonly string[] {
  const { lockerId, size, state, isOffered, reasons, wear, parcels } = locker
  const offered = isOffered ? 'It can be handed out now.' : 'It is not handed out now.'
  const { retried, slow, failed, points } = wear
  return [
    `Locker ${lockerId} (${size}) is ${state}. ${offered}`,
    ...sentences(reasons),
    ...(retried + slow + failed > 0
      ? [`  openings: ${retried} retried, ${slow} slow, ${failed} failed; ${points} points now`]
      : []),
    ...parcels.flatMap((parcel) => [
      `Parcel ${parcel.parcelId} is ${parcel.state}:`,
      ...whyLines(parcel.why),
    ]),
    `Next: ${NEXT_STEPS[locker.nextStep]}`,
  ]
}

function parcelPage(parcel: ParcelExplained): readonly string[] {
  const { parcelId, size, state, lockerId, why, now } = parcel
  const place = lockerId === null ? '' : `, locker ${lockerId}`
  return [
    `Parcel ${parcelId} (${size}) is ${state}${place}.`,
    ...(why === null ? [] : whyLines(why)),
    ...(parcel.deadline === null ? [] : deadlineLines(parcel.deadline)),
    ...(now === null ? [] : nowLines(now)),
    `Next: ${NEXT_STEPS[parcel.nextStep]}`,
  ]
}

const CAUSES: Readonly<Record<StandstillCause, string>> = {
  'door-stuck': 'the door did not open',
  'locker-blocked': 'its lock opens another door',
  'board-silent': 'its board does not answer',
  'screen-gone': 'no screen is connected',
  'power-out': 'the kiosk did not run',
}

function deadlineLines(deadline: DeadlineExplained): readonly string[] {
  const { expiresAtWallMs, movedMs, movedFor, standsFor } = deadline
  const end =
    expiresAtWallMs === null
      ? 'It has no deadline before the clock is believed.'
      : `Its PIN ends at ${new Date(expiresAtWallMs).toISOString()}.`
  return [
    end,
    ...(movedMs === 0 ? [] : [`  moved by ${hoursOf(movedMs)}, because:`, ...causes(movedFor)]),
    ...(standsFor.length === 0 ? [] : ['  It stands still now, because:', ...causes(standsFor)]),
  ]
}

function causes(words: readonly StandstillCause[]): readonly string[] {
  return words.map((word) => `  - ${CAUSES[word]} (${word})`)
}

function hoursOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function returnPage({ parcelId, size, state, nextStep }: ReturnExplained): readonly string[] {
  const how = size ?? 'size chosen at the screen'
  return [`Return ${parcelId} (${how}) is ${state}.`, `Next: ${NEXT_STEPS[nextStep]}`]
}

function whyLines(why: AssignmentWhy | null): readonly string[] {
  if (why === null) return ['  Why it lies there is not known.']
  return [
    '  Its locker was chosen because:',
    ...sentences(why.reasons),
    ...why.passed.map(
      ({ size, reach, why: word }) =>
        `  - before it, ${size} (${REACH[reach]}): ${sayPassed(word)}`,
    ),
  ]
}

const REACH = { near: 'within reach', far: 'high' } as const

function sayPassed(word: AssignmentWhy['passed'][number]['why']): string {
  return word === 'none-free' ? 'none was free' : REASONS[word]
}

function nowLines({ lockerId, verdicts }: NonNullable<ParcelExplained['now']>): readonly string[] {
  const chosen = verdicts.find((verdict) => verdict.lockerId === lockerId)
  const others = new Map<string, string[]>()
  for (const { lockerId: id, reasons } of verdicts) {
    if (id === lockerId) continue
    const key = reasons.join(', ')
    others.set(key, [...(others.get(key) ?? []), id])
  }
  return [
    lockerId === null ? 'No locker could be had now.' : `Now it would get locker ${lockerId}.`,
    ...sentences(chosen?.reasons ?? []),
    ...[...others].map(([words, ids]) => `  - ${words}: ${ids.join(' ')}`),
  ]
}

function sentences(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => `  - ${REASONS[reason]} (${reason})`)
}
