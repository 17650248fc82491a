// A kiosk of three lockers for tests of what stands around the rules: fixed words, no behaviour.
import { DEFAULT_POLICY, type KioskConfig } from '../../src/kiosk/config.ts'
import type { KioskStatus } from '../../src/kiosk/events.ts'

export const SMALL_KIOSK: KioskConfig = {
  kioskId: 'k1',
  siteName: 'Here',
  helpPhone: '+1 555 01',
  sizes: [
    { name: 'S', widthMm: 400, heightMm: 200, depthMm: 500 },
    { name: 'L', widthMm: 400, heightMm: 400, depthMm: 500 },
  ],
  columns: [
    {
      lockers: [
        { id: '1', size: 'S', boardId: 'a', channel: 1, bottomMm: 500 },
        { id: '2', size: 'S', boardId: 'a', channel: 2, bottomMm: 300 },
      ],
    },
    { lockers: [{ id: '3', size: 'L', boardId: 'a', channel: 3, bottomMm: 300 }] },
  ],
  policy: DEFAULT_POLICY,
}

export const SMALL_STATUS: KioskStatus = {
  kioskId: 'k1',
  boot: 7,
  screen: 'welcome',
  lockers: [
    {
      lockerId: '1',
      size: 'S',
      state: 'free',
      door: 'closed',
      parcelIds: [],
      withdrawnFor: null,
      distrustedFor: null,
      lastOutcome: null,
      contents: null,
      isContentsDistrusted: false,
    },
    {
      lockerId: '2',
      size: 'S',
      state: 'occupied',
      door: 'closed',
      parcelIds: ['p1'],
      withdrawnFor: null,
      distrustedFor: null,
      lastOutcome: null,
      contents: null,
      isContentsDistrusted: false,
    },
    {
      lockerId: '3',
      size: 'L',
      state: 'reserved',
      door: 'open',
      parcelIds: ['p2'],
      withdrawnFor: null,
      distrustedFor: null,
      lastOutcome: null,
      contents: null,
      isContentsDistrusted: false,
    },
  ],
  boards: [{ boardId: 'a', isOnline: true }],
  senses: [],
  lockersInDoubt: [],
  isUplinkOnline: true,
  outboxCount: 3,
  commands: [],
  announcedCount: 2,
  expectedReturnCount: 1,
  configuration: { version: 0, values: [], refused: [], furtherRefused: 0, isDue: false },
  firmware: [],
}
