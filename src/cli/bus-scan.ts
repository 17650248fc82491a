// `latchkey bus scan`: which boards are on a line. Without the daemon, and never beside it: two
// programs on one line spoil each other's frames.
import { realpathSync } from 'node:fs'
import process from 'node:process'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  DIALECT_NAMES,
  type DialectName,
  type LinkConfig,
  TCP_BAUD_RATE_DEFAULT,
  TCP_PORT_DEFAULT,
} from '../bus/config.ts'
import { createLink } from '../bus/links/links.ts'
import { LineClosedError, type Scan, type ScanStep, scan } from '../bus/scan.ts'
import { type AddressRange, type FoundBoard, probesOf } from '../bus/scan-plan.ts'
import type { Buses } from './bus-page.ts'
import { callDaemon } from './client.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { type Column, tableOf } from './table.ts'
import { print, say } from './terminal.ts'

interface ScanFlags {
  readonly socket: string
  readonly json?: true
  readonly port?: string
  readonly tcp?: { readonly host: string; readonly port: number }
  readonly dialect?: readonly DialectName[]
  readonly baud?: readonly number[]
  readonly addresses?: AddressRange
}

const COLUMNS: readonly Column[] = [
  { head: 'dialect', side: 'left' },
  { head: 'address', side: 'right' },
  { head: 'baud', side: 'right' },
  { head: 'channels', side: 'right' },
  { head: 'note', side: 'left' },
]

/** @param command `scan`, with the options of all commands */
export function asScan(command: Command, end: (code: ExitCode) => void): Command {
  return command
    .description('find boards on a line that the daemon does not use; nothing is switched')
    .option('--port <path>', 'a serial port')
    .addOption(
      new Option('--tcp <host:port>', 'a gateway').conflicts('port').argParser(readGateway),
    )
    .addOption(new Option('--dialect <name...>', 'these alone').choices(DIALECT_NAMES))
    .addOption(new Option('--baud <rate...>', 'these alone').argParser(readBaud))
    .addOption(new Option('--addresses <a-b>', 'instead of the usual').argParser(readAddresses))
    .action(async (flags: ScanFlags) => {
      const link = linkOf(flags)
      if (link === null) command.error('error: name a line with --port or with --tcp')
      else end(await showScan(link, flags))
    })
}

function linkOf({ port, tcp, baud }: ScanFlags): LinkConfig | null {
  const baudRate = baud?.[0] ?? TCP_BAUD_RATE_DEFAULT
  if (tcp !== undefined) return { kind: 'tcp', ...tcp, baudRate }
  return port === undefined ? null : { kind: 'serial', path: port, baudRate }
}

async function showScan(link: LinkConfig, flags: ScanFlags): Promise<ExitCode> {
  await refuseHeld(link, flags.socket)
  const { json, dialect = DIALECT_NAMES, baud = null, addresses = null } = flags
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    const found = await scan({
      link,
      createLink,
      dialects: dialect,
      baudRates: baud,
      addresses,
      signal: stop.signal,
      progressed: (step) => json || say(progressOf(step, addresses)),
    })
    if (found.boards.length === 0) throw nobody(found)
    print(json ? [JSON.stringify({ apiVersion: 1, ...found })] : pageOf(found))
    return EXIT.ok
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted
    throw error instanceof LineClosedError ? unusable(error) : error
  } finally {
    process.off('SIGINT', interrupt)
  }
}

/** A gateway takes several connections, so no lock tells: the daemon is asked. */
async function refuseHeld(link: LinkConfig, socket: string): Promise<void> {
  const held = await callDaemon<Buses>(socket, { method: 'GET', path: '/v1/buses' }).catch(
    (error: unknown) => {
      if (error instanceof Failure && error.exit === EXIT.unreachable) return null
      throw error
    },
  )
  const place = link.kind === 'serial' ? realPath(link.path) : gatewayName(link.host, link.port)
  const bus = held?.buses.find(({ link: other }) =>
    other.kind === 'serial' ? realPath(other.place) === place : gatewayName(other.place) === place,
  )
  if (bus !== undefined) throw inUse(`The daemon uses this line for bus ${bus.id}.`)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function gatewayName(host: string, port?: number): string {
  const name = port === undefined ? host : `${host}:${port}`
  return name.toLowerCase().replace(/^localhost:/, '127.0.0.1:')
}

function inUse(message: string): Failure {
  const hint = 'See its boards with: latchkey bus stats; or stop the daemon first.'
  return new Failure({ exit: EXIT.refused, code: 'LK-BUS-05', message, hint })
}

function unusable({ message }: LineClosedError): Failure {
  if (/lock|busy|temporarily unavailable/i.test(message)) return inUse(message)
  return new Failure({
    exit: EXIT.failed,
    code: 'LK-BUS-06',
    message: `The line cannot be used: ${message}.`,
    hint: 'Serial ports are best named by what is in /dev/serial/by-id.',
  })
}

function nobody({ questions, unreadable }: Scan): Failure {
  const noise = unreadable === 0 ? 'Nothing came back.' : `${unreadable} answers were unreadable.`
  return new Failure({
    exit: EXIT.hardware,
    code: 'LK-BUS-04',
    message: `No board answered ${questions} questions. ${noise}`,
    hint:
      unreadable === 0
        ? 'Check power and address switches, and whether A and B are swapped.'
        : 'Try --baud, and look for two boards with one address.',
  })
}

function progressOf(step: ScanStep, addresses: AddressRange | null): string {
  if (step.kind === 'found') return `  found ${step.board.dialect}, address ${step.board.address}`
  const { dialect, baudRate } = step
  const probes = probesOf(dialect, addresses)
  const [first, last] = [probes[0]?.address, probes.at(-1)?.address]
  return `${baudRate} baud, ${dialect}, addresses ${first} to ${last} …`
}

function pageOf({ boards, unreadable }: Scan): readonly string[] {
  const noise = unreadable === 0 ? [] : ['', `${unreadable} more answers were unreadable.`]
  return [...tableOf(COLUMNS, boards.map(rowOf)), ...noise]
}

function rowOf({ dialect, address, baudRate, channels, commands, isRefusing }: FoundBoard) {
  const notes = [
    ...(commands === null ? [] : [`commands ${commands}`]),
    ...(isRefusing ? ['refuses to tell its doors'] : []),
  ]
  const numbers = [`${address}`, `${baudRate ?? '-'}`, `${channels ?? '-'}`]
  return [dialect, ...numbers, notes.join(', ')]
}

function readGateway(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^(\[[0-9A-Fa-f:]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const number = port === undefined ? TCP_PORT_DEFAULT : Number(port)
  if (host === '' || number < 1 || number > 65_535)
    throw new InvalidArgumentError('Write HOST:PORT.')
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

function readBaud(text: string, before: readonly number[] = []): readonly number[] {
  const rate = Number(text)
  if (!/^\d+$/.test(text) || rate < 300 || rate > 4_000_000)
    throw new InvalidArgumentError('Write a rate such as 9600.')
  return [...before, rate]
}

function readAddresses(text: string): AddressRange {
  const [, first, last] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? []
  const range = { first: Number(first), last: Number(last ?? first) }
  if (first === undefined || range.last < range.first || range.last > 254)
    throw new InvalidArgumentError('Write one address or a range such as 1-32.')
  return range
}
