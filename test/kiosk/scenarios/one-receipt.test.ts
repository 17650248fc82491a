// Several parcels behind one door, put in or taken out at once: one receipt, and the desk finds all
// of them by it. What is put in by an act of its own has a receipt of its own.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeExport } from '../../../src/store/export.ts'
import { openReading } from '../../../src/store/verify.ts'
import { Bench, wallOf } from '../../support/bench.ts'
import { latchkey } from '../../support/latchkey.ts'

const IDS = ['p-1', 'p-2', 'p-3']

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([...IDS.map((id) => ({ id, size: 'S' })), { id: 'q', size: 'S', recipientId: 'r' }])
})

afterEach(() => bench.close())

/** @returns the code on the screen, and for how many parcels it is */
function receipt(): { code: string; parcels: number } {
  const shown = bench.view?.receipt ?? null
  if (shown === null) throw new Error('the screen shows no receipt')
  return shown
}

/** The first is deposited; the others are scanned while its door stands open. */
function leaveAtOnce(ids: readonly string[]): void {
  const [first = '', ...others] = ids
  bench.signIn()
  bench.press('deposit', first)
  bench.obeyUnlock('acknowledged', 'springs-open')
  for (const id of others) {
    bench.scan(`T-${id}`)
    bench.press('together')
  }
  bench.pass(3_000)
  bench.moveDoor('1', 'closed')
}

async function desk(code: string, file = bench.ledgerPath) {
  const { exit, out, err } = await latchkey(['desk', 'receipt', code, '--in', file, '--json'], {})
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  return JSON.parse(out) as { type: string; parcelIds: string[]; data: { parcelId: string } }
}

test('three are taken out by one opening: one receipt, and the desk finds all three', async () => {
  leaveAtOnce(IDS)
  bench.press('sign-out')
  bench.type('pin of p-1')
  bench.useDoor()
  const { code, parcels } = receipt()
  expect(parcels).toBe(3)
  const found = await desk(code)
  expect(found).toMatchObject({ type: 'parcel-collected/1', parcelIds: IDS })
  expect(found.data.parcelId).toBe('p-3')
  const page = await latchkey(['desk', 'receipt', code, '--in', bench.ledgerPath], {})
  expect(page.out).toContain('parcels   p-1, p-2, p-3\n')
})

test('three are put in while the door stands open: one receipt for the courier', async () => {
  leaveAtOnce(IDS)
  const { code, parcels } = receipt()
  expect(parcels).toBe(3)
  expect(await desk(code)).toMatchObject({ type: 'parcel-deposited/1', parcelIds: IDS })
})

test('a later one into the same locker is an act of its own', async () => {
  leaveAtOnce(['p-1', 'p-2'])
  const first = receipt()
  bench.deposit('p-3', 'together')
  bench.useDoor()
  const second = receipt()
  expect([first.parcels, second.parcels]).toEqual([2, 1])
  expect((await desk(first.code)).parcelIds).toEqual(['p-1', 'p-2'])
  expect((await desk(second.code)).parcelIds).toEqual(['p-3'])
})

test('a parcel behind another door is not in it, though the same PIN opened both', async () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.useDoor()
  const { code, parcels } = receipt()
  expect(parcels).toBe(1)
  expect((await desk(code)).parcelIds).toEqual(['p-2'])
})

test('the desk says the same from an export, made while the kiosk was at work', async () => {
  leaveAtOnce(IDS)
  bench.press('sign-out')
  bench.type('pin of p-1')
  bench.useDoor()
  const { code } = receipt()
  const file = join(bench.folder, 'chain.jsonl')
  const db = openReading(bench.ledgerPath)
  writeExport(db, file)
  db.close()
  bench.leaveParcel('q')
  expect((await desk(code, file)).parcelIds).toEqual(IDS)
})
