// A snapshot that is too large for one message: all of it, or nothing.
import { describe, expect, test } from 'vitest'
import { SNAPSHOT_ROWS_MAX } from '../../../src/sync/machine/desired-inbox.ts'
import { published, UplinkBench } from '../../support/uplink-bench.ts'

describe('a snapshot in parts', () => {
  const rowsOf = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      id: `r${from + n}`,
      label: `Recipient ${from + n}`,
    }))

  function asked(): { readonly bench: UplinkBench; readonly re: string } {
    const bench = new UplinkBench()
    bench.up()
    const re = String(published(bench.actions, 'sync').at(-1)?.body['id'])
    return { bench, re }
  }

  const send = (
    bench: UplinkBench,
    snap: { re: string; i: number; n: number; ver?: number; rows?: readonly object[] },
  ) => {
    const { re, i, n, ver = 7, rows = rowsOf(i * 10, 2) } = snap
    const header = { v: 1, k: 'k1', t: 1, stream: 'directory' } as const
    const body = { ...header, ver, re, part: { i, n }, rows } as never
    return published(bench.receive({ leaf: 'snap', body }), 'rej')[0]?.body['code']
  }

  const held = ({ ledger }: UplinkBench) => [...ledger.rows.directory.keys()]

  test('is applied when the last part is there, in whatever order they come', () => {
    const { bench, re } = asked()
    for (const i of [3, 1, 1]) expect(send(bench, { re, i, n: 3 })).toBeUndefined()
    expect(held(bench)).toEqual([])
    expect(bench.ledger.versions.directory).toBe(0)
    send(bench, { re, i: 2, n: 3 })
    expect(held(bench)).toEqual(['r10', 'r11', 'r20', 'r21', 'r30', 'r31'])
    expect(bench.ledger.versions.directory).toBe(7)
    expect(bench.state.sync.partial).toBeNull()
  })

  test('of two versions is never put together: the later one begins anew', () => {
    const { bench, re } = asked()
    send(bench, { re, i: 1, n: 2 })
    send(bench, { re, i: 2, n: 2, ver: 8 })
    expect(held(bench)).toEqual([])
    send(bench, { re, i: 1, n: 2, ver: 8 })
    expect(held(bench)).toEqual(['r10', 'r11', 'r20', 'r21'])
    expect(bench.ledger.versions.directory).toBe(8)
  })

  test('that a cut interrupts begins anew, in answer to a new request', () => {
    const { bench, re } = asked()
    send(bench, { re, i: 1, n: 2 })
    bench.down('closed')
    expect(bench.state.sync.partial).toBeNull()
    bench.up()
    expect(send(bench, { re, i: 2, n: 2 })).toBe('LK-SYNC-07')
    expect(held(bench)).toEqual([])
  })

  test('is waited for as long as parts of it come', () => {
    const { bench, re } = asked()
    for (let i = 1; i <= 5; i += 1) {
      bench.pass(bench.config.ackTimeoutMs - 1)
      send(bench, { re, i, n: 6 })
    }
    expect(published(bench.actions, 'sync')).toHaveLength(1)
    bench.pass(bench.config.ackTimeoutMs)
    expect(published(bench.actions, 'sync')).toHaveLength(2)
  })

  test('has a limit, however many parts it has', () => {
    const { bench, re } = asked()
    const parts = Math.ceil((SNAPSHOT_ROWS_MAX + 1) / 2_000)
    const codes = Array.from({ length: parts }, (_, n) =>
      send(bench, { re, i: n + 1, n: parts, rows: rowsOf(n * 2_000, 2_000) }),
    )
    expect(codes.filter((code) => code !== undefined)).toEqual(['LK-SYNC-01'])
    expect(bench.state.sync.partial).toBeNull()
    expect(held(bench)).toEqual([])
  })

  test('with a part beyond the last is refused', () => {
    const { bench, re } = asked()
    expect(send(bench, { re, i: 3, n: 2 })).toBe('LK-SYNC-07')
  })
})
