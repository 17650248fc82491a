// FR-02: a PIN for every deposit. Random digits, kept as a keyed digest alone, one living PIN for a
// recipient, and a new one that kills the old one.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { stepKiosk } from '../../../src/kiosk/kiosk.ts'
import { createKiosk } from '../../../src/kiosk/state.ts'
import { createIndexer, drawPin } from '../../../src/runtime/secrets.ts'
import { openLedger } from '../../../src/store/ledger.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const NOW = { monoMs: 5_000, wallMs: 1_800_000_000_000, isWallBelieved: true }
const PINS = 10_000
const DIGITS = 6
/** Chi-square with 9 degrees of freedom is above this once in fifty million. */
const CHI_SQUARE_MAX = 55
const hashDigits = createIndexer({
  kioskId: 'k1',
  pepper: randomBytes(32),
  staffKey: randomBytes(32),
})

let folder: string | null = null
let bench: Bench | null = null

function start(parcels: Parameters<Bench['prepare']>[0]): Bench {
  bench = new Bench(wallOf(['S', 'S', 'S', 'S']))
  bench.prepare(parcels)
  return bench
}

afterEach(() => {
  bench?.close()
  bench = null
  if (folder !== null) rmSync(folder, { recursive: true })
  folder = null
})

function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length
  return counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0)
}

/** Deposits that wait for nothing but their PINs, each for a recipient of its own. */
function depositsOf(count: number) {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-pins-'))
  const lockerIds = Array.from({ length: count }, (_, index) => String(index + 1))
  const ledger = openLedger({ path: join(folder, 'ledger.db'), lockerIds, newEpoch: 'e' })
  ledger.begin()
  for (const lockerId of lockerIds) {
    const place = {
      parcelId: `p-${lockerId}`,
      lockerId,
      courierId: 'c',
      isAnnounced: false,
      isTogether: false,
    }
    const why = { needs: [], reasons: ['fits'], passed: [] } as const
    const data = { ...place, recipientId: `r-${lockerId}`, size: 'S', why }
    ledger.apply([{ kind: 'deposit-started', data }], NOW)
  }
  return { ledger, lockerIds }
}

test('FR-02 10,000 PINs are drawn uniformly, and no two living ones are alike', () => {
  const { ledger, lockerIds } = depositsOf(PINS)
  const config = wallOf(['S'], { pinDigits: DIGITS })
  const places = Array.from({ length: DIGITS }, () => Array.from({ length: 10 }, () => 0))
  let drawnAgain = 0
  for (const lockerId of lockerIds) {
    const parcelId = `p-${lockerId}`
    for (let isTaken = true; isTaken; ) {
      const pin = drawPin(DIGITS)
      const index = hashDigits(pin).pinIndex
      const made = { parcelId, index, referenceIndex: '', sealedPin: '' }
      const state = { ...createKiosk(config), awaitingPin: [parcelId] }
      const step = stepKiosk({
        state,
        event: { kind: 'pin-prepared', ...made },
        now: NOW,
        ledger,
        config,
      })
      ledger.apply(step.records, NOW)
      isTaken = step.actions.some(({ kind }) => kind === 'prepare-pin')
      if (isTaken) drawnAgain += 1
      else for (const [place, digit] of [...pin].entries()) count(places, place, Number(digit))
    }
  }
  expect(ledger.parcelsIn('deposited')).toHaveLength(PINS)
  expect(ledger.pinsByExpiry(2 * PINS)).toHaveLength(PINS)
  // About fifty of ten thousand meet one that lives: the rule has been at work.
  expect(drawnAgain).toBeGreaterThan(0)
  expect(places).toHaveLength(DIGITS)
  for (const counts of places) expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_MAX)
  ledger.commit()
  ledger.close()
})

function count(places: number[][], place: number, digit: number): void {
  const counts = places[place]
  if (counts !== undefined) counts[digit] = (counts[digit] ?? 0) + 1
}

test('FR-02 on disk is a keyed digest, and nothing that the digits alone would give', () => {
  const { ledger } = depositsOf(1)
  const pin = drawPin(8)
  const { pinIndex: index } = hashDigits(pin)
  const undated = { expiresAtWallMs: null, atWallMs: null }
  const data = { recipientId: 'r-1', index, referenceIndex: 'x', sealedPin: '', ...undated }
  ledger.apply([{ kind: 'pin-issued', data }], NOW)
  ledger.commit()
  ledger.close()
  const files = readdirSync(folder ?? '').map((name) => readFileSync(join(folder ?? '', name)))
  const bytes = Buffer.concat(files)
  expect(bytes.includes(index)).toBe(true)
  expect(bytes.includes(pin)).toBe(false)
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    const plain = createHash('sha256').update(pin).digest(encoding)
    expect(bytes.includes(plain)).toBe(false)
  }
})

test('FR-02 a new PIN kills the old one at once, without a network', () => {
  const kiosk = start([{ id: 'p-1', size: 'S' }])
  kiosk.leaveParcel('p-1')
  kiosk.command({ kind: 'reissue-pin', lockerId: '1', reason: 'letter was stolen' })
  expect(kiosk.answers).toContainEqual({ kind: 'reissued' })
  kiosk.type('pin of p-1')
  expect(kiosk.view?.notice).toMatchObject({ key: 'pin-used', code: 'LK-PIN-05' })
  kiosk.type('pin 2 of p-1')
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  expect(kiosk.facts()).toEqual(expect.arrayContaining(['pin-revoked', 'pin-reissued']))
})

test('FR-02 the old PIN stays dead when the plug is pulled before the new one is made', () => {
  const kiosk = start([{ id: 'p-1', size: 'S' }])
  kiosk.leaveParcel('p-1')
  kiosk.preparesPins = false
  kiosk.command({ kind: 'reissue-pin', lockerId: '1', reason: 'letter was stolen' })
  expect(kiosk.facts()).not.toContain('pin-reissued')
  kiosk.preparesPins = true
  kiosk.restart()
  expect(kiosk.facts().filter((kind) => kind === 'pin-reissued')).toHaveLength(1)
  kiosk.type('pin of p-1')
  expect(kiosk.view?.notice?.key).toBe('pin-used')
  kiosk.type('pin 2 of p-1')
  expect(kiosk.screen.kind).toBe('pickup-opening')
})

test('FR-02 one PIN opens all parcels of one recipient, one after another', () => {
  const own = { size: 'S', recipientId: 'r-1' }
  const kiosk = start([
    { id: 'p-1', ...own },
    { id: 'p-2', ...own },
    { id: 'p-3', ...own },
    { id: 'p-4', size: 'S', recipientId: 'r-2' },
  ])
  for (const id of ['p-1', 'p-2', 'p-3', 'p-4']) kiosk.leaveParcel(id)
  const sealed = kiosk.factsOf('parcel-deposited').map(({ sealedPin }) => sealedPin)
  // The recipient has one already: central is told so, and gets no other.
  expect(sealed).toEqual(['sealed pin of p-1', null, null, 'sealed pin of p-4'])
  kiosk.type('pin of p-1')
  for (const [lockerId, left] of [
    ['1', 2],
    ['2', 1],
    ['3', 0],
  ] as const) {
    expect(kiosk.screen).toMatchObject({ kind: 'pickup-opening', lockerId })
    kiosk.obeyUnlock('acknowledged', 'springs-open')
    expect(kiosk.screen).toMatchObject({ kind: 'pickup-open', lockerId, left })
    kiosk.pass(3_000)
    kiosk.moveDoor(lockerId, 'closed')
  }
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-done', lockerId: '3', left: 0 })
  expect(kiosk.parcelState('p-4')).toBe('deposited')
  kiosk.press('back')
  kiosk.type('pin of p-1')
  expect(kiosk.view?.notice?.key).toBe('pin-used')
})

test('FR-02 who leaves in between keeps the PIN for the parcels that are left', () => {
  const kiosk = start([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
  for (const id of ['p-1', 'p-2']) kiosk.leaveParcel(id)
  kiosk.type('pin of p-1')
  kiosk.useDoor()
  // The next door opens by itself, and stays shut: nobody is there to press on it.
  kiosk.pass(60_000)
  expect(kiosk.screen.kind).toBe('welcome')
  expect([kiosk.parcelState('p-1'), kiosk.parcelState('p-2')]).toEqual(['collected', 'deposited'])
  kiosk.type('pin of p-1')
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '2' })
  kiosk.useDoor()
  expect(kiosk.parcelState('p-2')).toBe('collected')
})

test('FR-02 a door that is stuck keeps nobody from the next parcel', () => {
  const kiosk = start([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
  for (const id of ['p-1', 'p-2']) kiosk.leaveParcel(id)
  kiosk.type('pin of p-1')
  for (let pulse = 0; pulse < 2; pulse += 1) {
    kiosk.obeyUnlock('acknowledged', 'stays-closed')
    kiosk.pass(2_000)
  }
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-stuck', lockerId: '1', left: 1 })
  kiosk.press('skip')
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '2' })
  kiosk.useDoor()
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-done', left: 0 })
  kiosk.press('back')
  kiosk.type('pin of p-1')
  expect(kiosk.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
})
