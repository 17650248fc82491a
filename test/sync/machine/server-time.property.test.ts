// A broker may delay, drop, reorder and repeat every question and every answer, for as long as it
// likes, and play back what central signed for an earlier run. Central's true time stays within the
// error that the kiosk states, and what is believed without central's word is never so because of
// it. Two crystals run wrong, each within its bound.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CentralTime } from '../../../src/sync/machine/messages.ts'
import { DRIFT_PPM } from '../../../src/sync/machine/server-time.ts'
import { CENTRAL_WALL_MS, TimeBench } from '../../support/time-bench.ts'

const MILLION = 1_000_000

type Move =
  | { readonly kind: 'ask' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Central hears a question, at once or late, once or again. */
  | { readonly kind: 'hear'; readonly which: number; readonly heldMs: number }
  /** An answer comes: the first time, or once more. */
  | { readonly kind: 'deliver'; readonly which: number }
  | { readonly kind: 'clock-set'; readonly wallMs: number }
  | { readonly kind: 'restart' }

const some = fc.nat(1_000)
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.oneof(fc.nat(300), fc.nat(90_000), fc.nat(3_000_000_000)),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('hear' as const),
        which: some,
        heldMs: fc.nat(2_000),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which: some }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('clock-set' as const),
        wallMs: fc.oneof(fc.nat(1_000_000), fc.constant(CENTRAL_WALL_MS), fc.nat(2 ** 42)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  ),
  { minLength: 5, maxLength: 60 },
)

/** The true time, told apart from what the kiosk's uptime says of it. */
class World {
  readonly bench = new TimeBench({ machineWallMs: 60_000 })
  readonly #startMonoMs = this.bench.bench.monoMs
  readonly #kioskPpm: number
  readonly questions: string[] = []
  readonly answers: CentralTime[] = []
  /** Whether an answer of this run has been taken since its start. */
  isTold = false

  constructor(kioskPpm: number) {
    this.#kioskPpm = kioskPpm
  }

  /** Not whole: what central stamps is cut off. */
  trueMs(): number {
    const upMs = this.bench.bench.monoMs - this.#startMonoMs
    return CENTRAL_WALL_MS + 0.4 + upMs * (1 + this.#kioskPpm / MILLION)
  }

  take(move: Move): void {
    const { bench, questions, answers } = this
    if (move.kind === 'ask') questions.push(bench.ask().id)
    if (move.kind === 'wait') bench.wait(move.ms)
    if (move.kind === 'clock-set') bench.moveMachine(move.wallMs)
    if (move.kind === 'restart') {
      bench.restart()
      this.isTold = false
    }
    const question = move.kind === 'hear' ? questions[move.which % questions.length] : undefined
    if (move.kind === 'hear' && question !== undefined) {
      const t1 = this.trueMs()
      bench.wait(move.heldMs)
      answers.push({ re: question, t1: Math.floor(t1), t2: Math.floor(this.trueMs()) })
    }
    const answer = move.kind === 'deliver' ? answers[move.which % answers.length] : undefined
    if (answer === undefined) return
    const isOpen = bench.bench.state.time.asked.some(({ id }) => id === answer.re)
    bench.tell(answer)
    this.isTold ||= isOpen
  }

  check(): void {
    const { bench } = this
    const { by, aheadMs, errorMs } = bench.clock()
    const { wallMs, isWallBelieved } = bench.now()
    expect(isWallBelieved).toBe(by !== 'nobody')
    if (!this.isTold) {
      expect(aheadMs).toBe(null)
      expect(by).toBe(bench.machine().isWallBelieved ? 'machine' : 'nobody')
      return
    }
    if (aheadMs === null || errorMs === null) return
    const toldMs = bench.machineWallMs - aheadMs
    expect(Math.abs(toldMs - this.trueMs())).toBeLessThanOrEqual(errorMs)
    if (by === 'central') expect(wallMs).toBe(toldMs)
    if (by === 'machine' || by === 'both') expect(wallMs).toBe(bench.machineWallMs)
  }
}

test('central’s time is within its stated error, whatever a broker does', () => {
  let told = 0
  fc.assert(
    fc.property(moves, fc.integer({ min: -DRIFT_PPM, max: DRIFT_PPM }), (all, kioskPpm) => {
      const world = new World(kioskPpm)
      for (const move of all) {
        world.take(move)
        world.check()
      }
      // No answer is refused: a broker's delays are no fault of central's.
      expect(world.bench.refusals()).toEqual([])
      if (world.bench.bench.state.time.sample !== null) told += 1
    }),
    { numRuns: 400 },
  )
  expect(told).toBeGreaterThan(50)
})
