// What `latchkey-sim boards` is told on its command line.
import { parseArgs } from 'node:util'
import { SIM_DIALECTS, type SimDialect } from './catalogue.ts'
import { FAULT_NAMES, type FaultRates, readFaults } from './fault-plan.ts'
import { type LivePort, readPort } from './live-port.ts'
import type { Feedback } from './relay-board.ts'

export interface BenchOptions {
  readonly dialect: SimDialect
  readonly dialectName: string
  readonly addresses: readonly number[]
  readonly channels: number
  /** On these hangs a light or a buzzer, and no lock. */
  readonly signals: readonly number[]
  readonly feedback: Feedback
  readonly port: LivePort
  readonly baudRate: number
  readonly bitsPerCharacter: number
  readonly faults: FaultRates
  readonly seed: string
}

const FEEDBACKS: readonly Feedback[] = ['door-closed', 'door-open']
const BAUD_MAX = 4_000_000

export function usage(): string {
  const dialects = Object.entries(SIM_DIALECTS).map(
    ([name, { what, baudRate }]) => `  ${name.padEnd(19)}${what}, ${baudRate} baud`,
  )
  return `usage: latchkey-sim boards --dialect NAME (--pty PATH | --tcp PORT) [option …]

  --boards N          how many, with addresses from the first one on; 1
  --addresses N,N…    these addresses instead; the same one twice is a fault worth trying
  --channels N        on each board
  --signals N,N…      channels of each board on which lights or buzzers hang, and no locks
  --feedback WHEN     the contact is closed while: door-closed (usual), door-open
  --baud N            how fast bytes travel
  --parity            11 bits for a character and not 10
  --fault NAME[=RATE] any number of times; the rate is between 0 and 1
  --seed TEXT         the same seed draws the same faults; 1

dialects:
${dialects.join('\n')}

faults: ${FAULT_NAMES.join(' ')}
`
}

/** @throws Error with a sentence for the person who has typed it */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dialect: { type: 'string', default: '' },
      boards: { type: 'string', default: '1' },
      addresses: { type: 'string' },
      channels: { type: 'string' },
      signals: { type: 'string' },
      feedback: { type: 'string', default: 'door-closed' },
      pty: { type: 'string' },
      tcp: { type: 'string' },
      baud: { type: 'string' },
      parity: { type: 'boolean', default: false },
      fault: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
    },
  })
  const dialect = Object.hasOwn(SIM_DIALECTS, values.dialect)
    ? SIM_DIALECTS[values.dialect]
    : undefined
  if (dialect === undefined) throw new Error(`no dialect ${values.dialect}`)
  const feedback = FEEDBACKS.find((each) => each === values.feedback)
  if (feedback === undefined) throw new Error(`no feedback ${values.feedback}`)
  const { firstAddress, lastAddress, channelsMax } = dialect
  const boardsMax = lastAddress - firstAddress + 1
  const boards = numberOf('--boards', values.boards, { min: 1, max: boardsMax })
  const bounds = { min: firstAddress, max: lastAddress }
  const channels = numberOf('--channels', values.channels ?? `${dialect.channels}`, {
    min: 1,
    max: channelsMax,
  })
  return {
    dialect,
    dialectName: values.dialect,
    addresses:
      values.addresses?.split(',').map((text) => numberOf('--addresses', text, bounds)) ??
      Array.from({ length: boards }, (_, index) => firstAddress + index),
    channels,
    signals:
      values.signals
        ?.split(',')
        .map((text) => numberOf('--signals', text, { min: 1, max: channels })) ?? [],
    feedback,
    port: readPort(values),
    baudRate: numberOf('--baud', values.baud ?? `${dialect.baudRate}`, { min: 300, max: BAUD_MAX }),
    bitsPerCharacter: values.parity ? 11 : 10,
    faults: readFaults(values.fault),
    seed: values.seed,
  }
}

function numberOf(
  name: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} is a whole number from ${min} to ${max}, not ${text}`)
  }
  return value
}
