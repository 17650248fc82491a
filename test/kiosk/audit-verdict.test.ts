// What an answer at an audit means, for every state a locker can be in. One rule above all: nothing
// but emptiness that a person has seen makes a locker free.
import { describe, expect, test } from 'vitest'
import {
  believedOf,
  classOf,
  healingOf,
  plainAnswer,
  type Seen,
  type SeenAnswer,
} from '../../src/kiosk/audit-verdict.ts'
import type { LockerState, ParcelRow, ParcelState } from '../../src/kiosk/ledger.ts'

const STATES: readonly LockerState[] = [
  'free',
  'reserved',
  'occupied',
  'clearing',
  'unverified',
  'disputed',
  'awaiting-courier',
]
const ANSWERS: readonly SeenAnswer[] = ['matches', 'empty', 'other-parcel', 'unknown']

function parcel(id: string, state: ParcelState): ParcelRow {
  return {
    id,
    state,
    tracking: `T-${id}`,
    size: 'S',
    recipientId: 'r-1',
    lockerId: '1',
    courierId: null,
    isAnnounced: true,
    carrierId: null,
    weightGrams: null,
    needsReach: false,
    depositSeq: null,
    isReturn: false,
  }
}

interface Own {
  readonly parcel?: ParcelRow | null
}

function judge(
  state: LockerState,
  answer: SeenAnswer,
  { parcel: own, ...more }: Partial<Pick<Seen, 'other' | 'otherLockerId'>> & Own = {},
) {
  const parcels = own === undefined || own === null ? [] : [own]
  const seen = {
    other: null,
    otherLockerId: null,
    ...more,
    parcels,
    locker: { id: '1', state },
    answer,
  }
  const plain = plainAnswer(seen)
  return healingOf({ ...seen, answer: plain })
}

const LYING = parcel('p-1', 'deposited')

test.each<[LockerState, SeenAnswer, string]>([
  ['free', 'matches', 'confirmed'],
  ['free', 'empty', 'confirmed'],
  ['free', 'other-parcel', 'disputed'],
  ['free', 'unknown', 'doubted'],
  ['clearing', 'empty', 'confirmed'],
  ['clearing', 'other-parcel', 'disputed'],
  ['clearing', 'unknown', 'doubted'],
  ['occupied', 'matches', 'confirmed'],
  ['occupied', 'empty', 'parcel-missing'],
  ['occupied', 'other-parcel', 'disputed'],
  ['occupied', 'unknown', 'left'],
  ['awaiting-courier', 'matches', 'confirmed'],
  ['awaiting-courier', 'empty', 'disputed'],
  ['awaiting-courier', 'other-parcel', 'disputed'],
  ['awaiting-courier', 'unknown', 'left'],
  ['unverified', 'matches', 'parcel-back'],
  ['unverified', 'empty', 'freed'],
  ['unverified', 'other-parcel', 'disputed'],
  ['unverified', 'unknown', 'left'],
  ['disputed', 'matches', 'parcel-back'],
  ['disputed', 'empty', 'freed'],
  ['disputed', 'other-parcel', 'disputed'],
  ['disputed', 'unknown', 'left'],
  ['reserved', 'empty', 'left'],
])('%s, and the answer is %s: %s', (state, answer, healing) => {
  expect(judge(state, answer, { parcel: LYING })).toBe(healing)
})

describe('another parcel', () => {
  const missing = parcel('p-2', 'missing')

  test('that is missed, where nothing should be, is found again', () => {
    for (const state of ['free', 'unverified', 'disputed'] as const) {
      const found = { other: missing, otherLockerId: '9' }
      expect(judge(state, 'other-parcel', found)).toBe('parcel-back')
    }
  })

  test('that is missed, where a parcel should be, is disputed', () => {
    expect(judge('occupied', 'other-parcel', { parcel: LYING, other: missing })).toBe('disputed')
  })

  test('that another locker names is misplaced, whatever should be here', () => {
    const found = { other: parcel('p-2', 'deposited'), otherLockerId: '9' }
    for (const state of ['free', 'occupied', 'unverified'] as const) {
      expect(judge(state, 'other-parcel', { ...found, parcel: LYING })).toBe('misplaced')
    }
  })

  test('that is the very one which should be there is a match; one just collected is not', () => {
    const found = { parcel: LYING, other: LYING, otherLockerId: '1' }
    expect(judge('occupied', 'other-parcel', found)).toBe('confirmed')
    const collected = parcel('p-1', 'collected')
    const left = { parcel: collected, other: collected, otherLockerId: '1' }
    expect(judge('clearing', 'other-parcel', left)).toBe('disputed')
  })
})

test('a missing parcel is not given up by a second look', () => {
  expect(judge('disputed', 'empty', { parcel: parcel('p-1', 'missing') })).toBe('left')
})

test('a locker is freed by nothing but having been seen empty', () => {
  const others = [null, parcel('p-2', 'missing'), parcel('p-2', 'deposited')]
  for (const state of STATES) {
    for (const answer of ANSWERS) {
      for (const other of others) {
        const healing = judge(state, answer, { parcel: LYING, other, otherLockerId: '9' })
        if (healing === 'freed') expect(answer).toBe('empty')
        // And never where a parcel was believed to be.
        if (healing === 'freed') expect(believedOf(state)).toBe('unproven')
      }
    }
  }
})

test('each look is counted once', () => {
  const counted = (answer: 'matches' | 'empty' | 'unknown' | 'not-opened', healing: string) =>
    classOf({ believed: 'unproven', answer, healing } as Parameters<typeof classOf>[0])
  expect(counted('matches', 'parcel-back')).toBe('settled')
  expect(counted('empty', 'freed')).toBe('settled')
  expect(counted('empty', 'left')).toBe('differences')
  expect(counted('unknown', 'left')).toBe('unknown')
  expect(counted('not-opened', 'left')).toBe('notOpened')
  expect(classOf({ believed: 'empty', answer: 'other-parcel', healing: 'parcel-back' })).toBe(
    'differences',
  )
})
