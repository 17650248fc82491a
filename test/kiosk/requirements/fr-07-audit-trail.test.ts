// FR-07: the audit trail. Every kind of fact has a category and a severity, and what people and
// machines did stands in the chain, in order, without a gap and without a secret.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { FACTS_PAGE, factsPage } from '../../../.tools/facts.ts'
import { AUDIT } from '../../../src/kiosk/audit.ts'
import { CHAIN_START, hashText } from '../../../src/store/chain.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench | undefined

afterEach(() => {
  bench?.close()
  bench = undefined
})

interface Entry {
  readonly kind: keyof typeof AUDIT
  readonly ph: string
  readonly body: string
}

function trail(of: Bench): readonly Entry[] {
  return of.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 }).map(({ body }) => {
    const { type, ph } = JSON.parse(body) as { type: string; ph: string }
    return { kind: type.replace(/\/\d+$/, '') as Entry['kind'], ph, body }
  })
}

describe('FR-07 audit trail', () => {
  test('FR-07: the page of facts is up to date (npm run docs:facts)', () => {
    expect(readFileSync(FACTS_PAGE, 'utf8')).toBe(factsPage())
  })

  test('FR-07: each kind has a category, a severity and a sentence of its own', () => {
    const classes = Object.values(AUDIT)
    expect(classes.length).toBeGreaterThan(25)
    expect(new Set(classes.map(({ category }) => category)).size).toBe(5)
    expect(new Set(classes.map(({ severity }) => severity)).size).toBe(4)
    expect(new Set(classes.map(({ meaning }) => meaning)).size).toBe(classes.length)
  })

  test('FR-07: deposits, pickups, refusals, admin acts and alarms all stand in one chain', () => {
    bench = new Bench(wallOf(['S', 'S']))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.leaveParcel('p-1')
    bench.type('a wrong one')
    bench.type('pin of p-1')
    bench.useDoor()
    bench.command({ kind: 'disable', lockerId: '2', reason: 'the hinge' })
    bench.moveDoor('2', 'open')
    const entries = trail(bench)
    const filed = entries.map(({ kind }) => AUDIT[kind].category)
    for (const category of ['user', 'admin', 'security', 'system'] as const) {
      expect(filed).toContain(category)
    }
    expect(entries.at(-1)).toMatchObject({ kind: 'door-forced' })
    expect(AUDIT['door-forced']).toMatchObject({ category: 'security', severity: 'critical' })
    let before = CHAIN_START
    for (const { ph, body } of entries) {
      expect(ph).toBe(before)
      before = hashText(body)
    }
  })

  test('FR-07: nothing of what was typed stands in it, not even a part', () => {
    bench = new Bench(wallOf(['S']))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.type('73915026')
    const text = trail(bench)
      .map(({ body }) => body)
      .join('\n')
    expect(text).toContain('entry-refused')
    expect(text).not.toContain('739')
  })
})
