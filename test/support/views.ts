// One example of everything a screen may show, at a kiosk of twenty-three lockers.
import type { ColumnConfig, KioskConfig, SizeConfig } from '../../src/kiosk/config.ts'
import { DEFAULT_POLICY } from '../../src/kiosk/config.ts'
import { usualPreferences } from '../../src/kiosk/preferences.ts'
import type { ParcelLine, ParcelTag, ScreenView, View } from '../../src/kiosk/view.ts'
import { LANGUAGES } from '../../src/screen/languages.ts'
import { helloOf } from '../../src/screen/protocol.ts'

const SIZES: readonly SizeConfig[] = [
  { name: 'S', widthMm: 450, heightMm: 120, depthMm: 600 },
  { name: 'M', widthMm: 450, heightMm: 240, depthMm: 600 },
  { name: 'L', widthMm: 450, heightMm: 480, depthMm: 600 },
]

const COLUMNS = [
  ['S', 'S', 'M', 'M', 'L', 'L'],
  ['M', 'M', 'M', 'L', 'L'],
  ['S', 'S', 'M', 'M', 'M', 'M', 'L'],
  ['M', 'M', 'M', 'L', 'L'],
] as const
const LOWEST_MM = 250

const KIOSK: KioskConfig = {
  kioskId: 'LK-0042',
  siteName: 'Station Square',
  helpPhone: '0800 555 0142',
  languages: LANGUAGES.map(({ code }) => code),
  sizes: SIZES,
  columns: columnsOf(COLUMNS),
  policy: DEFAULT_POLICY,
}

export const HELLO = helloOf(KIOSK)

function columnsOf(columns: readonly (readonly string[])[]): readonly ColumnConfig[] {
  let channel = 0
  return columns.map((sizes) => {
    const heights = sizes.map((name) => SIZES.find((size) => size.name === name)?.heightMm ?? 0)
    return {
      lockers: sizes.map((size, row) => {
        channel += 1
        const below = heights.slice(row + 1).reduce((sum, height) => sum + height, 0)
        const bottomMm = LOWEST_MM + below
        return { id: String(channel), size, boardId: 'b1', channel, bottomMm }
      }),
    }
  })
}

const PARCEL: ParcelLine = {
  parcelId: 'p-1',
  tracking: 'JD014600003828172',
  recipient: 'Flat 3',
  size: 'M',
}

const TAG: ParcelTag = { parcelId: 'p-1', tracking: 'JD014600003828172', size: 'M' }

const NAMES = ['Flat 3', 'Flat 5', 'Li Na Chen', 'Marta Kowalczyk-Zielińska']
const PARCELS: readonly ParcelLine[] = [0, 1, 2, 3, 4, 5].map((index) => ({
  parcelId: `p-${index}`,
  tracking: index === 2 ? null : `JD0146000038281${70 + index}`,
  recipient: NAMES[index % NAMES.length] ?? '',
  size: ['S', 'M', 'L'][index % 3] ?? 'S',
}))

const FREE = [
  { size: 'S', free: 3 },
  { size: 'M', free: 8 },
  { size: 'L', free: 0 },
]

export const SCREENS: Readonly<Record<string, ScreenView>> = {
  welcome: { kind: 'welcome', digits: 8, waitMs: 0, leftOpen: [] },
  'welcome-left-open': { kind: 'welcome', digits: 8, waitMs: 0, leftOpen: ['9', '14'] },
  'welcome-waiting': { kind: 'welcome', digits: 8, waitMs: 30_000, leftOpen: [] },
  help: { kind: 'help' },
  desk: {
    kind: 'desk',
    lockerId: '14',
    wants: 'open',
    challenge: '7G0T-X2M9-4KQB',
    digits: 8,
    waitMs: 0,
  },
  'pickup-opening': { kind: 'pickup-opening', lockerId: '14', isRetry: false },
  'pickup-opening-retry': { kind: 'pickup-opening', lockerId: '14', isRetry: true },
  'pickup-open': {
    kind: 'pickup-open',
    lockerId: '14',
    inside: 1,
    isLong: false,
    isProblem: false,
    canSayShut: false,
    left: 0,
  },
  'pickup-open-long': {
    kind: 'pickup-open',
    lockerId: '14',
    inside: 1,
    isLong: true,
    isProblem: false,
    canSayShut: true,
    left: 0,
  },
  'pickup-stuck': {
    kind: 'pickup-stuck',
    lockerId: '14',
    isBlind: false,
    canSayOpen: true,
    left: 0,
  },
  'pickup-stuck-blind': {
    kind: 'pickup-stuck',
    lockerId: '14',
    isBlind: true,
    canSayOpen: true,
    left: 0,
  },
  'pickup-open-several': {
    kind: 'pickup-open',
    lockerId: '14',
    inside: 3,
    isLong: false,
    isProblem: false,
    canSayShut: false,
    left: 2,
  },
  'pickup-open-problem': {
    kind: 'pickup-open',
    lockerId: '14',
    inside: 1,
    isLong: false,
    isProblem: true,
    canSayShut: false,
    left: 0,
  },
  'pickup-reach': { kind: 'pickup-reach', lockerId: '14' },
  'pickup-problem': { kind: 'pickup-problem', lockerId: '14', parcels: [] },
  'pickup-problem-which': {
    kind: 'pickup-problem',
    lockerId: '14',
    parcels: PARCELS.slice(0, 6),
  },
  'pickup-used': { kind: 'pickup-used' },
  'pickup-which-door': { kind: 'pickup-which-door', lockers: ['3', '14', '22'] },
  'pickup-reported': {
    kind: 'pickup-reported',
    lockerId: '14',
    isPutAside: true,
    what: 'missing',
    reference: 120_384,
    left: 1,
  },
  'pickup-blind': { kind: 'pickup-blind', lockerId: '14' },
  'pickup-done': { kind: 'pickup-done', lockerId: '14', canReopen: true, left: 0 },
  'pickup-done-final': { kind: 'pickup-done', lockerId: '14', canReopen: false, left: 0 },
  'pickup-open-more': {
    kind: 'pickup-open',
    lockerId: '14',
    inside: 1,
    isLong: false,
    isProblem: false,
    canSayShut: false,
    left: 2,
  },
  'pickup-stuck-more': {
    kind: 'pickup-stuck',
    lockerId: '14',
    isBlind: false,
    canSayOpen: true,
    left: 1,
  },
  'pickup-done-more': { kind: 'pickup-done', lockerId: '14', canReopen: true, left: 1 },
  reference: { kind: 'reference', what: 'pin', digits: 4, waitMs: 0 },
  'reference-staff': { kind: 'reference', what: 'access-code', digits: 4, waitMs: 0 },
  'staff-menu': {
    kind: 'staff-menu',
    person: 'Technician 4',
    lockers: Array.from({ length: 12 }, (_, index) => ({
      lockerId: String(index + 1),
      isUnverified: index % 7 === 3,
    })),
    list: { page: 0, pages: 3 },
    audit: 'may-begin',
  },
  'audit-offer': { kind: 'audit-offer', audit: 120_384, done: 5, total: 24 },
  'audit-choice': { kind: 'audit-choice', lockers: 24, columns: 8, doubtful: 3 },
  'audit-opening': { kind: 'audit-opening', lockerId: '7', isRetry: false, done: 5, total: 24 },
  'audit-open': {
    kind: 'audit-open',
    lockerId: '7',
    isLong: false,
    canSayShut: false,
    expected: { kind: 'parcel', parcel: TAG, more: 2 },
    isLeaving: false,
    done: 5,
    total: 24,
  },
  'audit-open-long': {
    kind: 'audit-open',
    lockerId: '7',
    isLong: true,
    canSayShut: true,
    expected: { kind: 'empty' },
    isLeaving: true,
    done: 5,
    total: 24,
  },
  'audit-stuck': {
    kind: 'audit-stuck',
    lockerId: '7',
    isBlind: false,
    canSayOpen: true,
    done: 5,
    total: 24,
  },
  'audit-question': {
    kind: 'audit-question',
    lockerId: '7',
    expected: { kind: 'parcel', parcel: TAG, more: 0 },
    done: 5,
    total: 24,
  },
  'audit-question-empty': {
    kind: 'audit-question',
    lockerId: '7',
    expected: { kind: 'empty' },
    done: 5,
    total: 24,
  },
  'audit-question-unsure': {
    kind: 'audit-question',
    lockerId: '7',
    expected: { kind: 'unsure', parcel: null, more: 0 },
    done: 5,
    total: 24,
  },
  'audit-other': {
    kind: 'audit-other',
    lockerId: '7',
    parcels: PARCELS.slice(0, 4).map(({ recipient: _, ...tag }) => tag),
  },
  'audit-other-unknown': { kind: 'audit-other', lockerId: '7', parcels: [] },
  'courier-code': { kind: 'courier-code', digits: 8, waitMs: 0 },
  'courier-menu': {
    kind: 'courier-menu',
    courier: 'Blue Van 7',
    parcels: PARCELS,
    list: { page: 0, pages: 3 },
    free: FREE,
    checks: ['3', '19'],
    depositedCount: 4,
    retrievals: 2,
    last: '7',
  },
  'courier-menu-empty': {
    kind: 'courier-menu',
    courier: 'Blue Van 7',
    parcels: [],
    list: { page: 0, pages: 1 },
    free: FREE,
    checks: [],
    depositedCount: 0,
    retrievals: 0,
    last: null,
  },
  'walk-in-recipient': {
    kind: 'walk-in-recipient',
    recipients: [0, 1, 2, 3, 4, 5].map((index) => ({
      id: `r-${index}`,
      label: NAMES[index % NAMES.length] ?? '',
    })),
    list: { page: 1, pages: 3 },
  },
  'walk-in-size': {
    kind: 'walk-in-size',
    recipient: 'Flat 3',
    sizes: SIZES.map(({ name, ...dimensions }, index) => ({
      size: name,
      free: FREE[index]?.free ?? 0,
      ...dimensions,
    })),
  },
  'deposit-opening': { kind: 'deposit-opening', lockerId: '7', parcel: PARCEL, isRetry: false },
  'deposit-open': {
    kind: 'deposit-open',
    withParcels: [],
    canAdd: false,
    canPart: false,
    canResize: true,
    lockerId: '7',
    parcel: PARCEL,
    next: PARCELS[0] ?? null,
    isLong: false,
    canSayShut: false,
  },
  'deposit-offer': { kind: 'deposit-offer', lockerId: '7', parcel: PARCEL, inside: 2 },
  'deposit-open-add': {
    kind: 'deposit-open',
    withParcels: [],
    canAdd: true,
    canPart: false,
    canResize: true,
    lockerId: '7',
    parcel: PARCEL,
    next: PARCELS[0] ?? null,
    isLong: false,
    canSayShut: false,
  },
  'deposit-open-together': {
    kind: 'deposit-open',
    withParcels: PARCELS.slice(0, 2),
    canAdd: false,
    canPart: true,
    canResize: false,
    lockerId: '7',
    parcel: PARCEL,
    next: null,
    isLong: false,
    canSayShut: false,
  },
  'deposit-open-long': {
    kind: 'deposit-open',
    withParcels: [],
    canAdd: false,
    canPart: false,
    canResize: true,
    lockerId: '7',
    parcel: PARCEL,
    next: PARCELS[0] ?? null,
    isLong: true,
    canSayShut: true,
  },
  'deposit-stuck': {
    kind: 'deposit-stuck',
    lockerId: '7',
    parcel: PARCEL,
    isBlind: false,
    canSayOpen: true,
  },
  'deposit-question': {
    kind: 'deposit-question',
    lockerId: '7',
    parcel: PARCEL,
    looksEmpty: false,
  },
  'deposit-question-empty': {
    kind: 'deposit-question',
    lockerId: '7',
    parcel: PARCEL,
    looksEmpty: true,
  },
  'deposit-finishing': { kind: 'deposit-finishing', lockerId: '7' },
  'cancel-open': { kind: 'cancel-open', lockerId: '7', isReplaced: false, isReasonTold: false },
  'cancel-open-told': { kind: 'cancel-open', lockerId: '7', isReplaced: false, isReasonTold: true },
  'cancel-open-replaced': {
    kind: 'cancel-open',
    lockerId: '7',
    isReplaced: true,
    isReasonTold: false,
  },
  'hand-in-size': {
    kind: 'hand-in-size',
    sizes: SIZES.map(({ name, ...dimensions }, index) => ({
      size: name,
      free: FREE[index]?.free ?? 0,
      ...dimensions,
    })),
  },
  'hand-in-opening': { kind: 'hand-in-opening', lockerId: '7', isRetry: false },
  'hand-in-open': {
    kind: 'hand-in-open',
    lockerId: '7',
    isLong: false,
    isReopened: false,
    canSayShut: false,
  },
  'hand-in-open-again': {
    kind: 'hand-in-open',
    lockerId: '7',
    isLong: true,
    isReopened: true,
    canSayShut: true,
  },
  'hand-in-undone': { kind: 'hand-in-undone', lockerId: '7', isReplaced: false },
  'hand-in-undone-replaced': { kind: 'hand-in-undone', lockerId: '7', isReplaced: true },
  'hand-in-stuck': {
    kind: 'hand-in-stuck',
    lockerId: '7',
    isReopened: false,
    isBlind: false,
    canSayOpen: true,
  },
  'hand-in-question': { kind: 'hand-in-question', lockerId: '7', isSeenShut: true },
  'hand-in-question-unseen': { kind: 'hand-in-question', lockerId: '7', isSeenShut: false },
  'hand-in-done': { kind: 'hand-in-done', lockerId: '7', canReopen: true },
  'retrieval-opening': { kind: 'retrieval-opening', lockerId: '7', isRetry: false },
  'retrieval-open': { kind: 'retrieval-open', lockerId: '7', parcel: PARCEL, others: [] },
  'retrieval-open-others': {
    kind: 'retrieval-open',
    lockerId: '7',
    parcel: PARCEL,
    others: PARCELS.slice(0, 2),
  },
  'retrieval-stuck': { kind: 'retrieval-stuck', lockerId: '7', isBlind: false, canSayOpen: true },
  'retrieval-question': { kind: 'retrieval-question', lockerId: '7', parcel: PARCEL },
  'check-offer': { kind: 'check-offer', lockerId: '7' },
  'check-opening': { kind: 'check-opening', lockerId: '7', isRetry: false },
  'check-open': { kind: 'check-open', lockerId: '7' },
  'check-stuck': { kind: 'check-stuck', lockerId: '7', isBlind: true, canSayOpen: true },
  'check-question': { kind: 'check-question', lockerId: '7', parcel: PARCEL },
}

export function screenNamed(name: string): ScreenView {
  const screen = SCREENS[name]
  if (screen === undefined) throw new Error(`There is no example "${name}".`)
  return screen
}

/** A view with one of the examples above; everything else is quiet unless said. */
export function viewOf(screen: ScreenView, rest: Partial<Omit<View, 'screen'>> = {}): View {
  return {
    rev: 1,
    screen,
    notice: null,
    preferences: usualPreferences(KIOSK),
    receipt:
      screen.kind === 'pickup-done' || screen.kind === 'hand-in-done'
        ? { code: '7G0T-X2M9-4KQB', parcels: 1 }
        : null,
    doors: {},
    idle: null,
    isOnline: true,
    ...rest,
  }
}
