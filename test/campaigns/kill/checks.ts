// What must hold whenever the dust has settled, each point seen from outside: the wire, the
// cabinet, central, the control socket.
import { setTimeout as pause } from 'node:timers/promises'
import type { KioskStatus } from '../../../src/kiosk/events.ts'
import { askStatus } from './control-client.ts'
import type { ReadFact } from './replay.ts'
import type { KillStage } from './stage.ts'
import type { Pulse } from './witness.ts'

const ASK_AGAIN_MS = 15
const SETTLE_MAX_MS = 10_000
/** Boards debounce, the daemon polls; then the door must be known as it is. */
const DOORS_MAX_MS = 5_000

const OPENING_ENDS = new Set(['door-opened', 'opening-failed', 'door-closed'])

/** Asks until the answer fits; null, and the last answer as a violation, if it never does. */
async function statusThat(
  stage: KillStage,
  fits: (status: KioskStatus) => boolean,
  wish: { readonly what: string; readonly waitMaxMs: number },
): Promise<KioskStatus | null> {
  const deadlineMs = performance.now() + wish.waitMaxMs
  for (;;) {
    stage.signals.check()
    const status = await askStatus(stage.controlPath).catch((error: Error) => {
      stage.signals.check()
      throw error
    })
    if (fits(status)) return status
    if (performance.now() > deadlineMs) {
      stage.violated(`${wish.what}, in vain: ${JSON.stringify(status)}`)
      return null
    }
    await pause(ASK_AGAIN_MS)
  }
}

/** The kiosk knows every door as it is. */
export async function doorsRead(stage: KillStage): Promise<void> {
  const { cabinet } = stage.wall
  await statusThat(
    stage,
    ({ lockers }) => lockers.every(({ lockerId, door }) => door === cabinet.at(lockerId).door),
    { what: 'waited for the doors to be known as they are', waitMaxMs: DOORS_MAX_MS },
  )
}

/** Everything is at rest: nothing to send, no opening under way, central has it all. */
export async function settled(stage: KillStage): Promise<KioskStatus | null> {
  const { replay } = stage
  const status = await statusThat(
    stage,
    ({ outboxCount }) => {
      if (outboxCount > 0) return false
      for (const { seq, body } of stage.central.facts().slice(replay.facts.length)) {
        replay.take(seq, body, 'central')
      }
      return replay.openings.size === 0 && !isPinBeingMade(replay.facts.at(-1))
    },
    { what: 'waited for central to have everything', waitMaxMs: SETTLE_MAX_MS },
  )
  if (status === null) return null
  // A locker's time may have run out between the answer and now: then it is asked once more.
  const after = await askStatus(stage.controlPath)
  const isSame = JSON.stringify(after.lockers) === JSON.stringify(status.lockers)
  return isSame && after.outboxCount === 0 ? after : settled(stage)
}

/** What was found is deposited again, as soon as its new PIN is made. */
function isPinBeingMade(newest: ReadFact | undefined): boolean {
  return newest?.kind === 'locker-inspected' && newest.data['found'] === 'parcel'
}

/** Call only when settled. */
export function checkAll(stage: KillStage, status: KioskStatus): void {
  checkCentral(stage)
  checkStatus(stage, status)
  checkParcels(stage)
  checkPulses(stage)
  checkClaims(stage)
  checkLetters(stage)
}

function checkCentral(stage: KillStage): void {
  const { central, replay } = stage
  const facts = central.facts()
  for (const [index, { seq, body, problem }] of facts.entries()) {
    if (seq !== index + 1) stage.violated(`central has fact ${seq} in place ${index + 1}`)
    if (body !== replay.facts[index]?.body) stage.violated(`central has another fact ${seq}`)
    if (problem !== null) stage.violated(`central on fact ${seq}: ${problem}`)
  }
  if (facts.length !== replay.facts.length) {
    stage.violated(`central has ${facts.length} of ${replay.facts.length} facts`)
  }
  const { gaps, chainBreaks, conflicts, problems, refused, rejections } = central.counters()
  const sum = gaps + chainBreaks + conflicts + problems + refused + rejections
  if (sum > 0) stage.violated(`central counts ${JSON.stringify(central.counters())}`)
}

/** What the kiosk says of its lockers is what its facts say. */
function checkStatus(stage: KillStage, { lockers, boot }: KioskStatus): void {
  const { replay } = stage
  if (boot !== replay.boot) stage.violated(`boot ${boot}, by the facts ${replay.boot}`)
  for (const { lockerId, state, parcelIds } of lockers) {
    const followed = replay.lockers.get(lockerId)
    if (followed?.state === state && followed.parcelId === (parcelIds[0] ?? null)) continue
    stage.violated(
      `locker ${lockerId} is ${state} with ${parcelIds}, by the facts ${JSON.stringify(followed)}`,
    )
  }
}

/** No parcel lost, none doubled, none in a locker that is handed out. */
function checkParcels(stage: KillStage): void {
  const { replay, wall } = stage
  const places = new Map<string, string>()
  for (const [lockerId, compartment] of wall.cabinet.compartments) {
    const [contents, ...others] = compartment.contents
    if (contents === undefined) continue
    // Each has a recipient of its own.
    if (others.length > 0) stage.violated(`${others} lie in ${lockerId} beside ${contents}`)
    if (places.has(contents)) stage.violated(`${contents} is in two lockers`)
    places.set(contents, lockerId)
    const locker = replay.lockers.get(lockerId)
    if (locker?.state === 'free')
      stage.violated(`locker ${lockerId} is free with ${contents} in it`)
    if (locker?.parcelId !== contents) {
      stage.violated(`${contents} lies in ${lockerId}, where ${locker?.parcelId} is looked for`)
    }
  }
  for (const [lockerId, { state, parcelId }] of replay.lockers) {
    if (state !== 'occupied' || parcelId === null) continue
    const isCollectable = replay.parcels.get(parcelId) === 'deposited'
    if (isCollectable && places.get(parcelId) !== lockerId) {
      stage.violated(`${parcelId} is deposited in ${lockerId}, and lies in ${places.get(parcelId)}`)
    }
  }
  for (const [parcelId, state] of replay.parcels) {
    const isInLocker = [...replay.lockers.values()].some((locker) => locker.parcelId === parcelId)
    if (!isInLocker && state !== 'announced' && state !== 'collected') {
      stage.violated(`${parcelId} is ${state}, and no locker is named for it`)
    }
  }
}

/** No opening without its stored reason, and every opening in the chain. */
function checkPulses(stage: KillStage): void {
  const { replay, witness } = stage
  const { springs, pulses, pulsesByOpening } = witness
  for (const pulse of pulses.splice(0)) {
    const reason = reasonFor(replay.facts, pulse)
    if (reason === null) {
      stage.violated(`locker ${pulse.lockerId} was fired without a stored reason`)
      continue
    }
    const count = (pulsesByOpening.get(reason.seq) ?? 0) + 1
    pulsesByOpening.set(reason.seq, count)
    const { pulsesMax } = stage.site.settings.kiosk.policy
    if (count > pulsesMax) stage.violated(`opening ${reason.seq} had ${count} pulses`)
    const { purpose, parcelIds } = reason.data
    const [parcelId = null] = Array.isArray(parcelIds) ? parcelIds : []
    if (purpose === 'deposit' && pulse.contents !== null) {
      stage.violated(`${pulse.lockerId} was opened for a deposit with ${pulse.contents} in it`)
    }
    if (purpose === 'pickup' && pulse.contents !== parcelId) {
      stage.violated(`${pulse.lockerId} was opened for ${parcelId} with ${pulse.contents} in it`)
    }
  }
  for (const [lockerId, count] of springs) {
    const seen = replay.facts.filter(
      ({ kind, data }) =>
        kind === 'door-opened' &&
        data['lockerId'] === lockerId &&
        data['witness'] !== 'already-open',
    )
    if (seen.length !== count) {
      stage.violated(`${lockerId} sprang ${count} times, the chain has ${seen.length} openings`)
    }
  }
}

/** Both processes read the machine's one monotonic clock. */
function reasonFor(facts: readonly ReadFact[], { lockerId, atMonoMs }: Pulse): ReadFact | null {
  let reason: ReadFact | null = null
  for (const fact of facts) {
    if (fact.monoMs > atMonoMs) break
    if (fact.kind === 'opening-authorised' && fact.data['lockerId'] === lockerId) reason = fact
    if (OPENING_ENDS.has(fact.kind) && fact.data['openingId'] === reason?.seq) reason = null
  }
  return reason
}

/** What the screen said had happened was stored before it said so, and is stored still. */
function checkClaims(stage: KillStage): void {
  for (const { kind, lockerId, sinceMonoMs, atMonoMs } of stage.witness.claims.splice(0)) {
    const isStored = stage.replay.facts.some(
      (fact) =>
        fact.kind === kind &&
        fact.data['lockerId'] === lockerId &&
        fact.monoMs >= sinceMonoMs &&
        fact.monoMs <= atMonoMs,
    )
    if (!isStored)
      stage.violated(`the screen claimed ${kind} of ${lockerId}, and nothing is stored`)
  }
}

/** One letter with a PIN for every deposit, one for every collection. */
function checkLetters(stage: KillStage): void {
  const tally = (keys: readonly string[]): string => JSON.stringify(keys.toSorted())
  const stored = stage.replay.facts
    .filter(({ kind }) => kind === 'parcel-deposited' || kind === 'parcel-collected')
    .map(({ kind, data }) => `${kind.slice('parcel-'.length)} ${String(data['parcelId'])}`)
  const letters = stage.central.letters()
  if (tally(stored) !== tally(letters.map(({ kind, parcelId }) => `${kind} ${parcelId}`))) {
    stage.violated(`${letters.length} letters for ${stored.length} deposits and collections`)
  }
  for (const { kind, text, parcelId } of letters) {
    if (kind === 'deposited' && pinIn(text) === null) {
      stage.violated(`the letter for ${parcelId} has no PIN`)
    }
  }
}

export function pinIn(text: string): string | null {
  return /PIN (\d+)/.exec(text)?.[1] ?? null
}
