// Goal: no frame that lights or sounds something is an order to a lock, whichever board hears it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SIM_DIALECTS } from '../../../sim/boards/catalogue.ts'
import { boardOf, familyOf } from '../../../src/bus/board-options.ts'
import { type BoardConfig, DIALECT_NAMES } from '../../../src/bus/config.ts'
import type { BoardRequest } from '../../../src/bus/dialects/dialect.ts'
import { dialectOf } from '../../../src/bus/dialects/dialects.ts'
import { boardConfig, hexOf, pulseOf, upTo } from './exchange.ts'

/** Relay 8 has a buzzer; locks hang on all others. */
const BUZZER = 8

const lamp = fc.record({
  config: fc.integer({ min: 0, max: 31 }).map((address) => boardConfig('wkly', { address })),
  channel: fc.integer({ min: 1, max: 24 }),
  ms: fc.integer({ min: 100, max: 10_000 }),
})
const buzzer = fc.record({
  config: fc.integer({ min: 1, max: 247 }).map((address) => boardConfig('modbus-rtu', { address })),
  channel: fc.constant(BUZZER),
  ms: fc.integer({ min: 100, max: 10_000 }),
})

function encode(config: BoardConfig, request: BoardRequest): string {
  const exchange = { board: boardOf(config), request, sequence: 1, isEchoing: false }
  return dialectOf(config.dialect).encode(exchange)
}

/** Every order to a lock that a kiosk could send to boards of this kind at this address. */
function ordersTo(dialect: BoardConfig['dialect'], address: number): readonly string[] {
  const { address: range, channelsMax } = familyOf(dialect)
  if (address < range.min || address > range.max) return []
  const config = { ...boardConfig(dialect), address, channels: channelsMax }
  const locks = upTo(channelsMax).filter((each) => dialect !== 'modbus-rtu' || each !== BUZZER)
  const variants = dialect === 'modbus-rtu' ? (['waveshare-flash', 'host-timed'] as const) : [null]
  return variants.flatMap((pulse) =>
    locks.map((each) =>
      encode({ ...config, ...(pulse === null ? {} : { options: { pulse } }) }, pulseOf(each)),
    ),
  )
}

/** The channels whose coils go on. */
function firedBy(name: string, address: number, frame: string): readonly number[] {
  const sim = SIM_DIALECTS[name]
  if (sim === undefined || address < sim.firstAddress || address > sim.lastAddress) return []
  const model = sim.create({ address, channels: sim.channels, feedback: 'door-closed' })
  const heard = model.step(
    model.create(0),
    { kind: 'bytes-received', bytes: Buffer.from(frame, 'latin1') },
    1,
  )
  const later = model.step(heard.state, { kind: 'time-passed' }, 2_000)
  return [...heard.outputs, ...later.outputs].flatMap((output) =>
    output.kind === 'output-on' ? [output.channel] : [],
  )
}

test('no signal is the same bytes as an order to a lock', () => {
  fc.assert(
    fc.property(fc.oneof(lamp, buzzer), ({ config, channel, ms }) => {
      const frame = encode(config, { kind: 'signal', channel, ms })
      for (const dialect of DIALECT_NAMES) {
        expect(ordersTo(dialect, config.address).map(hexOf)).not.toContain(hexOf(frame))
      }
    }),
    { numRuns: 60 },
  )
})

test('no simulated board of any kind moves a lock when it hears a signal', () => {
  fc.assert(
    fc.property(
      fc.oneof(lamp, buzzer),
      fc.integer({ min: 0, max: 247 }),
      ({ config, channel, ms }, other) => {
        const frame = encode(config, { kind: 'signal', channel, ms })
        for (const name of Object.keys(SIM_DIALECTS)) {
          for (const address of [config.address, other]) {
            const isItsOwn = config.dialect === 'modbus-rtu' && address === config.address
            const locks = firedBy(name, address, frame).filter(
              (fired) => !(isItsOwn && name.startsWith('modbus') && fired === BUZZER),
            )
            expect({ name, address, locks }).toEqual({ name, address, locks: [] })
          }
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('the relay of a buzzer is what goes on when it shall sound', () => {
  const frame = encode(boardConfig('modbus-rtu'), { kind: 'signal', channel: BUZZER, ms: 500 })
  expect(firedBy('modbus-rtu', 1, frame)).toEqual([BUZZER])
})
