// One cell of the table: a wall, a past, and what it costs to assign, to look up and to refuse; in
// between, each time, a bare commit of one row on the same disk. A cell is measured in several
// passes, and between them the others have theirs, so that a busy minute of the machine hits all.
import { createHmac } from 'node:crypto'
import type Database from 'better-sqlite3'
import { DEFAULT_POLICY } from '../../../src/kiosk/config.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import type { Intent } from '../../../src/kiosk/view.ts'
import { Core, type CoreOutput } from '../../../src/runtime/core.ts'
import { parseClientMessage } from '../../../src/screen/messages.ts'
import { openDatabase } from '../../../src/store/database.ts'
import type { Ledger } from '../../../src/store/ledger.ts'
import { PROMPT_UPLINK } from '../../../src/sync/machine/config.ts'
import { NOW, openWall, wallOf } from './past.ts'

const KEY = 'k'.repeat(32)
/** Not counted: the first turns compile the code. */
const WARM_UP = 100
const EIGHT = { digitCount: 8 } as const
/** Longer than any wait after a wrong entry, and the day's budget of them is never spent. */
const WRONG_PAUSE_MS = Math.ceil(86_400_000 / DEFAULT_POLICY.guessesADayMax) + 40_000

export interface Cell {
  readonly lockerCount: number
  readonly pastCount: number
  readonly timesMs: Readonly<Record<Measured, number[]>>
}

export type Measured =
  | 'bare beside assigning'
  | 'assigned'
  | 'bare beside refusing'
  | 'wrong PIN'
  | 'hit'
  | 'miss'
  | 'malformed'

export interface CellOptions {
  readonly ledgerPath: string
  readonly barePath: string
  readonly rounds: number
}

function hash(digits: string): string {
  return createHmac('sha256', KEY).update(`pin|bench|${digits}`).digest('base64url')
}

const pinOf = (n: number): string => String(10_000_000 + n)

export function emptyCell(size: Pick<Cell, 'lockerCount' | 'pastCount'>): Cell {
  return {
    ...size,
    timesMs: {
      'bare beside assigning': [],
      assigned: [],
      'bare beside refusing': [],
      'wrong PIN': [],
      hit: [],
      miss: [],
      malformed: [],
    },
  }
}

/** One pass; what it measures is added to the cell. */
export function measureCell(cell: Cell, options: CellOptions): void {
  const { rounds } = options
  const { lockerCount, timesMs: times } = cell
  const config = wallOf(lockerCount)
  const ledger = openWall(options.ledgerPath, config, (n) => hash(pinOf(n)))
  const bare = openBare(options.barePath)
  const kiosk = new Kiosk(ledger, config)
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const keep = (name: Measured, work: () => void): void => {
      const began = performance.now()
      work()
      const ms = performance.now() - began
      if (round >= 0) times[name].push(ms)
    }
    keep('bare beside refusing', bare.commit)
    const wrong = kiosk.prepareWrong(round)
    keep('wrong PIN', () => kiosk.take(wrong))
    must(kiosk.notice === 'LK-PIN-01')
    kiosk.tidy()
    keep('hit', () => must(ledger.pin(hash(pinOf(1))) !== null))
    keep('miss', () => must(ledger.pin(hash(`9${round}`)) === null))
    keep('malformed', () => must(parseClientMessage(MALFORMED) === null))
  }
  kiosk.signIn()
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const began = performance.now()
    bare.commit()
    const between = performance.now()
    kiosk.assign()
    const ended = performance.now()
    kiosk.tidy()
    kiosk.takeBack()
    if (round < 0) continue
    times['bare beside assigning'].push(between - began)
    times.assigned.push(ended - between)
  }
  bare.close()
  ledger.close()
}

const MALFORMED = Buffer.from(
  JSON.stringify({ kind: 'digits', rev: 1, id: 'intent-1', digits: '12a' }),
)

function must(isTrue: boolean): void {
  if (!isTrue) throw new Error('the bench measures something else than it says')
}

function openBare(path: string): { commit: () => void; close: () => void } {
  const db: Database.Database = openDatabase(path)
  db.exec('CREATE TABLE IF NOT EXISTS bare (n INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT')
  const add = db.prepare('INSERT INTO bare (text) VALUES (?)')
  const text = 'x'.repeat(300)
  return { commit: () => void add.run(text), close: () => void db.close() }
}

class Kiosk {
  readonly #core: Core
  readonly #ledger: Ledger
  #nowMs = NOW.monoMs
  #rev = 0
  #count = 0
  /** The code that the screen shows. */
  notice: string | null = null

  constructor(ledger: Ledger, config: ReturnType<typeof wallOf>) {
    this.#ledger = ledger
    const uplink = { ...PROMPT_UPLINK, kioskId: config.kioskId }
    const now = this.#now()
    this.#core = new Core({
      ledger,
      kiosk: config,
      uplink,
      seed: 'ab'.repeat(16),
      version: 'b',
      now,
    })
    this.#see(this.#core.start(now))
    const boards = new Map<string, number>()
    for (const { boardId } of config.columns.flatMap(({ lockers }) => lockers)) {
      boards.set(boardId, (boards.get(boardId) ?? 0) + 1)
    }
    for (const [boardId, channels] of boards) {
      const doors = Array.from({ length: channels }, () => ({ state: 'closed', opens: 0 }) as const)
      this.take({ kind: 'board-read', reading: { boardId, boot: 1, doors } })
    }
  }

  #now() {
    return { ...NOW, monoMs: this.#nowMs }
  }

  /** As the daemon does when its outputs have left. */
  tidy(): void {
    this.#ledger.tidy()
  }

  #see(outputs: readonly CoreOutput[]): readonly CoreOutput[] {
    for (const output of outputs) {
      if (output.kind === 'kiosk' && output.action.kind === 'show') {
        this.#rev = output.action.view.rev
        this.notice = output.action.view.notice?.code ?? null
      }
    }
    return outputs
  }

  take(event: KioskEvent): readonly CoreOutput[] {
    return this.#see(this.#core.take([{ kind: 'kiosk', event }], this.#now()))
  }

  #intent(intent: Intent): KioskEvent {
    this.#count += 1
    return { kind: 'intent-sent', intentId: `i${this.#count}`, rev: this.#rev, intent }
  }

  #press(action: 'courier' | 'deposit' | 'cancel' | 'back', value: string | null = null) {
    return this.take(this.#intent({ kind: 'press', action, value }))
  }

  prepareWrong(round: number): KioskEvent {
    this.#nowMs += WRONG_PAUSE_MS
    this.take({ kind: 'time-passed' })
    return this.#intent({
      kind: 'digits',
      ...EIGHT,
      pinIndex: hash(`8${round}`),
      accessIndex: 'none',
    })
  }

  signIn(): void {
    this.#nowMs += WRONG_PAUSE_MS
    this.#press('courier')
    this.take(this.#intent({ kind: 'digits', ...EIGHT, pinIndex: 'none', accessIndex: 'code' }))
  }

  assign(): void {
    this.#press('deposit', 'next')
  }

  /** Undone, and somebody looked: the next round finds the wall as this one did. */
  takeBack(): void {
    const [opening] = this.#ledger.liveOpenings()
    if (opening === undefined) throw new Error('nothing was assigned')
    this.#press('cancel')
    this.take({ kind: 'unlock-ended', openingId: opening.id, outcome: 'expired' })
    this.#press('back')
    const { lockerId } = opening
    const command = { kind: 'inspect', lockerId, found: 'empty', reason: 'bench' } as const
    this.take({ kind: 'technician-asked', requestId: 'q', technicianId: 't', command })
    must(this.#ledger.locker(lockerId)?.state === 'free')
  }
}
