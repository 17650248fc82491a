// Recovery matrix: “No network”. Nothing is said where the kiosk knows all it needs.
import { afterEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

test('a whole day without a network: deposit, pickup, and every fact waits for central', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  expect(bench.view?.isOnline).toBe(false)
  bench.leaveParcel('p-1')
  expect(bench.view?.notice).toBeNull()
  bench.pass(86_400_000)
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
  expect(bench.ledger.outboxCount()).toBe(bench.ledger.headSeq())
})

test('no board answers: the PIN is not even looked up, and stays valid', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-unchecked', code: 'LK-PIN-06' })
  bench.readBoard()
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})
