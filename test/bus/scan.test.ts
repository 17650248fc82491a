// The scan itself, on a real pseudoterminal. One has no baud rate, so whoever speaks at another one
// than the board's is garbled here, as a line does it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SIM_DIALECTS } from '../../sim/boards/catalogue.ts'
import { LiveBus } from '../../sim/boards/live-bus.ts'
import type { CoilChange } from '../../sim/boards/wire.ts'
import type { DialectName } from '../../src/bus/config.ts'
import type { LinkFactory } from '../../src/bus/links/link.ts'
import { createLink } from '../../src/bus/links/links.ts'
import { type Scan, type ScanStep, scan } from '../../src/bus/scan.ts'
import { BAUD_RATES } from '../../src/bus/scan-plan.ts'

const ADDRESS = 3

let folder: string
let live: LiveBus | null = null
let coils: CoilChange[]
let steps: ScanStep[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-scan-'))
  coils = []
  steps = []
})

afterEach(async () => {
  await live?.stop()
  rmSync(folder, { recursive: true })
})

async function look(parts: {
  /** Of the simulator; with or without relays and inputs. */
  readonly board: string
  readonly dialect: DialectName
  readonly baudRate: number
  readonly baudRates?: readonly number[]
}): Promise<Scan> {
  const { board, dialect, baudRate, baudRates = null } = parts
  const path = join(folder, 'port')
  const model = SIM_DIALECTS[board]?.create({
    address: ADDRESS,
    channels: 16,
    feedback: 'door-closed',
  })
  if (model === undefined) throw new RangeError(board)
  live = new LiveBus({
    port: { kind: 'pty', path },
    baudRate,
    boards: [{ id: 'A', model }],
    coilChanged: (change) => coils.push(change),
  })
  await live.plugIn()
  return scan({
    link: { kind: 'serial', path, baudRate: 9_600 },
    createLink: heardAt(baudRate),
    dialects: [dialect],
    baudRates,
    addresses: { first: 2, last: 4 },
    signal: new AbortController().signal,
    progressed: (step) => steps.push(step),
  })
}

/** A line on which only one rate is understood. */
function heardAt(baudRate: number): LinkFactory {
  return (config, host, framing) => {
    if (config.baudRate === baudRate) return createLink(config, host, framing)
    const frame = (text: string) => host.frame(garbled(text))
    const link = createLink(config, { ...host, frame }, framing)
    return {
      open: () => link.open(),
      send: (text) => link.send(garbled(text)),
      close: () => link.close(),
    }
  }
}

function garbled(text: string): string {
  return String.fromCharCode(...[...text].map((letter) => (letter.charCodeAt(0) * 7 + 13) & 0xff))
}

describe('a scan', () => {
  it.each(BAUD_RATES)(
    'finds a board that talks at %i baud, and asks at no rate after',
    async (baudRate) => {
      const { boards } = await look({ board: 'kerong-cu16', dialect: 'kerong-cu16', baudRate })
      const found = { dialect: 'kerong-cu16', address: ADDRESS, baudRate, channels: 16 }
      expect(boards).toMatchObject([found])
      const rates = steps.flatMap((step) => (step.kind === 'asking' ? [step.baudRate] : []))
      expect(rates).toEqual(BAUD_RATES.slice(0, BAUD_RATES.indexOf(baudRate) + 1))
      expect(coils).toEqual([])
    },
  )

  it('finds nobody at the wrong rates alone', async () => {
    const parts = { board: 'modbus-rtu', dialect: 'modbus-rtu', baudRate: 19_200 } as const
    const { boards, questions } = await look({ ...parts, baudRates: [9_600, 38_400] })
    expect(boards).toEqual([])
    expect(questions).toBe(6)
    expect(coils).toEqual([])
  })

  it.each([
    ['modbus-rtu-relays', true],
    ['modbus-rtu-inputs', false],
  ] as const)('tells of %s whether it has doors to tell: refused %s', async (board, isRefusing) => {
    const { boards } = await look({ board, dialect: 'modbus-rtu', baudRate: 9_600 })
    expect(boards).toMatchObject([{ dialect: 'modbus-rtu', address: ADDRESS, isRefusing }])
    expect(coils).toEqual([])
  })
})
