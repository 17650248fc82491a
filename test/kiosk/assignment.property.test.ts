// The choice of a locker on any wall: from as few rows as it takes comes the very answer that comes
// from judging every locker, and what is kept back is kept back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assignLocker, candidatesOf } from '../../src/kiosk/assignment.ts'
import { choose, type Needs } from '../../src/kiosk/choice.ts'
import { DEFAULT_POLICY, type KioskConfig } from '../../src/kiosk/config.ts'
import { type Draft, openDraft } from '../../src/kiosk/draft.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { createKiosk, UNKNOWN_DOOR } from '../../src/kiosk/state.ts'
import { planOf } from '../../src/kiosk/wall-plan.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'

const NOW = { monoMs: 1_000, wallMs: 1_800_000_000_000, isWallBelieved: true }
const SIZES = ['S', 'M', 'L']
const RUNS = 300
const LOCKERS_MAX = 60

interface AnyLocker {
  readonly size: string
  readonly bottomMm: number
  readonly board: 'a' | 'b'
  readonly ledger: 'free' | 'unverified' | 'withdrawn'
  readonly isShaky: boolean
  readonly door: 'closed' | 'open' | 'unknown'
}

interface AnyKiosk {
  readonly lockers: readonly AnyLocker[]
  readonly isBoardBOnline: boolean
  readonly sparesPerSize: number
  readonly reachKeptPercent: number
  readonly reachKeptPerSize: number
  readonly spareFromLockers: number
}

const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, fc.constantFrom(...others))

const anyKiosk: fc.Arbitrary<AnyKiosk> = fc.record({
  lockers: fc.array(
    fc.record({
      size: fc.constantFrom(...SIZES),
      bottomMm: fc.constantFrom(0, 250, 900, 1_100, 1_300, 1_700),
      board: fc.constantFrom('a' as const, 'b' as const),
      ledger: mostly<AnyLocker['ledger']>('free', 'unverified', 'withdrawn'),
      isShaky: mostly(false, true),
      door: mostly<AnyLocker['door']>('closed', 'open', 'unknown'),
    }),
    { minLength: 1, maxLength: LOCKERS_MAX },
  ),
  isBoardBOnline: mostly(true, false),
  sparesPerSize: fc.integer({ min: 0, max: 3 }),
  reachKeptPercent: fc.constantFrom(0, 5, 50),
  reachKeptPerSize: fc.integer({ min: 0, max: 4 }),
  spareFromLockers: fc.constantFrom(1, 8),
})

const anyNeeds: fc.Arbitrary<Needs> = fc.record({
  size: fc.constantFrom(...SIZES, 'XXL'),
  isHeavy: fc.boolean(),
  needsReach: fc.boolean(),
  isReplacement: mostly(false, true),
})

function configOf({ lockers, isBoardBOnline: _, ...policy }: AnyKiosk): KioskConfig {
  return {
    kioskId: 'any',
    siteName: 'Any',
    helpPhone: '000',
    sizes: SIZES.map((name, index) => ({
      name,
      widthMm: 400,
      heightMm: 200 * (index + 1),
      depthMm: 600,
    })),
    columns: [
      {
        lockers: lockers.map(({ size, bottomMm, board }, index) => ({
          id: String(index),
          size,
          boardId: board,
          channel: index + 1,
          bottomMm,
        })),
      },
    ],
    policy: { ...DEFAULT_POLICY, ...policy },
  }
}

function recordsOf(kiosk: AnyKiosk, config: KioskConfig): readonly StoreRecord[] {
  const by = { role: 'technician' } as const
  const arranged = planOf(config).lockers.map(({ locker: { id }, group, place }) => ({
    id,
    group: group.key,
    place,
  }))
  return [
    { kind: 'wall-arranged', data: { lockers: arranged } },
    ...kiosk.lockers.flatMap((locker, index): StoreRecord[] => {
      const lockerId = String(index)
      const { isShaky } = locker
      const looked = { lockerId, found: 'empty', parcelId: null, by, reason: null } as const
      return [
        { kind: 'door-judged', data: { lockerId, manner: 'slow', points: 9, isShaky } },
        ...(locker.ledger === 'unverified'
          ? []
          : [{ kind: 'locker-inspected', data: looked } as const]),
        ...(locker.ledger === 'withdrawn'
          ? [
              {
                kind: 'locker-withdrawn',
                data: { lockerId, cause: 'technician', by, reason: null },
              } as const,
            ]
          : []),
      ]
    }),
  ]
}

let folder: string
let ledger: Ledger

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-choice-'))
  const lockerIds = Array.from({ length: LOCKERS_MAX }, (_, index) => String(index))
  ledger = openLedger({ path: join(folder, 'ledger.db'), lockerIds, newEpoch: 'e' })
})

afterAll(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

/** Makes the kiosk in a transaction that is taken back, and asks. */
function withDraft<T>(kiosk: AnyKiosk, ask: (draft: Draft) => T): T {
  const config = configOf(kiosk)
  ledger.begin()
  ledger.apply(recordsOf(kiosk, config), NOW)
  const door = ({ door: state }: AnyLocker) => ({ ...UNKNOWN_DOOR, state })
  const state = {
    ...createKiosk(config),
    doors: Object.fromEntries(kiosk.lockers.map((locker, index) => [index, door(locker)])),
    boards: { a: { isOnline: true }, b: { isOnline: kiosk.isBoardBOnline } },
  }
  const answer = ask(openDraft({ state, ledger, config, now: NOW }))
  ledger.rollback()
  return answer
}

test('the few rows that are read give the answer that all of them would give', () => {
  let given = 0
  fc.assert(
    fc.property(anyKiosk, anyNeeds, (kiosk, needs) => {
      const [quick, full] = withDraft(kiosk, (draft) => [
        assignLocker(draft, needs),
        choose(candidatesOf(draft), needs, planOf(draft.config)),
      ])
      expect(quick?.lockerId ?? null).toBe(full.lockerId)
      if (quick === null) return
      given += 1
      const verdict = full.verdicts.find(({ lockerId }) => lockerId === quick.lockerId)
      expect(quick.why.reasons).toEqual(verdict?.reasons)
    }),
    { numRuns: RUNS },
  )
  expect(given).toBeGreaterThan(RUNS / 4)
}, 60_000)

test('no parcel gets a locker that is too small, barred or out of its reach', () => {
  fc.assert(
    fc.property(anyKiosk, anyNeeds, (kiosk, needs) => {
      withDraft(kiosk, (draft) => {
        const { lockerId, verdicts } = choose(candidatesOf(draft), needs, planOf(draft.config))
        const locker = kiosk.lockers[Number(lockerId)]
        if (lockerId === null || locker === undefined) return
        expect(SIZES.indexOf(locker.size)).toBeGreaterThanOrEqual(SIZES.indexOf(needs.size))
        expect(locker).toMatchObject({ ledger: 'free', door: 'closed' })
        const isNear = locker.bottomMm <= 1_220 && locker.bottomMm + 200 >= 380
        if (needs.needsReach && locker.size === 'S') expect(isNear).toBe(true)
        // What is kept for those who need it goes to others only when there is nothing else.
        const isLast = verdicts.find((each) => each.lockerId === lockerId)?.reasons.at(-1)
        if (isLast !== 'last-resort') return
        const others = verdicts.filter((each) => each.isEligible && each.lockerId !== lockerId)
        expect(others).toEqual([])
      })
    }),
    { numRuns: RUNS },
  )
}, 60_000)
