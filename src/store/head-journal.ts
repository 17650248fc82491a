// The newest link of the chain, kept outside the database: a ledger that does not hold it was put
// back from an older copy. Written after each commit that stored facts, into the two halves of a
// tiny file in turn, so that a torn write leaves the other half; synced now and then, off the path
// of whoever waits. It may lag behind the ledger and is never ahead of it.
import { closeSync, fdatasyncSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RestoreCause } from '../kiosk/restore-facts.ts'
import { hashText } from './chain.ts'
import { StoreError } from './database.ts'

const HALF_BYTES = 512
const HALVES = 2

/** What the file says. */
export interface Head {
  readonly epoch: string
  readonly seq: number
  readonly hash: string
  /** A restore was noticed that is to be told as the beginning of this epoch. */
  readonly pending: { readonly epoch: string; readonly cause: RestoreCause } | null
}

export class HeadJournal {
  readonly #file: number
  #count = 0
  #isDirty = false
  #isClosed = false
  /** As it was found; null when there was none, or none that can be read. */
  readonly found: Head | null

  /** @throws StoreError when it can be neither opened nor made */
  constructor(path: string) {
    try {
      this.#file = openOrMake(path)
    } catch (error) {
      throw new StoreError('LK-STORE-03', `${path} cannot be opened: ${String(error)}`, error)
    }
    const halves = [0, 1].flatMap((half) => readHalf(this.#file, half) ?? [])
    const newest = halves.toSorted((one, other) => other.count - one.count)[0]
    this.#count = newest?.count ?? 0
    this.found = newest?.head ?? null
  }

  /** @throws when the disk fails: like a failed commit, this ends the process */
  write(head: Head): void {
    this.#count += 1
    const text = JSON.stringify({ count: this.#count, head })
    const bytes = Buffer.alloc(HALF_BYTES, ' ')
    bytes.write(`${hashText(text)} ${text}\n`)
    writeSync(this.#file, bytes, 0, HALF_BYTES, (this.#count % HALVES) * HALF_BYTES)
    this.#isDirty = true
  }

  sync(): void {
    if (!this.#isDirty) return
    fdatasyncSync(this.#file)
    this.#isDirty = false
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.sync()
    closeSync(this.#file)
  }
}

function openOrMake(path: string): number {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const made = openSync(path, 'wx+', 0o600)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
  return made
}

interface Half {
  readonly count: number
  readonly head: Head
}

function readHalf(file: number, half: number): Half | null {
  const bytes = Buffer.alloc(HALF_BYTES)
  readSync(file, bytes, 0, HALF_BYTES, half * HALF_BYTES)
  const line = bytes.toString('utf8').split('\n')[0] ?? ''
  const at = line.indexOf(' ')
  const text = line.slice(at + 1)
  if (at < 0 || hashText(text) !== line.slice(0, at)) return null
  return JSON.parse(text) as Half
}
