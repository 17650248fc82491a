// FR-09: six answers to a wrong PIN, each of them helpful to its owner and none to a guesser. And
// the brake on guessing, which never locks anybody out.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDraft } from '../../../src/kiosk/draft.ts'
import { findPin } from '../../../src/kiosk/pins.ts'
import { createKiosk } from '../../../src/kiosk/state.ts'
import { Bench, wallOf } from '../../support/bench.ts'
import { statementsOf } from '../../support/statements.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const BUDGET = 30
/** One wrong entry comes back into the day's budget in this time. */
const REFUND_MS = DAY_MS / BUDGET

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S', 'S']))
  bench.prepare([
    { id: 'used', size: 'S', recipientId: 'r-used' },
    { id: 'expired', size: 'S', recipientId: 'r-expired' },
    { id: 'live', size: 'S', recipientId: 'r-live' },
    { id: 'later', size: 'S', recipientId: 'r-later' },
  ])
})

afterEach(() => bench.close())

/** One PIN that was used, one that has expired, one that lives. */
function leaveAll(): void {
  bench.leaveParcel('expired')
  bench.pass(8 * DAY_MS)
  bench.leaveParcel('used')
  bench.type('pin of used')
  bench.useDoor()
  bench.pass(2 * MINUTE_MS)
  bench.leaveParcel('live')
}

function burnBudget(): void {
  for (let k = 0; k < BUDGET; k += 1) {
    bench.type(`wrong ${k}`)
    bench.pass(31_000)
  }
}

describe('FR-09 the six answers', () => {
  test.each([
    ['not complete', 'pin of live', 7, 'pin-malformed', 'LK-PIN-03', 'welcome', 0],
    ['not known', 'nobody has it', 8, 'pin-refused', 'LK-PIN-01', 'welcome', 1],
    ['expired', 'pin of expired', 8, 'pin-expired', 'LK-PIN-04', 'welcome', 1],
    ['already used', 'pin of used', 8, 'pin-used', 'LK-PIN-05', 'pickup-used', 1],
  ] as const)('%s', (_, pin, digits, key, code, screen, failures) => {
    leaveAll()
    bench.type(pin, digits)
    expect(bench.view?.notice).toMatchObject({ key, code })
    expect(bench.screen.kind).toBe(screen)
    expect(bench.ledger.failures()).toBe(failures)
    expect(bench.ledger.budgetSpent()).toBe(failures)
  })

  test('too many entries: nothing is looked up, and nothing is counted', () => {
    leaveAll()
    for (let k = 0; k < 4; k += 1) bench.type('wrong')
    const reads = statementsOf(() => expect(bench.type('pin of live')).toBe('refused'))
    expect(bench.view?.notice).toMatchObject({ key: 'please-wait', code: 'LK-PIN-02' })
    expect(reads.filter((sql) => sql.includes('pins WHERE pin_index'))).toEqual([])
    expect(bench.ledger.failures()).toBe(4)
    bench.pass(2_000)
    bench.type('pin of live')
    expect(bench.screen.kind).toBe('pickup-opening')
  })

  test('cannot be checked now: no board answers, and a hit is not told from a miss', () => {
    leaveAll()
    bench.send({ kind: 'board-lost', boardId: 'a' })
    for (const pin of ['pin of live', 'pin of used', 'nobody has it']) {
      expect(bench.type(pin)).toBe('refused')
      expect(bench.view?.notice).toMatchObject({ key: 'pin-unchecked', code: 'LK-PIN-06' })
    }
    expect(bench.ledger.failures()).toBe(0)
  })

  test('none says whose parcel it was, or where it lies', () => {
    leaveAll()
    for (const pin of ['nobody has it', 'pin of expired', 'pin of used']) {
      bench.type(pin)
      const { params } = bench.view?.notice ?? { params: {} }
      expect(Object.keys(params)).toEqual(['failures'])
    }
  })
})

describe('FR-09 the same work', () => {
  test('three indexed reads find out what a PIN is, or a code, whatever it is', () => {
    leaveAll()
    bench.wantReturn({ id: 'return' })
    const { ledger, config } = bench
    const draft = openDraft({ state: createKiosk(config), now: bench.now(), ledger, config })
    const typed = ['pin of live', 'nobody has it', 'pin of expired', 'pin of used', 'pin of return']
    const kinds = typed.map((pin) => {
      const found: string[] = []
      const reads = statementsOf(() => found.push(findPin(draft, pin).kind))
      expect(reads).toHaveLength(3)
      expect(reads[0]).toContain('FROM pins WHERE pin_index = ?')
      expect(reads[1]).toContain('FROM parcels WHERE recipient_id = (SELECT ?)')
      expect(reads[2]).toContain('WHERE returns.id = ?')
      return found[0]
    })
    expect(kinds).toEqual(['hit', 'unknown', 'expired', 'used', 'return'])
  })

  test('each refusal runs the same statements from the typing to the commit', () => {
    leaveAll()
    // What the ledger remembers between two entries is the same for the second and all that follow.
    bench.type('nobody has it')
    bench.pass(DAY_MS / 2)
    const [miss, expired, used] = ['nobody has it', 'pin of expired', 'pin of used'].map((pin) => {
      const ran = statementsOf(() => bench.type(pin))
      bench.pass(DAY_MS / 2)
      return ran
    })
    expect(miss?.length).toBeGreaterThan(5)
    expect(expired).toEqual(miss)
    expect(used).toEqual(miss)
  })
})

describe('FR-09 the brake', () => {
  test('waits after the k-th wrong entry: 0, 0, 0, 2, 4, 8, 15, and 30 seconds for ever', () => {
    const waits = Array.from({ length: 11 }, () => {
      bench.type('wrong')
      const waitMs = 'waitMs' in bench.screen ? bench.screen.waitMs : -1
      bench.pass(waitMs)
      return waitMs / 1_000
    })
    expect(waits).toEqual([0, 0, 0, 2, 4, 8, 15, 30, 30, 30, 30])
  })

  test('a right PIN ends the wait of its owner, and leaves the budget as it is', () => {
    bench.leaveParcel('live')
    for (let k = 0; k < 3; k += 1) bench.type('wrong')
    bench.type('pin of live')
    expect(bench.ledger.failures()).toBe(0)
    expect(bench.ledger.budgetSpent()).toBe(3)
  })

  test('a spent budget asks for the second part, of right and wrong alike', () => {
    bench.leaveParcel('live')
    burnBudget()
    for (const pin of ['pin of live', 'wrong']) {
      bench.type(pin)
      expect(bench.screen).toMatchObject({ kind: 'reference', what: 'pin', digits: 4 })
      bench.type('a wrong reference')
      expect(bench.screen.kind).toBe('welcome')
      expect(bench.view?.notice?.key).toBe('pin-refused')
      bench.pass(31_000)
    }
    bench.type('pin of live')
    bench.type('reference of live')
    expect(bench.screen).toMatchObject({ kind: 'pickup-opening' })
    bench.useDoor()
    expect(bench.parcelState('live')).toBe('collected')
  })

  test('the second part belongs to its PIN, and is no PIN by itself', () => {
    bench.leaveParcel('live')
    bench.leaveParcel('later')
    burnBudget()
    bench.type('pin of live')
    bench.type('reference of later')
    expect(bench.view?.notice?.key).toBe('pin-refused')
    bench.pass(31_000)
    bench.type('pin of live')
    expect(bench.type('reference of live', 3)).toBe('refused')
    bench.press('back')
    expect(bench.screen.kind).toBe('welcome')
  })

  test('the budget comes back with uptime, entry by entry, and not with the wall clock', () => {
    bench.leaveParcel('live')
    burnBudget()
    bench.wallAheadMs = 3 * DAY_MS
    bench.type('pin of live')
    expect(bench.screen.kind).toBe('reference')
    bench.press('back')
    bench.pass(REFUND_MS)
    bench.type('pin of live')
    expect(bench.screen.kind).toBe('pickup-opening')
  })

  test('entries with both parts do not keep the budget spent', () => {
    burnBudget()
    for (let k = 0; k < 5; k += 1) {
      bench.type('wrong')
      bench.type('wrong')
      bench.pass(31_000)
    }
    expect(bench.ledger.budgetSpent()).toBe(BUDGET)
    bench.pass(REFUND_MS)
    expect(bench.ledger.budgetSpent()).toBeLessThan(BUDGET)
  })

  test('both counts outlast the plug', () => {
    burnBudget()
    bench.restart()
    expect(bench.screen).toMatchObject({ kind: 'welcome', waitMs: 30_000 })
    bench.pass(30_000)
    bench.type('wrong')
    expect(bench.screen.kind).toBe('reference')
  })

  test('ten wrong entries within an hour are an alarm, once an hour', () => {
    for (let k = 0; k < 9; k += 1) {
      bench.type('wrong')
      bench.pass(31_000)
    }
    expect(bench.facts()).not.toContain('guessing-suspected')
    for (let k = 0; k < 5; k += 1) {
      bench.type('wrong')
      bench.pass(31_000)
    }
    expect(bench.factsOf('guessing-suspected')).toEqual([{ failures: 10 }])
    bench.pass(2 * HOUR_MS)
    bench.type('wrong')
    expect(bench.factsOf('guessing-suspected')).toHaveLength(1)
  })
})
