// The campaign: facts go up and versions down without a pause, and broker, kiosk and central are
// killed in turn, each while facts wait for an ack. In between come a frozen broker, a full disk, a
// wrong clock, and copies put back. What came of it is read from the two databases afterwards.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createRandom, type Random } from '../../../sim/world/random.ts'
import { lockersOf } from '../../../src/kiosk/config.ts'
import { CentralProcess } from '../../support/central-process.ts'
import { askControl } from '../../support/control.ts'
import {
  type BrokerName,
  centralArgs,
  copyDatabase,
  Kiosk,
  openPlace,
  type Place,
} from './parties.ts'
import { judge, type Verdict } from './verdict.ts'

const VICTIMS = ['broker', 'kiosk', 'central'] as const
type Victim = (typeof VICTIMS)[number]

const MS_PER_S = 1_000
const DAY_MS = 86_400_000
const ASK_AGAIN_MS = 3
/** A kiosk waits for an ack up to a minute before it sends again. */
const SETTLE_MAX_MS = 180_000
const DEAD_MAX_MS = 400
const FULL_MS = 2_000
/** In this time central tells its versions more than once. */
const BEACONS_MS = 3_000
const SIZES = ['S', 'M', 'L'] as const
/** One in so many announced parcels is withdrawn again. */
const WITHDRAWN_EACH = 3
const COMMAND_EACH = 5

export interface MatrixOptions {
  readonly broker: BrokerName
  readonly kills: number
  readonly facts: number
  readonly versions: number
  readonly frozenMs: number
  readonly seed: string
  /** Names of those that are played; absent: all. */
  readonly interludes?: readonly string[]
  readonly onProgress?: (line: string) => void
}

export interface Outcome {
  readonly verdict: Verdict
  readonly kills: Readonly<Record<Victim, number>>
  /** Kills that nothing waited at; they are not counted. */
  readonly vainKills: number
  /** From the restart to the first new ack, by who was killed. */
  readonly backMs: Readonly<Record<Victim, readonly number[]>>
  /** How often the daemon ended by itself: its disk was full. */
  readonly ends: number
  readonly interludes: readonly string[]
  /** Their numbers reach further: a restored central leaps over those it may have given. */
  readonly versionsMade: number
}

export async function runMatrix(options: MatrixOptions): Promise<Outcome> {
  const place = await openPlace(options.broker)
  const matrix = new Matrix(place, options)
  try {
    return await matrix.run()
  } finally {
    await matrix.close()
  }
}

type Interlude = readonly [name: string, work: () => Promise<void>]

class Matrix {
  readonly #place: Place
  readonly #options: MatrixOptions
  readonly #kiosk: Kiosk
  readonly #central: CentralProcess
  readonly #random: Random
  readonly #centralFile: string
  readonly #ledgerFile: string
  readonly #lockers: { readonly id: string; isEnabled: boolean }[]
  readonly #kills = { broker: 0, kiosk: 0, central: 0 }
  readonly #backMs: Record<Victim, number[]> = { broker: [], kiosk: [], central: [] }
  readonly #interludes: string[] = []
  #vainKills = 0
  #facts = 0
  #versions = 0
  #commands: Promise<unknown>[] = []
  #isClockRight = true

  constructor(place: Place, options: MatrixOptions) {
    this.#place = place
    this.#options = options
    this.#kiosk = new Kiosk(place.site)
    this.#central = new CentralProcess(centralArgs(place))
    this.#random = createRandom(`matrix/${options.seed}`)
    const { settings, centralFolder } = place.site
    this.#centralFile = join(centralFolder, 'central.db')
    this.#ledgerFile = join(settings.data.folder, 'ledger.db')
    this.#lockers = lockersOf(settings.kiosk).map(({ id }) => ({ id, isEnabled: true }))
  }

  async run(): Promise<Outcome> {
    await this.#central.start()
    this.#kiosk.start()
    await this.#settle()
    const { kills, interludes: chosen } = this.#options
    const plan = this.#plan().filter(([name]) => chosen?.includes(name) ?? true)
    const interludes = new Map(
      plan.map((each, index, all) => [Math.floor(((index + 1) * kills) / (all.length + 1)), each]),
    )
    for (let number = 0; number < kills; number += 1) {
      const interlude = interludes.get(number)
      if (interlude !== undefined) await this.#play(interlude)
      const victim = VICTIMS[number % VICTIMS.length] ?? 'broker'
      while (!(await this.#killOnce(victim))) this.#vainKills += 1
      this.#kills[victim] += 1
      const back = ((this.#backMs[victim].at(-1) ?? 0) / MS_PER_S).toFixed(1)
      this.#options.onProgress?.(`${number + 1}: ${victim} killed, back in ${back} s`)
    }
    await Promise.all(this.#commands)
    await this.#settle()
    await pause(BEACONS_MS)
    await this.#settle()
    await this.#kiosk.end('SIGTERM')
    await this.#central.end('SIGTERM')
    return {
      verdict: judge({
        kiosk: this.#ledgerFile,
        central: this.#centralFile,
        wasCentralRestored: this.#interludes.includes('central restored'),
      }),
      kills: this.#kills,
      vainKills: this.#vainKills,
      backMs: this.#backMs,
      ends: this.#kiosk.ends,
      interludes: this.#interludes,
      versionsMade: this.#versions,
    }
  }

  async close(): Promise<void> {
    await this.#kiosk.end('SIGKILL')
    await this.#central.end('SIGKILL')
    await this.#place.broker.stop()
    rmSync(this.#place.folder, { recursive: true, force: true })
  }

  #plan(): readonly Interlude[] {
    const { broker, clock, fullFile, folder } = this.#place
    const [centralCopy, ledgerCopy] = [join(folder, 'central-copy'), join(folder, 'ledger-copy')]
    return [
      [
        'a frozen broker',
        () =>
          this.#frozen(
            () => broker.freeze(),
            () => broker.thaw(),
          ),
      ],
      ['a copy of central', () => this.#betweenLives('central', this.#centralFile, centralCopy)],
      ['a full disk', () => this.#full(fullFile)],
      ['a clock a day ahead', () => this.#wrongClock(() => clock.move(DAY_MS))],
      ['a clock a day behind', () => this.#wrongClock(() => clock.move(-DAY_MS))],
      ['the clock put right', () => this.#wrongClock(() => clock.move(0), true)],
      ['central restored', () => this.#betweenLives('central', centralCopy, this.#centralFile)],
      ['a copy of the kiosk', () => this.#betweenLives('kiosk', this.#ledgerFile, ledgerCopy)],
      ['the kiosk restored', () => this.#betweenLives('kiosk', ledgerCopy, this.#ledgerFile)],
    ]
  }

  async #play([name, work]: Interlude): Promise<void> {
    this.#options.onProgress?.(name)
    await work()
    this.#interludes.push(name)
  }

  /** @returns false when everything was acknowledged at that moment */
  async #killOnce(victim: Victim): Promise<boolean> {
    const producing = this.#produce()
    if (this.#commands.length < this.#commandsDue()) this.#command()
    await this.#factsWait()
    await this.#kill(victim)
    const isVain = victim === 'kiosk' && !this.#hasUnsent()
    await pause(this.#random.between(0, DEAD_MAX_MS))
    const cumBefore = this.#acknowledged()
    const restartMs = performance.now()
    await this.#start(victim)
    while (this.#acknowledged() <= cumBefore && performance.now() - restartMs < SETTLE_MAX_MS) {
      await pause(ASK_AGAIN_MS)
    }
    if (!isVain) this.#backMs[victim].push(performance.now() - restartMs)
    await producing
    await this.#settle()
    return !isVain
  }

  #commandsDue(): number {
    const { broker, kiosk, central } = this.#kills
    return this.#isClockRight ? Math.ceil((broker + kiosk + central) / COMMAND_EACH) : 0
  }

  async #factsWait(): Promise<void> {
    while (((await this.#kiosk.status())?.outboxCount ?? 0) === 0) await pause(ASK_AGAIN_MS)
  }

  async #kill(victim: Victim): Promise<void> {
    if (victim === 'broker') return this.#place.broker.kill()
    await (victim === 'kiosk' ? this.#kiosk : this.#central).end('SIGKILL')
  }

  async #start(victim: Victim): Promise<void> {
    if (victim === 'kiosk') this.#kiosk.start()
    else await (victim === 'broker' ? this.#place.broker : this.#central).start()
  }

  /** Of a ledger whose daemon is dead: facts that no ack has confirmed. */
  #hasUnsent(): boolean {
    const copy = join(this.#place.folder, 'look')
    copyDatabase(this.#ledgerFile, copy)
    const db = new Database(copy)
    try {
      const unsent = db
        .prepare(
          `SELECT max(seq) > coalesce((SELECT CAST(value AS INTEGER) FROM meta
                                       WHERE name = 'confirmed'), 0) FROM facts`,
        )
        .pluck()
      return unsent.get() === 1
    } finally {
      db.close()
    }
  }

  /** Facts that central has, by its own database. */
  #acknowledged(): number {
    return this.#countAtCentral('fact')
  }

  /** No other stream is written to. */
  #wantedCount(): number {
    return this.#countAtCentral('wanted')
  }

  #countAtCentral(table: 'fact' | 'wanted'): number {
    const db = new Database(this.#centralFile, { readonly: true })
    try {
      return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
    } finally {
      db.close()
    }
  }

  /** Everything is with central, and everything that it wants is here. */
  async #settle(): Promise<void> {
    const deadlineMs = performance.now() + SETTLE_MAX_MS
    while (!(await this.#isSettled())) {
      if (performance.now() > deadlineMs) {
        throw new Error(await this.#whatWaits())
      }
      await pause(ASK_AGAIN_MS)
    }
  }

  async #whatWaits(): Promise<string> {
    const status = await this.#kiosk.status()
    const waits = `${status?.outboxCount} facts wait; ${status?.announcedCount} parcels are here`
    const log = this.#kiosk.lines.filter((line) => !line.includes('command-asked')).slice(-20)
    return `${waits}, ${this.#wantedCount()} are wanted\n${log.join('\n')}`
  }

  async #isSettled(): Promise<boolean> {
    const status = await this.#kiosk.status()
    return status?.outboxCount === 0 && status.announcedCount === this.#wantedCount()
  }

  /** One kill's share of facts and versions; what a dead party does not take is tried again. */
  async #produce(): Promise<void> {
    const { kills, facts, versions } = this.#options
    const shares = { facts: Math.ceil(facts / kills), versions: Math.ceil(versions / kills) }
    await Promise.all([this.#makeFacts(shares.facts), this.#makeVersions(shares.versions)])
  }

  /** A technician takes lockers out of service and puts them back: one fact each time. */
  async #makeFacts(count: number): Promise<void> {
    for (let made = 0; made < count; ) {
      const locker = this.#lockers[this.#facts % this.#lockers.length]
      if (locker === undefined) throw new Error('the wall has no lockers')
      const path = `/v1/lockers/${locker.id}/${locker.isEnabled ? 'disable' : 'enable'}`
      const reply = await askControl(this.#kiosk.socketPath, path, {
        reason: `number ${this.#facts}`,
      }).catch(() => null)
      if (reply === null) {
        await pause(ASK_AGAIN_MS)
        continue
      }
      // It may have happened already: the answer was lost with the daemon.
      locker.isEnabled = !locker.isEnabled
      if (reply.status !== 200) continue
      made += 1
      this.#facts += 1
    }
  }

  async #makeVersions(count: number): Promise<void> {
    const { kioskId } = this.#place.site.settings.kiosk
    for (let made = 0; made < count; ) {
      const number = this.#versions
      const isWithdrawal = number % WITHDRAWN_EACH === WITHDRAWN_EACH - 1
      const id = `p-${isWithdrawal ? number - 1 : number}`
      const parcel = {
        ...{ kioskId, id, tracking: `T${number}`, recipientId: `r-${number % 50}` },
        size: SIZES[number % SIZES.length],
      }
      const answer = isWithdrawal
        ? await this.#central.post('/parcels/withdrawn', { kioskId, id })
        : await this.#central.post('/parcels', parcel)
      if (answer?.status !== 204) {
        await pause(ASK_AGAIN_MS)
        continue
      }
      made += 1
      this.#versions += 1
    }
  }

  /** Central has a locker opened; what became of it stands in the databases. */
  #command(): void {
    const { kioskId } = this.#place.site.settings.kiosk
    const args = { lockerId: '01', reason: `order ${this.#commands.length}` }
    this.#commands.push(this.#central.post('/commands', { kioskId, type: 'open', args }))
  }

  async #frozen(freeze: () => void, thaw: () => void): Promise<void> {
    const producing = this.#produce()
    await this.#factsWait()
    freeze()
    await pause(this.#options.frozenMs)
    thaw()
    await producing
    await this.#settle()
  }

  async #full(fullFile: string): Promise<void> {
    const producing = this.#produce()
    await this.#factsWait()
    writeFileSync(fullFile, '')
    await pause(FULL_MS)
    rmSync(fullFile)
    await producing
    await this.#settle()
  }

  async #wrongClock(move: () => void, isRight = false): Promise<void> {
    await Promise.all(this.#commands)
    this.#isClockRight = isRight
    const producing = this.#produce()
    await this.#factsWait()
    move()
    await producing
    await this.#settle()
  }

  /** Copies its database while it is dead, from here or to here. */
  async #betweenLives(party: 'kiosk' | 'central', from: string, to: string): Promise<void> {
    const producing = this.#produce()
    await this.#factsWait()
    await this.#kill(party)
    copyDatabase(from, to)
    await this.#start(party)
    await producing
    await this.#settle()
  }
}
