// An export of the chain for whoever is to check it elsewhere: lines of JSON. The first names the
// ledger, then every fact's exact text follows, and the last one says where the chain ended.
import { closeSync, createReadStream, fsyncSync, openSync, writeSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import type { ChainHead } from './chain-walk.ts'
import { StoreError } from './database.ts'
import { readCut, type StoredCut } from './history.ts'

const FORMAT = 'latchkey-ledger-export'
const VERSION = 1
const FILE_MODE = 0o600
/** No fact is near this; anything longer is no export. */
const LINE_CHARACTERS_MAX = 1_048_576
/** Written at once; so much of an export is in memory at any time. */
const CHUNK_BYTES = 262_144
const PROGRESS_EVERY = 50_000

interface ExportHeader {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  /** Names the database. */
  readonly epoch: string
  readonly lockerIds: readonly string[]
  /** What stands for the facts that were cut off before the first one. */
  readonly cut: StoredCut | null
}

interface ExportEnd {
  readonly end: ChainHead
}

/**
 * Writes a new file; none is written over.
 *
 * @returns the number of facts in it
 */
export function writeExport(
  db: Sqlite.Database,
  path: string,
  progress: (count: number) => void = () => {},
): number {
  const file = openSync(path, 'wx', FILE_MODE)
  try {
    const header: ExportHeader = {
      format: FORMAT,
      version: VERSION,
      epoch:
        db
          .prepare<[], string>('SELECT epoch FROM epochs ORDER BY first_seq DESC LIMIT 1')
          .pluck()
          .get() ?? '',
      lockerIds: db.prepare<[], string>('SELECT id FROM lockers ORDER BY id').pluck().all(),
      cut: readCut(db),
    }
    let chunk = `${JSON.stringify(header)}\n`
    let count = 0
    let last: { seq: number; body: string; hash: string } | null = null
    const rows = db.prepare<[], { seq: number; body: string; hash: string }>(
      'SELECT seq, body, hash FROM facts ORDER BY seq',
    )
    for (const row of rows.iterate()) {
      chunk += `${row.body}\n`
      last = row
      count += 1
      if (count % PROGRESS_EVERY === 0) progress(count)
      if (chunk.length < CHUNK_BYTES) continue
      writeSync(file, chunk)
      chunk = ''
    }
    const end: ExportEnd = { end: endOf(last) }
    writeSync(file, `${chunk}${JSON.stringify(end)}\n`)
    fsyncSync(file)
    return count
  } finally {
    closeSync(file)
  }
}

function endOf(last: { seq: number; body: string; hash: string } | null): ChainHead {
  if (last === null) return { seq: 0, hash: '0'.repeat(64), boot: 0 }
  const { boot } = JSON.parse(last.body) as { boot: number }
  return { seq: last.seq, hash: last.hash, boot }
}

type ExportLine =
  | { readonly kind: 'fact'; readonly body: string }
  | { readonly kind: 'end'; readonly head: ChainHead }

export interface ExportReading {
  readonly header: ExportHeader
  /** To be read once, to its end. */
  readonly facts: AsyncIterable<ExportLine>
}

/** @throws StoreError `LK-STORE-01` when the file is no export */
export async function readExport(path: string): Promise<ExportReading> {
  const lines = splitLines(createReadStream(path, 'utf8'))
  let header: ExportHeader | null = null
  try {
    header = headerOf((await lines.next()).value)
  } catch (error) {
    throw new StoreError('LK-STORE-01', `${path} cannot be read: ${String(error)}`, error)
  }
  if (header === null) {
    await lines.return(undefined)
    throw new StoreError('LK-STORE-01', `${path} is neither a ledger nor an export of one`)
  }
  return { header, facts: linesOf(lines) }
}

/** By line feeds alone: a technician's words may hold any other sign that ends a line somewhere. */
async function* splitLines(input: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of input) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_CHARACTERS_MAX) throw new Error('a line is too long')
    yield* lines
  }
  if (rest !== '') yield rest
}

async function* linesOf(lines: AsyncIterator<string>): AsyncGenerator<ExportLine> {
  for (;;) {
    const { done, value } = await lines.next()
    if (done === true) return
    yield endIn(value) ?? { kind: 'fact', body: value }
  }
}

function headerOf(line: string | undefined): ExportHeader | null {
  const header = parsed<ExportHeader>(line ?? '')
  const isOurs = header?.format === FORMAT && header.version === VERSION
  return isOurs && Array.isArray(header.lockerIds) ? header : null
}

function endIn(line: string): ExportLine | null {
  if (!line.startsWith('{"end"')) return null
  const head = parsed<ExportEnd>(line)?.end
  return head === undefined ? null : { kind: 'end', head }
}

function parsed<T>(line: string): T | null {
  try {
    return JSON.parse(line) as T
  } catch {
    return null
  }
}
