// The hash of a stream's rows: the same however they came, and another as soon as one differs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamChange } from '../../src/kiosk/desired.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { hashRow, mixHashes, NO_ROWS } from '../../src/store/stream-hash.ts'

const NOW = { monoMs: 1, wallMs: 1_790_000_000_000, isWallBelieved: true }

let folder: string
let ledger: Ledger
let version = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-hash-'))
  ledger = openLedger({ path: join(folder, 'ledger.db'), lockerIds: [], newEpoch: 'e1' })
  version = 0
})

afterEach(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

interface Row {
  readonly id: string
  readonly label: string
}

function apply(change: { puts?: readonly Row[]; deletes?: readonly string[]; isSnapshot?: true }) {
  version += 1
  const { puts = [], deletes = [], isSnapshot = false } = change
  const data: StreamChange = { stream: 'directory', version, isSnapshot, puts, deletes }
  ledger.begin()
  ledger.apply([{ kind: 'stream-applied', data }], NOW)
  ledger.commit()
}

const told = (): string => ledger.streamHashes().directory
const sumOf = (all: readonly object[]): string => all.map(hashRow).reduce(mixHashes, NO_ROWS)

test('a row counts as canonical JSON: names in order, no spaces, as RFC 8785 has it', () => {
  // printf %s '{"id":"r5","label":"Zoë \"Z\"","needsReach":null}' | sha256sum
  const row = { needsReach: null, label: 'Zoë "Z"', id: 'r5', absent: undefined }
  expect(hashRow(row)).toBe('ed8e0189208c468320768c8698d7b83e7a2413158f522bacba2139270be6af4c')
})

test('a stream without rows has zeros', () => {
  expect(told()).toBe(NO_ROWS)
  apply({ puts: [{ id: 'a', label: 'A' }] })
  expect(told()).not.toBe(NO_ROWS)
  apply({ deletes: ['a', 'never there'] })
  expect(told()).toBe(NO_ROWS)
})

test('the sum follows every change, and is that of the rows that are left', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd')
  const put = fc.record({ id: ids, label: fc.string({ maxLength: 3 }) })
  const change = fc.record({
    puts: fc.array(put, { maxLength: 3 }),
    deletes: fc.array(ids, { maxLength: 2 }),
  })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      apply({ isSnapshot: true })
      const left = new Map<string, Row>()
      for (const { puts, deletes } of changes) {
        const folded = new Map(puts.map((row) => [row.id, row]))
        apply({ puts: [...folded.values()], deletes: deletes.filter((id) => !folded.has(id)) })
        for (const id of deletes) left.delete(id)
        for (const row of folded.values()) left.set(row.id, row)
      }
      expect(told()).toBe(sumOf([...left.values()].reverse()))
    }),
    { numRuns: 60 },
  )
})

test('a snapshot leaves nothing of what was before', () => {
  apply({ puts: [{ id: 'a', label: 'A' }] })
  const rows = [
    { id: 'b', label: 'B' },
    { id: 'c', label: 'C' },
  ]
  apply({ puts: rows, isSnapshot: true })
  expect(told()).toBe(sumOf(rows))
})
