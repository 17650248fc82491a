// The wall of one seed: one or two boards with a few lockers of any size, so that every run meets
// another mix of scarcity and of neighbours.
import type { BusConfig } from '../../src/bus/config.ts'
import { DEFAULT_POLICY, type KioskConfig } from '../../src/kiosk/config.ts'
import type { Random } from './random.ts'

export function drawWall(kioskId: string, random: Random): KioskConfig {
  const sizes = ['S', 'M', 'L']
  const boards = random.between(1, 2)
  const perBoard = random.between(2, 4)
  return {
    kioskId,
    siteName: 'World',
    helpPhone: '000',
    sizes: sizes.map((name, index) => ({
      name,
      widthMm: 400,
      heightMm: 100 * (index + 1),
      depthMm: 600,
    })),
    columns: Array.from({ length: boards }, (_, board) => ({
      lockers: Array.from({ length: perBoard }, (__, channel) => ({
        id: String(board * perBoard + channel + 1),
        size: random.pick(sizes),
        boardId: `b${board + 1}`,
        channel: channel + 1,
        bottomMm: 300 * channel,
      })),
    })),
    policy: {
      ...DEFAULT_POLICY,
      reopenMs: 20_000,
      leftOpenMs: 60_000,
      courierIdleMs: 40_000,
      // A day does not pass here: a small budget is the only one that is ever spent.
      guessesADayMax: 5,
      remoteOpeningsIn10MinMax: 2,
      // Nor are outages long.
      standstillFromMs: 3_000,
    },
  }
}

export function busFor(kiosk: KioskConfig): BusConfig {
  return {
    id: 'bus',
    link: { kind: 'serial', path: 'virtual', baudRate: 115_200 },
    boards: kiosk.columns.map(({ lockers }, index) => ({
      id: `b${index + 1}`,
      address: index + 1,
      dialect: 'latchkey-line',
      channels: lockers.length,
    })),
  }
}
