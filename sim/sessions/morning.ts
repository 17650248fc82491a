// What an operator has prepared: a wall of 40 lockers that somebody has looked into, two carriers
// with their couriers, the parcels on their carts, and people who send something back.
import { DEFAULT_POLICY, type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { DesiredParcel, DesiredReturn } from '../../src/kiosk/desired.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import type { Random } from '../world/random.ts'

const LOCKERS = 40
const BOARDS = 4
const PARCELS = 90
const RETURNS = 20
const RECIPIENTS = 30
const COURIERS = 40
const SIZES = ['S', 'M', 'L']
const CARRIERS = ['a', 'b']
/** So seldom PINs end while somebody is still on the way. */
const SHORT_LIVES = 0.3

export interface CourierCard {
  readonly id: string
  readonly code: string
  readonly carrierId: string
}

export interface Morning {
  readonly couriers: readonly CourierCard[]
  readonly parcels: readonly DesiredParcel[]
  readonly returns: readonly DesiredReturn[]
  /** By courier: parcel and what a scanner reads off it. Nobody has another one's parcels. */
  readonly carts: ReadonlyMap<string, ReadonlyMap<string, string>>
}

export function drawWall(random: Random): KioskConfig {
  const perBoard = LOCKERS / BOARDS
  const columns = Array.from({ length: BOARDS }, (_, board) => ({
    lockers: Array.from({ length: perBoard }, (__, channel) => ({
      id: String(board * perBoard + channel + 1),
      size: random.pick(SIZES),
      boardId: `b${board}`,
      channel: channel + 1,
      bottomMm: 180 * channel,
    })),
  }))
  const sizes = SIZES.map((name, index) => ({
    name,
    widthMm: 400,
    heightMm: 180 * (index + 1),
    depthMm: 600,
  }))
  const shortTimes = {
    reopenMs: 2_000,
    leftOpenMs: 8_000,
    thanksMs: 1_000,
    idleMs: 20_000,
    courierIdleMs: 21_000,
  }
  const drawn = {
    parcelsPerLockerMax: random.pick([1, 2, 3]),
    pinLifeMs: random.chance(SHORT_LIVES)
      ? random.between(10_000, 40_000)
      : DEFAULT_POLICY.pinLifeMs,
  }
  const policy = { ...DEFAULT_POLICY, ...shortTimes, ...drawn }
  return { kioskId: 'hall', siteName: 'Hall', helpPhone: '000', sizes, columns, policy }
}

export function drawMorning(random: Random): Morning {
  const couriers = Array.from({ length: COURIERS }, (_, index) => ({
    id: `c-${index}`,
    code: String(10_000_000 + index),
    carrierId: CARRIERS[index % CARRIERS.length] ?? '',
  }))
  const recipient = () => `r-${random.between(1, RECIPIENTS)}`
  const parcels = Array.from({ length: PARCELS }, (_, index) => ({
    id: `p-${index}`,
    tracking: `T${index}`,
    size: random.pick(SIZES),
    recipientId: recipient(),
    carrierId: random.pick([...CARRIERS, null]),
    needsReach: random.chance(0.1),
    weightGrams: random.chance(0.2) ? 15_000 : null,
  }))
  const returns = Array.from({ length: RETURNS }, (_, index) => ({
    id: `ret-${index}`,
    tracking: null,
    size: random.chance(0.3) ? null : random.pick(SIZES),
    recipientId: recipient(),
    carrierId: random.pick([...CARRIERS, null]),
    expiresAtMs: null,
  }))
  const carts = new Map(couriers.map(({ id }) => [id, new Map<string, string>()]))
  for (const { id, tracking, carrierId } of parcels) {
    const own = couriers.filter((each) => carrierId === null || each.carrierId === carrierId)
    carts.get(random.pick(own).id)?.set(id, tracking)
  }
  return { couriers, parcels, returns, carts }
}

/** As the ledger gets it. */
export function recordsOf(morning: Morning, config: KioskConfig): readonly StoreRecord[] {
  const change = { version: 1, isSnapshot: true, deletes: [] } as const
  const staff = morning.couriers.map(({ id, code, carrierId }) => {
    const own = { label: id, verifier: code, referenceVerifier: code, carrierId }
    return { id, role: 'courier', ...own } as const
  })
  const people = Array.from({ length: RECIPIENTS }, (_, index) => ({
    id: `r-${index + 1}`,
    label: `Flat ${index + 1}`,
  }))
  const by = { role: 'technician' } as const
  const looks = lockersOf(config).map(({ id: lockerId }): StoreRecord => {
    const data = { lockerId, found: 'empty', parcelId: null, by, reason: null } as const
    return { kind: 'locker-inspected', data }
  })
  const { parcels, returns } = morning
  return [
    { kind: 'stream-applied', data: { stream: 'staff', ...change, puts: staff } },
    { kind: 'stream-applied', data: { stream: 'directory', ...change, puts: people } },
    { kind: 'stream-applied', data: { stream: 'parcel', ...change, puts: parcels } },
    { kind: 'stream-applied', data: { stream: 'return', ...change, puts: returns } },
    ...looks,
  ]
}
