// The hash of a stream: what it is made of, that it follows every change, and what it costs.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowText } from '../../src/kiosk/desired.ts'
import { digestOfRow, hashOfStream } from '../../src/store/desired-rows.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const NOW = { monoMs: 1, wallMs: 1_800_000_000_000, isWallBelieved: true }

let folder: string
let ledger: Ledger

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-rows-'))
  ledger = openLedger({ path: join(folder, 'ledger.db'), lockerIds: ['1'], newEpoch: 'e1' })
})

afterAll(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

interface Row {
  readonly id: string
  readonly label: string
}

interface Change {
  readonly puts: readonly Row[]
  readonly deletes: readonly string[]
  readonly isSnapshot: boolean
}

function apply(change: Change): void {
  const version = ledger.streamVersions().directory + 1
  ledger.begin()
  const data = { stream: 'directory', version, ...change } as const
  ledger.apply([{ kind: 'stream-applied', data }], NOW)
  ledger.commit()
}

describe('a row’s text', () => {
  test('has its names in order, and nothing that is null', () => {
    const row = { tracking: null, size: 'M', id: 'p1', recipientId: 'r"é', needsReach: false }
    expect(rowText(row)).toBe('{"id":"p1","needsReach":false,"recipientId":"r\\"é","size":"M"}')
  })

  test('is the same in whatever order a central has written it', () => {
    expect(rowText({ b: [1, { d: 2, c: null }], a: 'x' })).toBe(
      rowText({ a: 'x', c: null, b: [1, { d: 2 }] }),
    )
  })
})

test('the hash is made as the contract says', () => {
  const digests = [sha256('{"id":"a","label":"A"}'), sha256('{"id":"b","label":"B"}')].toSorted()
  apply({
    puts: [
      { label: 'B', id: 'b' },
      { id: 'a', label: 'A' },
    ],
    deletes: [],
    isSnapshot: true,
  })
  expect(ledger.streamHash('directory')).toBe(sha256(`${digests[0]}\n${digests[1]}\n`))
  expect(ledger.streamHash('return')).toBe(sha256(''))
})

test('it is that of the rows that are wanted, whatever changes in whatever order', () => {
  const row = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), label: fc.string() })
  const change = fc.record({
    puts: fc.uniqueArray(row, { selector: ({ id }) => id }),
    deletes: fc.subarray(['a', 'b', 'c', 'd']),
    isSnapshot: fc.boolean(),
  })
  const wanted = new Map<string, Row>()
  apply({ puts: [], deletes: [], isSnapshot: true })
  fc.assert(
    fc.property(change, (each) => {
      // As the uplink's machine folds them: nothing is put and deleted at once.
      const puts = each.puts.filter(({ id }) => !each.deletes.includes(id))
      apply({ ...each, puts })
      if (each.isSnapshot) wanted.clear()
      for (const id of each.deletes) wanted.delete(id)
      for (const put of puts) wanted.set(put.id, put)
      const own = hashOfStream([...wanted.values()].map(digestOfRow).toSorted())
      expect(ledger.streamHash('directory')).toBe(own)
    }),
    { numRuns: 60 },
  )
})

test('ten thousand rows cost milliseconds', () => {
  const puts = Array.from({ length: 10_000 }, (_, n) => ({ id: `r${n}`, label: `Flat ${n}` }))
  apply({ puts, deletes: [], isSnapshot: true })
  const startMs = performance.now()
  ledger.streamHash('directory')
  // 8 ms on an idle core; other tests run beside this one.
  expect(performance.now() - startMs).toBeLessThan(250)
})
