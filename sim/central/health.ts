// How each kiosk stands, as far as central can know: what it has heard, and what the facts tell.
import type Database from 'better-sqlite3'
import type { DesiredStore } from './desired-store.ts'
import type { FactStore } from './fact-store.ts'
import { type Upkeep, upkeepOf } from './upkeep.ts'

export interface KioskHealth {
  readonly kioskId: string
  /** By its retained presence: a hint, no more. */
  readonly isOnline: boolean
  /** Of the newest message, by central's clock; null: none since central's start. */
  readonly heardAtMs: number | null
  readonly epoch: string | null
  readonly facts: number
  /** Of the newest fact, by the kiosk's clock. */
  readonly newestFactAtMs: number | null
  /** Streams whose versions the kiosk has not reached, as it told last. */
  readonly behind: readonly string[]
  /** What is wrong there now: outages that began and have not ended, doors, cabinets, mains. */
  readonly troubles: readonly string[]
  /** Facts that central could not read, or whose link is broken; they are kept. */
  readonly deadLetters: number
}

/** A fact that somebody has to see. */
export interface Alarm {
  readonly kioskId: string
  readonly seq: number
  readonly kind: string
  readonly atWallMs: number
  /** The locker or the parcel that it is about. */
  readonly about: string
}

export interface DeadLetter {
  readonly kioskId: string
  readonly epoch: string
  readonly seq: number
  readonly problem: string
}

interface Heard {
  atMs: number
  have: Readonly<Record<string, number | undefined>>
}

const LIST_MAX = 50
/** The facts that the contract calls alarms, and what a person complains of. */
const ALARMS: readonly string[] = [
  'door-forced/1',
  'door-crossed/1',
  'door-distrusted/1',
  'cabinet-opened/1',
  'mains-lost/1',
  'ledger-restored/1',
  'parcel-complained/1',
  'parcel-missed/1',
  'locker-disputed/1',
]

/** By the word for it: the fact that begins a trouble, and the one that ends it. */
const TROUBLES: readonly (readonly [word: string, begin: string, end: string])[] = [
  ['outage', 'standstill-began/1', 'standstill-ended/1'],
  ['cabinet open', 'cabinet-opened/1', 'cabinet-closed/1'],
  ['mains lost', 'mains-lost/1', 'mains-returned/1'],
  ['sensor distrusted', 'door-distrusted/1', 'door-trusted/1'],
  ['locker out of service', 'locker-withdrawn/1', 'locker-returned/1'],
]

export class HealthDesk {
  readonly #db: Database.Database
  readonly #facts: FactStore
  readonly #desired: DesiredStore
  readonly #heard = new Map<string, Heard>()

  constructor(parts: { db: Database.Database; facts: FactStore; desired: DesiredStore }) {
    this.#db = parts.db
    this.#facts = parts.facts
    this.#desired = parts.desired
  }

  /** @param have as a birth or a request tells it */
  hear(kioskId: string, have?: Heard['have']): void {
    const before = this.#heard.get(kioskId)
    this.#heard.set(kioskId, { atMs: Date.now(), have: have ?? before?.have ?? {} })
  }

  of(kioskId: string, isOnline: boolean): KioskHealth {
    const heard = this.#heard.get(kioskId)
    const newest = this.#facts.newest(kioskId)
    const wanted = Object.entries(this.#desired.versions(kioskId))
    const counts = this.#db
      .prepare<
        [{ kioskId: string }],
        { facts: number; deadLetters: number; newest: string | null }
      >(
        `SELECT count(*) AS facts, count(problem) AS deadLetters,
           (SELECT body FROM fact WHERE kiosk = @kioskId AND problem IS NULL
            ORDER BY id DESC LIMIT 1)
             AS newest
         FROM fact WHERE kiosk = @kioskId`,
      )
      .get({ kioskId })
    const newestText = counts?.newest ?? null
    return {
      kioskId,
      isOnline,
      heardAtMs: heard?.atMs ?? null,
      epoch: newest?.epoch ?? null,
      facts: counts?.facts ?? 0,
      newestFactAtMs: newestText === null ? null : (JSON.parse(newestText) as { t: number }).t,
      behind: wanted
        .filter(([stream, version]) => version > (heard?.have[stream] ?? 0))
        .map(([stream]) => stream),
      troubles: this.#troublesOf(kioskId),
      deadLetters: counts?.deadLetters ?? 0,
    }
  }

  upkeep(kioskId: string): Upkeep {
    return upkeepOf(this.#db, kioskId)
  }

  /** What began and has not ended, each with the place that it is about. */
  #troublesOf(kioskId: string): readonly string[] {
    const kinds = TROUBLES.flatMap(([, begin, end]) => [begin, end])
    const facts = this.#db
      .prepare<[string, string], { type: string; body: string }>(
        `SELECT type, body FROM fact
         WHERE kiosk = ? AND type IN (SELECT value FROM json_each(?)) ORDER BY id`,
      )
      .all(kioskId, JSON.stringify(kinds))
    const open = new Map<string, string>()
    for (const { type, body } of facts) {
      const about = aboutOf(body)
      for (const [word, begin, end] of TROUBLES) {
        if (type === begin) open.set(`${begin} ${about}`, about === '' ? word : `${word}: ${about}`)
        if (type === end) open.delete(`${begin} ${about}`)
      }
    }
    return [...open.values()]
  }

  /** The newest first. */
  alarms(): readonly Alarm[] {
    return this.#db
      .prepare<[string, number], { kioskId: string; seq: number; type: string; body: string }>(
        `SELECT kiosk AS kioskId, seq, type, body FROM fact
         WHERE type IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
      )
      .all(JSON.stringify(ALARMS), LIST_MAX)
      .map(({ kioskId, seq, type, body }) => ({
        kioskId,
        seq,
        kind: type.split('/')[0] ?? type,
        atWallMs: (JSON.parse(body) as { t: number }).t,
        about: aboutOf(body),
      }))
  }

  /** The newest first. */
  deadLetters(): readonly DeadLetter[] {
    return this.#db
      .prepare<[number], DeadLetter>(
        `SELECT kiosk AS kioskId, epoch, seq, problem FROM fact
         WHERE problem IS NOT NULL ORDER BY id DESC LIMIT ?`,
      )
      .all(LIST_MAX)
  }
}

/** Cause and place, as far as the fact names them. */
function aboutOf(body: string): string {
  const { data } = JSON.parse(body) as { data: Readonly<Record<string, unknown>> }
  const board = data['channel'] === undefined ? data['boardId'] : null
  return [data['cause'], data['parcelId'], data['lockerId'], board]
    .filter((word) => typeof word === 'string')
    .join(' ')
}
