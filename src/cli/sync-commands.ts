// `latchkey sync …` and `latchkey outbox …`: how the kiosk stands with central.
import process from 'node:process'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { UplinkReport, WaitingFact, WholeFact } from '../kiosk/uplink-report.ts'
import { type Call, callDaemon, defaultSocket } from './client.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { outboxPage, syncPage, syncWarningsOf } from './sync-page.ts'
import { print, say } from './terminal.ts'

interface Flags {
  readonly socket: string
  readonly json?: true
  readonly limit: number
}

const LIST_DEFAULT = 20
const LIST_MAX = 1_000
const SEQ = /^[1-9][0-9]{0,14}$/

export function addSyncCommands(program: Command, end: (code: ExitCode) => void): void {
  const report = (call: Call) => async (flags: Flags) => end(await showReport(flags, call))
  const sync = program.command('sync').description('how the kiosk stands with central')
  common(sync.command('status'))
    .description('connection, what is confirmed, and the versions of what central wants')
    .action(report({ method: 'GET', path: '/v1/sync' }))
  common(sync.command('now'))
    .description('connect without waiting for the next try, or ask central for everything newer')
    .action(report({ method: 'POST', path: '/v1/sync/now' }))
  const outbox = program.command('outbox').description('facts that central has not confirmed')
  common(outbox.command('ls'))
    .description('what waits, oldest first')
    .option('--limit <n>', `this many, at most ${LIST_MAX}`, countIn, LIST_DEFAULT)
    .action(async (flags: Flags) => end(await list(flags)))
  common(outbox.command('show <fact>'))
    .description('the text of one fact by its number, confirmed or not')
    .action(async (seq: string, flags: Flags) => end(await showFact(seqIn(seq), flags)))
  common(outbox.command('retry'))
    .description('send what waits once more; central takes each fact once')
    .action(report({ method: 'POST', path: '/v1/outbox/retry' }))
}

function common(command: Command): Command {
  const socket = new Option('--socket <path>', 'the daemon’s control socket')
  return command
    .option('--json', 'write JSON, for programs')
    .addOption(socket.default(defaultSocket(process.env)))
}

function countIn(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= LIST_MAX) return count
  throw new InvalidArgumentError(`Write a number from 1 to ${LIST_MAX}.`)
}

function seqIn(text: string): string {
  if (SEQ.test(text)) return text
  throw new InvalidArgumentError('Write the number of a fact, as latchkey outbox ls shows it.')
}

async function showReport({ socket, json }: Flags, call: Call): Promise<ExitCode> {
  const report = await callDaemon<UplinkReport>(socket, call)
  const warnings = syncWarningsOf(report)
  if (json) print([JSON.stringify({ ...report, warnings })])
  else {
    print(syncPage(report, Date.now()))
    for (const warning of warnings) say(warning)
  }
  return warnings.length > 0 ? EXIT.degraded : EXIT.ok
}

async function list({ socket, json, limit }: Flags): Promise<ExitCode> {
  const path = `/v1/outbox?limit=${limit}`
  const outbox = await callDaemon<{ waiting: number; facts: WaitingFact[] }>(socket, {
    method: 'GET',
    path,
  })
  print(json ? [JSON.stringify(outbox)] : outboxPage(outbox.waiting, outbox.facts))
  return EXIT.ok
}

async function showFact(seq: string, { socket, json }: Flags): Promise<ExitCode> {
  const fact = await callDaemon<WholeFact>(socket, { method: 'GET', path: `/v1/facts/${seq}` })
  if (json) print([JSON.stringify(fact)])
  else {
    print([JSON.stringify(JSON.parse(fact.body), null, 2)])
    say(fact.isConfirmed ? 'Central has confirmed it.' : 'It waits for central.')
  }
  return EXIT.ok
}
