// A kiosk on the bench: the real rules, the real ledger in a real file, and doors that the test
// moves by hand. Time stands still until the test lets it pass.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY, type KioskConfig, type Policy } from '../../src/kiosk/config.ts'
import type {
  DesiredPickup,
  DesiredReturn,
  DesiredStaff,
  StreamChange,
} from '../../src/kiosk/desired.ts'
import type {
  Answer,
  AuditCommand,
  KioskAction,
  KioskEvent,
  TechnicianCommand,
  UnlockOutcome,
} from '../../src/kiosk/events.ts'
import type { ActionName, Intent, View } from '../../src/kiosk/view.ts'
import { Core, type CoreInput, type CoreOutput, TIME_PASSED } from '../../src/runtime/core.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { PROMPT_UPLINK } from '../../src/sync/machine/config.ts'
import type { UplinkAction } from '../../src/sync/machine/state.ts'
import { type BenchParcel, firstDay } from './first-day.ts'
import { checkSound } from './sound-ledger.ts'
import { readToken } from './tokens.ts'

type Unlock = Extract<KioskAction, { kind: 'unlock' }>
type Signal = Extract<KioskAction, { kind: 'signal' }>

const TURNS_MAX = 10_000

export function wallOf(sizes: readonly string[], policy: Partial<Policy> = {}): KioskConfig {
  return {
    kioskId: 'bench-1',
    siteName: 'Bench',
    helpPhone: '000',
    sizes: ['S', 'M', 'L'].map((name, index) => ({
      name,
      widthMm: 400,
      heightMm: 100 * (index + 1),
      depthMm: 600,
    })),
    columns: [
      {
        lockers: sizes.map((size, index) => ({
          id: String(index + 1),
          size,
          boardId: 'a',
          channel: index + 1,
          // Above what is kept for people who need a low one.
          bottomMm: 1_300,
        })),
      },
    ],
    policy: { ...DEFAULT_POLICY, ...policy },
  }
}

interface BenchDoor {
  state: 'open' | 'closed'
  opens: number
  /** What its sensor says whatever the door does; null: the truth. */
  lie: 'open' | 'closed' | 'unknown' | null
  /** What the sensor inside says; null: there is none. */
  contents: 'present' | 'absent' | null
}

export class Bench {
  /** As the file says; another one counts from the next start on. */
  config: KioskConfig
  /** What the screen says of the place. */
  place: Pick<KioskConfig, 'siteName' | 'helpPhone'>
  /** Of the daemon, from the next start on. */
  version = 'test'
  readonly doors: BenchDoor[]
  readonly unlocks: Unlock[] = []
  readonly signals: Signal[] = []
  readonly answers: Answer[] = []
  view: View | null = null
  ledger!: Ledger
  nowMs = 1_000_000
  /** How far somebody has set the wall clock forward, and whether the kiosk believes it. */
  wallAheadMs = 0
  isWallBelieved = true
  boardBoot = 1
  /** Many boards on the market do not count openings. */
  countsOpenings = true
  /** False: the plug is pulled before the PIN is made. */
  preparesPins = true
  /** PINs by parcel, as central would read them; the kiosk itself knows only their indexes. */
  readonly pins = new Map<string, string>()
  /** What the uplink wants done: nobody does it here, unless the test does. */
  readonly linked: UplinkAction[] = []
  #core!: Core
  #intents = 0
  readonly #made = new Map<string, number>()
  #challenges = 0
  #starts = 0
  /** The PIN that every challenge brings, where they are to be alike. */
  deskPin: string | null = null
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))

  constructor(config: KioskConfig) {
    this.config = config
    this.place = config
    this.doors = config.columns.flatMap(({ lockers }) =>
      lockers.map((): BenchDoor => ({ state: 'closed', opens: 0, lie: null, contents: null })),
    )
    this.start()
  }

  start(): void {
    this.view = null
    this.place = this.config
    const ids = this.config.columns.flatMap(({ lockers }) => lockers.map(({ id }) => id))
    this.ledger = openLedger({
      path: this.ledgerPath,
      lockerIds: ids,
      newEpoch: this.#starts === 0 ? 'bench-epoch' : `bench-epoch-${this.#starts}`,
    })
    this.#starts += 1
    // Nobody answers here, and one attempt that waits for ever is the quietest way to be offline.
    const never = Number.MAX_SAFE_INTEGER
    const patience = { connectMaxMs: never, ackTimeoutMs: never, ackTimeoutCapMs: never }
    const quiet = { ...patience, syncPeriodMs: never, onlineMs: never }
    const seed = this.#starts.toString(16).padStart(32, '0')
    const uplink = { ...PROMPT_UPLINK, ...quiet, kioskId: this.config.kioskId }
    const parts = { ledger: this.ledger, kiosk: this.config, uplink, seed, version: this.version }
    this.#core = new Core({ ...parts, now: this.now() })
    this.perform(this.#core.start(this.now()))
  }

  /** Memory is gone, the file stays; doors may have moved meanwhile. */
  restart(): void {
    this.powerOut(0)
  }

  /** The same, and nothing ran for a while. */
  powerOut(ms: number, after: 'boards-answer' | 'boards-stay-silent' = 'boards-answer'): void {
    this.ledger.close()
    this.unlocks.length = 0
    this.nowMs += ms
    this.start()
    if (after === 'boards-answer') this.readBoard()
  }

  get ledgerPath(): string {
    return join(this.folder, 'ledger.db')
  }

  close(): void {
    this.ledger.close()
    try {
      checkSound(this.ledgerPath)
    } finally {
      rmSync(this.folder, { recursive: true })
    }
  }

  now() {
    const wallMs = 1_800_000_000_000 + this.nowMs + this.wallAheadMs
    return { monoMs: this.nowMs, wallMs, isWallBelieved: this.isWallBelieved }
  }

  send(...events: readonly KioskEvent[]): void {
    this.take(events.map((event) => ({ kind: 'kiosk', event })))
  }

  take(inputs: readonly CoreInput[]): void {
    this.perform(this.#core.take(inputs, this.now()))
  }

  private perform(outputs: readonly CoreOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'uplink') {
        this.linked.push(output.action)
        continue
      }
      if (output.kind === 'tell') continue
      const { action } = output
      // What is prepared at once is shown before the step that ordered it has been.
      if (action.kind === 'show' && action.view.rev > (this.view?.rev ?? -1)) {
        this.view = action.view
      }
      if (action.kind === 'name-place') this.place = action
      if (action.kind === 'unlock') this.unlocks.push(action)
      if (action.kind === 'signal') this.signals.push(action)
      if (action.kind === 'answer') this.answers.push(action.answer)
      if (action.kind === 'prepare-challenge') this.prepareChallenge(action)
      if (action.kind === 'prepare-pin' && this.preparesPins) this.preparePin(action.parcelId)
    }
  }

  private prepareChallenge(wish: Extract<KioskAction, { kind: 'prepare-challenge' }>): void {
    const { wants, lockerId, parcelId } = wish
    this.#challenges += 1
    const challenge = `challenge ${this.#challenges}`
    const answerIndex = `answer to ${challenge}`
    const index = this.deskPin ?? `pin of ${challenge}`
    const made = { index, referenceIndex: 'reference', sealedPin: `sealed ${index}` }
    const pin = wants === 'pin' && parcelId !== null ? made : null
    this.send({ kind: 'challenge-prepared', lockerId, wants, challenge, answerIndex, pin })
  }

  private preparePin(parcelId: string): void {
    const count = this.#made.get(parcelId) ?? 0
    this.#made.set(parcelId, count + 1)
    const index = count === 0 ? `pin of ${parcelId}` : `pin ${count + 1} of ${parcelId}`
    const referenceIndex = `reference of ${parcelId}`
    this.pins.set(parcelId, index)
    const sealedPin = `sealed ${index}`
    this.send({ kind: 'pin-prepared', parcelId, index, referenceIndex, sealedPin })
  }

  get screen(): View['screen'] {
    if (this.view === null) throw new Error('nothing was ever shown')
    return this.view.screen
  }

  readBoard(): void {
    const { countsOpenings } = this
    const doors = this.doors.map(({ state, opens, lie, contents }) => ({
      state: lie ?? state,
      ...(contents !== null && { contents }),
      opens: countsOpenings ? opens : null,
    }))
    this.send({ kind: 'board-read', reading: { boardId: 'a', boot: this.boardBoot, doors } })
  }

  /** Lets time pass, waking the kiosk exactly when it asked to be. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (let turns = 0; ; turns += 1) {
      const wakeMs = this.#core.nextWake(this.now())
      if (wakeMs === null || wakeMs > endMs) break
      if (turns >= TURNS_MAX) throw new Error(`the kiosk wakes more than ${TURNS_MAX} times`)
      this.nowMs = Math.max(this.nowMs, wakeMs)
      this.take(TIME_PASSED)
    }
    this.nowMs = endMs
  }

  lie(lockerId: string, lie: BenchDoor['lie']): void {
    const door = this.doors[Number(lockerId) - 1]
    if (door === undefined) throw new Error(`no door ${lockerId}`)
    const before = door.lie ?? door.state
    door.lie = lie
    const isOpen = (lie ?? door.state) === 'open'
    if (isOpen && before !== 'open') door.opens = (door.opens + 1) % 256
    this.readBoard()
  }

  inside(lockerId: string, contents: BenchDoor['contents']): void {
    const door = this.doors[Number(lockerId) - 1]
    if (door === undefined) throw new Error(`no door ${lockerId}`)
    door.contents = contents
    this.readBoard()
  }

  /** A contact that goes to and fro, a time a reading. */
  flutter(lockerId: string, times: number): void {
    for (let left = times; left > 0; left -= 1) {
      this.pass(250)
      this.lie(lockerId, left % 2 === 0 ? 'open' : 'closed')
    }
  }

  moveDoor(lockerId: string, state: 'open' | 'closed'): void {
    const door = this.doors[Number(lockerId) - 1]
    if (door === undefined) throw new Error(`no door ${lockerId}`)
    // The board counts what its contact shows.
    if (state === 'open' && door.state === 'closed' && door.lie === null)
      door.opens = (door.opens + 1) % 256
    door.state = state
    this.readBoard()
  }

  /** The newest unlock ends; with `opens` its door springs open. */
  obeyUnlock(outcome: UnlockOutcome, door: 'springs-open' | 'stays-closed'): Unlock {
    const unlock = this.unlocks.at(-1)
    if (unlock === undefined) throw new Error('no unlock was ordered')
    this.send({ kind: 'unlock-ended', openingId: unlock.openingId, outcome })
    if (door === 'springs-open') this.moveDoor(String(unlock.channel), 'open')
    return unlock
  }

  /** The door springs open; a person uses it for `ms` and closes it. */
  useDoor(ms = 3_000): string {
    const { channel } = this.obeyUnlock('acknowledged', 'springs-open')
    this.pass(ms)
    this.moveDoor(String(channel), 'closed')
    return String(channel)
  }

  /** The lock is pulsed as often as the rules have it, and the door does not move. */
  jam(): string {
    const { channel } = this.unlocks.at(-1) ?? { channel: 0 }
    for (let pulse = 0; pulse < this.config.policy.pulsesMax; pulse += 1) {
      this.obeyUnlock('acknowledged', 'stays-closed')
      this.pass(this.config.policy.openSeenMs)
    }
    return String(channel)
  }

  /** What the newest fact of this kind says. */
  told(kind: string): Readonly<Record<string, unknown>> {
    const rows = this.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
    const row = rows.findLast(({ body }) => body.includes(`"type":"${kind}/1"`))
    if (row === undefined) throw new Error(`no fact ${kind}`)
    return (JSON.parse(row.body) as { data: Record<string, unknown> }).data
  }

  /** What all facts of this kind say, in order. */
  allTold(kind: string): readonly Readonly<Record<string, unknown>>[] {
    const rows = this.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
    const own = rows.filter(({ body }) => body.includes(`"type":"${kind}/1"`))
    return own.map(({ body }) => (JSON.parse(body) as { data: Record<string, unknown> }).data)
  }

  press(action: ActionName, value: string | null = null) {
    return this.intend({ kind: 'press', action, value })
  }

  /** @param digitCount as many as the pad on the screen wants, unless the person slips */
  type(index: string, digitCount?: number) {
    const wanted = 'digits' in this.screen ? this.screen.digits : 0
    const count = digitCount ?? wanted
    return this.intend({
      kind: 'digits',
      digitCount: count,
      pinIndex: index,
      accessIndex: index,
    })
  }

  scan(code: string) {
    return this.intend(this.intentOf(code))
  }

  /** What the screen’s server makes of a scan. */
  intentOf(code: string): Intent {
    const token = readToken(code)
    if (token !== null) return { kind: 'token', claims: token.claims }
    return { kind: 'scan', code, badgeIndex: `badge ${code}` }
  }

  private intend(intent: Intent) {
    this.#intents += 1
    const intentId = `i${this.#intents}`
    this.send({ kind: 'intent-sent', intentId, rev: this.view?.rev ?? 0, intent })
    const answer = this.answers.at(-1)
    return answer?.kind === 'intent' ? answer.result : undefined
  }

  /**
   * What central and an installer do before the first day: staff, people, parcels, empty lockers.
   */
  prepare(parcels: readonly BenchParcel[] = []): void {
    this.readBoard()
    this.ledger.begin()
    this.ledger.apply(firstDay(parcels), this.now())
    this.ledger.commit()
    for (const { id } of this.ledger.lockers()) {
      this.send({
        kind: 'technician-asked',
        requestId: `q${id}`,
        technicianId: 't-1',
        command: { kind: 'inspect', lockerId: id, found: 'empty', reason: 'new wall' },
      })
    }
  }

  signIn(code = 'code-1'): void {
    this.press('courier')
    this.type(code)
  }

  /** Central changes what it wants, and the kiosk hears of it in the same turn. */
  want(change: StreamChange): void {
    const now = this.now()
    this.ledger.begin()
    this.ledger.apply([{ kind: 'stream-applied', data: change }], now)
    this.ledger.commit()
    this.send({ kind: 'desired-changed' })
  }

  employ(...puts: readonly DesiredStaff[]): void {
    const version = this.ledger.streamVersions().staff + 1
    this.want({ stream: 'staff', version, isSnapshot: false, puts, deletes: [] })
  }

  dismiss(id: string): void {
    const version = this.ledger.streamVersions().staff + 1
    this.want({ stream: 'staff', version, isSnapshot: false, puts: [], deletes: [id] })
  }

  wantPickup(...puts: readonly DesiredPickup[]): void {
    const version = this.ledger.streamVersions().pickup + 1
    this.want({ stream: 'pickup', version, isSnapshot: false, puts, deletes: [] })
  }

  /** Somebody of flat 1 may hand this in, unless it says otherwise. */
  wantReturn(row: Partial<DesiredReturn> & { readonly id: string }): void {
    const version = this.ledger.streamVersions().return + 1
    const plain = { tracking: `T-${row.id}`, size: 'S', recipientId: 'r-1', expiresAtMs: null }
    const puts = [{ ...plain, ...row }]
    this.want({ stream: 'return', version, isSnapshot: false, puts, deletes: [] })
  }

  withdrawReturn(id: string): void {
    const version = this.ledger.streamVersions().return + 1
    this.want({ stream: 'return', version, isSnapshot: false, puts: [], deletes: [id] })
  }

  command(command: TechnicianCommand): void {
    this.#intents += 1
    const requestId = `q-${this.#intents}`
    this.send({ kind: 'technician-asked', requestId, technicianId: 't-1', command })
  }

  /** @returns what the command line is told */
  askAudit(command: AuditCommand): Answer | undefined {
    this.#intents += 1
    const requestId = `q-${this.#intents}`
    this.send({ kind: 'audit-asked', requestId, technicianId: 't-1', command })
    return this.answers.at(-1)
  }

  /** A courier comes, leaves one announced parcel and goes. */
  leaveParcel(id: string, where: 'apart' | 'together' = 'apart'): void {
    this.signIn()
    this.deposit(id, where)
    this.useDoor()
    this.press('sign-out')
  }

  /** Chooses it from the list, and says where it goes if that is asked. */
  deposit(id: string, where: 'apart' | 'together' = 'apart'): void {
    this.press('deposit', id)
    if (this.screen.kind === 'deposit-offer') this.press(where)
  }

  /** What lies there, or may lie there, as the ledger has it. */
  parcelsAt(lockerId: string): readonly string[] {
    return this.ledger.parcelsAt(lockerId).map(({ id }) => id)
  }

  lockerState(id: string) {
    return this.ledger.locker(id)?.state
  }

  parcelState(id: string) {
    return this.ledger.parcel(id)?.state
  }

  /** What the facts of this kind say, oldest first. */
  factsOf(kind: string): Record<string, unknown>[] {
    return this.ledger
      .outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
      .map(({ body }) => JSON.parse(body))
      .filter(({ type }) => type === `${kind}/1`)
      .map(({ data }) => data)
  }

  distrust(id: string) {
    return this.ledger.locker(id)?.distrustedFor
  }

  /** The data of the newest fact of a kind. */
  newest(kind: string): Record<string, unknown> | undefined {
    const facts = this.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
    const row = facts.findLast(({ body }) => JSON.parse(body).type === `${kind}/1`)
    return row === undefined ? undefined : JSON.parse(row.body).data
  }

  /** The kinds of all facts, in order, from the outbox. */
  facts(): string[] {
    return this.ledger
      .outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })
      .map(({ body }) => String(JSON.parse(body).type).replace('/1', ''))
  }
}
