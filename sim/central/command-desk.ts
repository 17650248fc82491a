// Central's orders for now: asks a kiosk for a nonce, signs the order for it alone, and repeats it
// until it is answered or too late. What was signed is on disk before it is sent, so that a counter
// is never used for two orders.
import { randomUUID } from 'node:crypto'
import type Database from 'better-sqlite3'

export const COMMAND_SCHEMA = `
  CREATE TABLE IF NOT EXISTS command (
    cid TEXT PRIMARY KEY, kiosk TEXT NOT NULL, counter INTEGER NOT NULL, body TEXT NOT NULL,
    answer TEXT
  ) STRICT;
`

/** Answers of kiosks are not signed: no forged one may use up all counters at once. */
const COUNTER_LEAP_MAX = 1_000_000
/** How long a caller waits, and how long the order is good for. */
const WAIT_MS = 30_000
const REPEAT_MS = 2_000

export interface CommandOrder {
  readonly kioskId: string
  readonly type: 'status' | 'open' | 'reissue'
  readonly args: object
}

export interface CommandAnswer {
  readonly cid: string
  readonly type: string
  /** `silent`: no answer in time; an order that was not taken by then never will be. */
  readonly status: 'accepted' | 'done' | 'refused' | 'expired' | 'failed' | 'silent'
  readonly code?: string
  readonly nonce?: string
  readonly counter?: number
  readonly result?: object
  readonly left?: object
}

interface Waiting {
  readonly kioskId: string
  readonly cid: string
  readonly settle: (answer: CommandAnswer) => void
}

type Send = (kioskId: string, fields: object) => void

export class CommandDesk {
  readonly #db: Database.Database
  readonly #send: Send
  readonly #waitMs: number
  readonly #waiting = new Set<Waiting>()

  constructor(db: Database.Database, options: { readonly send: Send; readonly waitMs?: number }) {
    this.#db = db
    this.#send = options.send
    this.#waitMs = options.waitMs ?? WAIT_MS
  }

  async order({ kioskId, type, args }: CommandOrder): Promise<CommandAnswer> {
    const asked = await this.#ask(kioskId, this.#body({ type: 'status', args: {} }))
    const { nonce, counter: told = 0 } = asked
    if (type === 'status' || nonce === undefined) return asked
    const body = this.#body({ type, args, nonce, counter: this.#nextCounter(kioskId, told) })
    this.#db
      .prepare('INSERT INTO command (cid, kiosk, counter, body) VALUES (?, ?, ?, ?)')
      .run(body.cid, kioskId, body.counter ?? 0, JSON.stringify(body))
    const answer = await this.#ask(kioskId, body)
    this.#db
      .prepare('UPDATE command SET answer = ? WHERE cid = ?')
      .run(JSON.stringify(answer), body.cid)
    return answer
  }

  /** From `up/res`, whoever sent it: what it says is a hint, and what happened comes as a fact. */
  hear(kioskId: string, answer: CommandAnswer): void {
    if (answer.status === 'accepted') return
    for (const waiting of this.#waiting) {
      if (waiting.cid === answer.cid && waiting.kioskId === kioskId) waiting.settle(answer)
    }
  }

  /** Whoever waits gets no answer any more. */
  close(): void {
    for (const { cid, settle } of this.#waiting) settle({ cid, type: 'order', status: 'silent' })
  }

  #body(fields: { type: string; args: object; nonce?: string; counter?: number }) {
    const iat = Date.now()
    return { cid: randomUUID(), iat, exp: iat + this.#waitMs, ...fields }
  }

  #nextCounter(kioskId: string, told: number): number {
    const used =
      this.#db
        .prepare<[string], number | null>('SELECT max(counter) FROM command WHERE kiosk = ?')
        .pluck()
        .get(kioskId) ?? 0
    return Math.max(used, Math.min(told, used + COUNTER_LEAP_MAX)) + 1
  }

  /** Sends it again until it is answered: a kiosk does it once, however often it comes. */
  #ask(kioskId: string, body: { cid: string; type: string }): Promise<CommandAnswer> {
    const { cid, type } = body
    return new Promise((resolve) => {
      const again = setInterval(() => this.#send(kioskId, body), REPEAT_MS)
      const late = setTimeout(() => settle({ cid, type, status: 'silent' }), this.#waitMs)
      const waiting: Waiting = { kioskId, cid, settle: (answer) => settle(answer) }
      const settle = (answer: CommandAnswer): void => {
        clearInterval(again)
        clearTimeout(late)
        this.#waiting.delete(waiting)
        resolve(answer)
      }
      this.#waiting.add(waiting)
      this.#send(kioskId, body)
    })
  }
}
