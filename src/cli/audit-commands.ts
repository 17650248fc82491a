// `latchkey audit …`: a guided audit of the lockers is begun and ended here, and its report read;
// the doors open one after another at the screen, for whoever signs in there.
import process from 'node:process'
import { type Command, Option } from 'commander'
import type { AuditCounts } from '../kiosk/audit-facts.ts'
import type { AuditReport } from '../kiosk/audit-report.ts'
import { auditLine, auditPage, auditTable } from './audit-page.ts'
import { callDaemon, defaultSocket } from './client.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { technician } from './technician.ts'
import { print } from './terminal.ts'

interface Flags {
  readonly socket: string
  readonly json?: true
}

interface StartFlags extends Flags {
  readonly reason: string
  readonly column?: number
  readonly doubtful?: true
  readonly oldest?: true
}

interface ReportFlags extends Flags {
  readonly csv?: true
}

const START_HELP = `
Whoever signs in at the screen as a technician or an operator is then asked to go on with it.

Examples:
  latchkey audit start --reason "weekly round"
  latchkey audit start --doubtful --reason "after the power cut"`

const WHY = ['--reason <text>', 'why, 3 to 200 characters; central will read it'] as const

export function addAuditCommands(program: Command, end: (code: ExitCode) => void): void {
  const audit = program
    .command('audit')
    .description('look into the lockers one after another, and let the ledger heal')
  common(audit.command('start'))
    .description('begin one; without a choice it goes through the whole wall')
    .addOption(new Option('--column <n>', 'one column, counted from the left').argParser(Number))
    .option('--doubtful', 'only lockers of which the ledger is not sure')
    .option('--oldest', 'the whole wall, what nobody has looked into for longest first')
    .requiredOption(...WHY)
    .addHelpText('after', START_HELP)
    .action(async (flags: StartFlags) => end(await start(flags)))
  common(audit.command('status'))
    .description('how far the newest one is')
    .action(async (flags: Flags) => end(await showStatus(flags)))
  common(audit.command('stop'))
    .description('end the one that runs; what was found stays')
    .requiredOption(...WHY)
    .action(async (flags: Flags & { reason: string }) => end(await stop(flags)))
  common(audit.command('report [number]'))
    .description('what was found, of the newest one or of one of the last four')
    .option('--csv', 'write a table for a spreadsheet')
    .action(async (number: string | undefined, flags: ReportFlags) =>
      end(await showReport(number, flags)),
    )
}

function common(command: Command): Command {
  const socket = new Option('--socket <path>', 'the daemon’s control socket')
  return command
    .option('--json', 'write JSON, for programs')
    .addOption(socket.default(defaultSocket(process.env)))
}

async function start({ socket, json, ...flags }: StartFlags): Promise<ExitCode> {
  const choices = [
    ...(flags.column === undefined ? [] : [{ choice: 'column', column: flags.column }]),
    ...(flags.doubtful ? [{ choice: 'doubtful' }] : []),
    ...(flags.oldest ? [{ choice: 'oldest' }] : []),
  ]
  if (choices.length > 1) {
    throw new Failure({
      exit: EXIT.usage,
      code: 'LK-CTL-01',
      message: 'Only one of --column, --doubtful and --oldest can be had.',
    })
  }
  const body = { ...(choices[0] ?? { choice: 'all' }), reason: flags.reason, ...technician() }
  const started = await callDaemon<{ auditId: number; lockers: number }>(socket, {
    method: 'POST',
    path: '/v1/audit/start',
    body,
  })
  const told = [
    `Audit ${started.auditId} has begun: ${started.lockers} lockers.`,
    'Sign in at the screen as a technician or an operator to go on with it.',
  ]
  print(json ? [JSON.stringify(started)] : told)
  return EXIT.ok
}

async function stop({ socket, json, reason }: Flags & { reason: string }): Promise<ExitCode> {
  const stopped = await callDaemon<{ auditId: number; counts: AuditCounts }>(socket, {
    method: 'POST',
    path: '/v1/audit/stop',
    body: { reason, ...technician() },
  })
  const told = `Audit ${stopped.auditId} is over; see: latchkey audit report ${stopped.auditId}`
  print([json ? JSON.stringify(stopped) : told])
  return EXIT.ok
}

function readReport(socket: string, number?: string): Promise<AuditReport> {
  if (number !== undefined && !/^[1-9][0-9]{0,14}$/.test(number)) {
    throw new Failure({
      exit: EXIT.usage,
      code: 'LK-CTL-01',
      message: 'The number of an audit is a whole number.',
    })
  }
  const path = number === undefined ? '/v1/audit' : `/v1/audit?id=${number}`
  return callDaemon<AuditReport>(socket, { method: 'GET', path })
}

async function showStatus({ socket, json }: Flags): Promise<ExitCode> {
  const report = await readReport(socket)
  const { lockers: _, ...short } = report
  print(json ? [JSON.stringify(short)] : auditLine(report))
  return EXIT.ok
}

/** Ends with 3 when something is not as the ledger had it. */
async function showReport(
  number: string | undefined,
  { socket, json, csv }: ReportFlags,
): Promise<ExitCode> {
  const report = await readReport(socket, number)
  if (json) print([JSON.stringify(report)])
  else print(csv ? auditTable(report) : auditPage(report))
  const { differences, unknown, notOpened } = report.counts
  return differences + unknown + notOpened > 0 ? EXIT.degraded : EXIT.ok
}
