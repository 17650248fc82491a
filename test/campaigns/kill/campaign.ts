// The campaign: people come and go, the daemon is killed at planned steps of what they do, and
// after every restart everything is held against everything else.
import { setTimeout as pause } from 'node:timers/promises'
import { declareEmpty } from '../../../sim/live/installer.ts'
import { createRandom, type Random } from '../../../sim/world/random.ts'
import { checkAll, doorsRead, settled } from './checks.ts'
import { inspectLocker } from './control-client.ts'
import { checkLedgerCopy } from './ledger-copy.ts'
import { COURIER, OPEN_MIN_MS, People, REOPEN_MS } from './people.ts'
import { Post } from './post.ts'
import { KilledError } from './signals.ts'
import { endWithProcess, KillStage } from './stage.ts'
import { flowOf, type PlannedKill, planKills, type Step } from './steps.ts'
import type { Visit } from './witness.ts'

/** With so many parcels waiting, the next visit is a pickup. */
const WAITING_MAX = 8
/** So often a kill in a deposit is preceded by a pickup that nothing disturbs. */
const UNDISTURBED_SHARE = 0.3
/** A late spring has moved its door by then, and the daemon is not back yet. */
const STARTLED_MS = 120
/** After more refusals the kiosk makes everybody wait: that brake is tested elsewhere. */
const VAIN_TRIES_MAX = 3
const VIOLATIONS_MAX = 5
/** How often a kill is planned anew whose step was not reached. */
const MISSES_MAX = 20
const END_MAX_MS = 20_000
const RECOVERY_KILL_MAX_MS = 900

export interface KillRecord {
  readonly step: Step
  /** Kind of the visit's newest fact on disk: how far it had come. Null: not even begun. */
  readonly newestFact: string | null
}

export interface Outcome {
  readonly kills: readonly KillRecord[]
  /** Kills of a daemon that was still recovering from another; they are not counted. */
  readonly recoveryKills: number
  readonly deposits: number
  readonly pickups: number
  readonly looks: number
  readonly openings: number
  readonly readyMs: readonly number[]
  readonly violations: readonly string[]
}

export interface CampaignOptions {
  readonly count: number
  readonly seed: string
  readonly onKill?: (kills: readonly KillRecord[]) => void
}

export async function runCampaign(options: CampaignOptions): Promise<Outcome> {
  const stage = await KillStage.open({
    LATCHKEY_POLICY_REOPEN_MS: String(REOPEN_MS),
    LATCHKEY_POLICY_OPEN_MIN_MS: String(OPEN_MIN_MS),
  })
  endWithProcess(stage)
  const campaign = new Campaign(stage, options)
  try {
    await campaign.setUp()
    await campaign.run()
    await campaign.finish()
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    stage.violated(`${text}\n${stage.daemon?.lines.slice(-5).join('\n')}`)
  } finally {
    await stage.close()
  }
  return campaign.outcome()
}

class Campaign {
  readonly #stage: KillStage
  readonly #options: CampaignOptions
  readonly #random: Random
  readonly #people: People
  readonly #post: Post
  readonly #kills: KillRecord[] = []
  readonly #readyMs: number[] = []
  /** By parcel: the PIN its recipient typed last. */
  readonly #usedPins = new Map<string, string>()
  /** Somebody whose pickup was interrupted comes back first. */
  readonly #returning: string[] = []
  #vainTries = 0
  #recoveryKills = 0

  constructor(stage: KillStage, options: CampaignOptions) {
    this.#stage = stage
    this.#options = options
    this.#random = createRandom(`kill/${options.seed}`)
    this.#people = new People(stage, this.#random.fork('people'))
    this.#post = new Post(stage, this.#random.fork('post'))
  }

  outcome(): Outcome {
    const { done } = this.#people
    const { violations, witness } = this.#stage
    return {
      kills: this.#kills,
      recoveryKills: this.#recoveryKills,
      deposits: done.deposit,
      pickups: done.pickup,
      looks: done.look,
      openings: witness.pulsesByOpening.size,
      readyMs: this.#readyMs,
      violations,
    }
  }

  async setUp(): Promise<void> {
    const { central, kioskId, site } = this.#stage
    central.setCourier({ kioskId, ...COURIER })
    this.#stage.startDaemon()
    await this.#stage.openScreen()
    await declareEmpty(site)
  }

  async run(): Promise<void> {
    const { count } = this.#options
    const plan = planKills(count, this.#random.fork('plan'))
    let misses = 0
    while (this.#kills.length < count && this.#stage.violations.length < VIOLATIONS_MAX) {
      const kill = plan[0]
      if (kill === undefined) return
      this.#stage.place = `kill ${this.#kills.length + 1} at “${kill.step}”`
      await this.#prepareFor(kill)
      if (await this.#killAt(kill)) plan.shift()
      else misses += 1
      if (misses > MISSES_MAX) throw new Error(`${kill.step} is not reached`)
    }
  }

  /** Ordinary visits, until there is what the planned one needs. */
  async #prepareFor({ step }: PlannedKill): Promise<void> {
    this.#post.announce()
    const waiting = this.#post.collectable().length
    if (flowOf(step) === 'pickup' && waiting === 0)
      await this.#people.deposit(this.#post.nextParcel())
    const isPickupDue = waiting >= WAITING_MAX || this.#random.chance(UNDISTURBED_SHARE)
    if (flowOf(step) === 'deposit' && waiting > 0 && isPickupDue) await this.#pickUpNext()
    const isVainDue = this.#vainTries < (VAIN_TRIES_MAX * this.#kills.length) / this.#options.count
    const { parcels } = this.#stage.replay
    const spent = [...this.#usedPins].findLast(([id]) => parcels.get(id) === 'collected')
    if (!isVainDue || spent === undefined) return
    this.#vainTries += 1
    await this.#people.tryInVain(spent[1])
  }

  /** @returns false when the visit went by without reaching the step */
  async #killAt(kill: PlannedKill): Promise<boolean> {
    const { trigger } = this.#stage
    trigger.arm(kill)
    try {
      if (flowOf(kill.step) === 'deposit') await this.#people.deposit(this.#post.nextParcel())
      else await this.#pickUpNext()
      trigger.disarm()
      return false
    } catch (error) {
      if (!(error instanceof KilledError)) throw error
    }
    const { visit } = this.#stage.witness
    if (visit === null) throw new Error('the kill was idle')
    await this.#recover(kill.step, visit)
    return true
  }

  async #recover(step: Step, visit: Visit): Promise<void> {
    const aftermath = this.#aftermath(visit)
    checkLedgerCopy(this.#stage, await this.#stage.copyLedger())
    this.#kills.push({ step, newestFact: this.#newestFactOf(visit) })
    await this.#restart()
    await aftermath()
    await doorsRead(this.#stage)
    this.#stage.witness.visit = null
    await this.#verify()
    if (visit.flow === 'pickup') this.#returning.push(visit.parcelId)
    await this.#resolve()
    this.#options.onKill?.(this.#kills)
  }

  #newestFactOf({ begunMonoMs, parcelId, lockerId }: Visit): string | null {
    const newest = this.#stage.replay.facts.findLast(
      ({ kind, monoMs, data }) =>
        monoMs >= begunMonoMs &&
        (data['parcelId'] === parcelId ||
          (lockerId !== null && data['lockerId'] === lockerId) ||
          kind === 'courier-signed-in'),
    )
    return newest?.kind ?? null
  }

  /** Some finish at the door while the kiosk is dark, others when it is back. */
  #aftermath(visit: Visit): () => Promise<void> {
    const finish = (): Promise<void> => this.#people.finishAtDoor(visit)
    const isPatient = this.#random.chance(0.4)
    const startled = pause(STARTLED_MS).then(() => (isPatient ? undefined : finish()))
    return async () => {
      await startled
      await finish()
    }
  }

  async #restart(): Promise<void> {
    const isKilledAgain = this.#random.chance(0.1)
    const startMs = performance.now()
    this.#stage.startDaemon()
    if (isKilledAgain) {
      await pause(this.#random.between(100, RECOVERY_KILL_MAX_MS))
      this.#stage.killNow()
      this.#recoveryKills += 1
      checkLedgerCopy(this.#stage, await this.#stage.copyLedger())
      return this.#restart()
    }
    await this.#stage.openScreen()
    const shown = this.#stage.screen?.view?.screen.kind
    if (shown !== 'welcome') this.#stage.violated(`after the restart the screen shows ${shown}`)
    await doorsRead(this.#stage)
    this.#readyMs.push(performance.now() - startMs)
  }

  async #verify(): Promise<void> {
    const status = await settled(this.#stage)
    if (status !== null) checkAll(this.#stage, status)
  }

  /** What is not proven is looked into: by the courier whose deposit it was, or a technician. */
  async #resolve(): Promise<void> {
    const { replay, wall, controlPath } = this.#stage
    const unverified = [...replay.lockers].filter(([, { state }]) => state === 'unverified')
    for (const [lockerId, { parcelId }] of unverified) {
      const isDeposit = parcelId !== null && replay.parcels.get(parcelId) === 'unconfirmed'
      if (isDeposit && this.#random.chance(0.3)) {
        await this.#people.look(lockerId)
        continue
      }
      const found = wall.cabinet.at(lockerId).contents.length === 0 ? 'empty' : 'parcel'
      const { status, body } = await inspectLocker(controlPath, lockerId, found)
      if (status !== 200) this.#stage.violated(`inspecting ${lockerId} was refused: ${body}`)
    }
    if (unverified.length > 0) await this.#verify()
  }

  async #pickUpNext(): Promise<void> {
    const collectable = this.#post.collectable()
    const parcelId =
      this.#returning.findLast((id) => collectable.includes(id)) ?? this.#random.pick(collectable)
    const pin = this.#post.newestPin(parcelId)
    this.#usedPins.set(parcelId, pin)
    await this.#people.pickUp(parcelId, pin)
  }

  /** Everything is collected and looked into; then the wall must be as it was on the first day. */
  async finish(): Promise<void> {
    const { replay, wall, violations } = this.#stage
    if (violations.length > 0) return
    this.#stage.place = 'the end'
    await this.#verify()
    this.#post.announce()
    await this.#people.deposit(this.#post.nextParcel())
    while (this.#post.collectable().length > 0) await this.#pickUpNext()
    const isHeld = (): boolean => [...replay.lockers.values()].some(({ state }) => state !== 'free')
    const deadlineMs = performance.now() + END_MAX_MS
    while (isHeld() && performance.now() < deadlineMs) {
      await pause(REOPEN_MS / 4)
      await this.#verify()
      await this.#resolve()
      while (this.#post.collectable().length > 0) await this.#pickUpNext()
    }
    if (isHeld()) this.#stage.violated('a locker never became free again')
    for (const [id, { contents }] of wall.cabinet.compartments) {
      if (contents.length > 0) this.#stage.violated(`${contents} was left behind in ${id}`)
    }
    await this.#stage.stopDaemon()
    checkLedgerCopy(this.#stage, await this.#stage.copyLedger())
  }
}
