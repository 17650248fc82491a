// The technician's commands. Data goes to stdout, everything said to a person besides it to stderr.
import process from 'node:process'
import { styleText } from 'node:util'
import { Command, CommanderError, Option } from 'commander'
import type { Wall } from '../diagnostics/wall.ts'
import type { Explanation } from '../kiosk/explain.ts'
import { addAuditCommands } from './audit-commands.ts'
import { addBusCommands } from './bus-commands.ts'
import { addClaimCommand } from './claim-command.ts'
import { callDaemon, defaultSocket } from './client.ts'
import { addDeskCommands } from './desk-commands.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { explainPage } from './explain-page.ts'
import { addLedgerCommands } from './ledger-commands.ts'
import { type DaemonStatus, statusPage, warningsOf } from './status-page.ts'
import { addSyncCommands } from './sync-commands.ts'
import { technician } from './technician.ts'
import { print, say } from './terminal.ts'
import { type Paint, wallPicture } from './wall-picture.ts'

interface Flags {
  readonly socket: string
  readonly json?: true
  readonly reason: string
  readonly found: 'empty' | 'parcel' | 'other'
  readonly parcels?: readonly string[]
  readonly parcel?: string
  readonly hours: number
}

/** Asks first, then writes; nothing half-done reaches stdout. */
type Work = (flags: Flags, locker: string) => Promise<ExitCode>

const EXIT_HELP = `
Exit codes:
  0 ok · 1 failed · 2 wrong usage · 3 works, but wants attention · 4 daemon does not answer
  5 refused · 6 the hardware did not answer · 130 ended by Ctrl-C

Environment:
  LATCHKEY_SOCKET   the control socket, when --socket is not given
  NO_COLOR          no colours
`

const styled: Paint = (style, text) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })

/** @returns the exit code; everything has been written when it resolves */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok
  // `latchkey doors | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const program = createProgram((code) => {
    exit = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (!(error instanceof Failure)) throw error
    return tell(error, { isJson: args.includes('--json') })
  }
}

function createProgram(end: (code: ExitCode) => void): Command {
  const program = new Command('latchkey')
    .description('Looks at a parcel-locker kiosk and opens its doors, through the running daemon.')
    .helpCommand(true)
    .showHelpAfterError('(latchkey --help shows all commands)')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
  const add = (usage: string, description: string, work: Work, parent = program): Command =>
    parent
      .command(usage)
      .description(description)
      .option('--json', 'write JSON, for programs')
      .addOption(
        new Option('--socket <path>', 'the daemon’s control socket').default(
          defaultSocket(process.env),
        ),
      )
      .action(async (first: string | Flags, second: Flags) => {
        end(await (typeof first === 'string' ? work(second, first) : work(first, '')))
      })
  add('status', 'one screen: boards, uplink, outbox, lockers by size', showStatus)
  add('doors', 'the wall with every door in its place', showDoors)
  add(
    'explain <name>',
    'why a locker or a parcel is as it is, and what comes next',
    explain,
  ).addHelpText('after', '\nExamples:\n  latchkey explain 07\n  latchkey explain JD014600001')
  add('open <locker>', 'open one locker; it is written into the custody chain', open)
    .requiredOption('--reason <text>', 'why, 3 to 200 characters; central will read it')
    .addHelpText('after', '\nExample:\n  latchkey open 07 --reason "recipient’s parcel is stuck"')
  add('inspect <locker>', 'say what was found in a locker that was not proven empty', inspect)
    .addOption(
      new Option('--found <what>', 'what lies inside')
        .choices(['empty', 'parcel', 'other'])
        .makeOptionMandatory(),
    )
    .option('--parcels <id...>', 'with --found parcel: what of several is there; the rest is not')
    .requiredOption('--reason <text>', 'why, 3 to 200 characters; central will read it')
    .addHelpText(
      'after',
      '\nExample:\n  latchkey inspect 07 --found empty --reason "looked inside"',
    )
  add('recall <locker>', 'its parcels are for a courier to take back; the PIN is dead', recall)
    .option('--parcel <id>', 'one of several; the others go on waiting for their recipient')
    .requiredOption('--reason <text>', 'why, 3 to 200 characters; central will read it')
  const door = program
    .command('door')
    .description('takes a locker or its sensor out of service, and back')
  for (const [kind, text] of SERVICE_COMMANDS) {
    add(`${kind} <locker>`, text, changeService(kind), door).requiredOption(
      '--reason <text>',
      'why, 3 to 200 characters; central will read it',
    )
  }
  addPinCommands(program, add)
  addAuditCommands(program, end)
  addBusCommands(program, end)
  addSyncCommands(program, end)
  addLedgerCommands(program, end)
  addDeskCommands(program, end)
  addClaimCommand(program, end)
  return program
}

type Add = (usage: string, description: string, work: Work, parent?: Command) => Command

function addPinCommands(program: Command, add: Add): void {
  const pin = program
    .command('pin')
    .description('the PIN of the recipient whose parcel lies in a locker; nobody here can read it')
  const why = ['--reason <text>', 'why, 3 to 200 characters; central will read it'] as const
  add('reissue <locker>', 'the PIN dies at once, and central gets a new one', reissuePin, pin)
    .requiredOption(...why)
    .addHelpText('after', '\nExample:\n  latchkey pin reissue 07 --reason "letter was lost"')
  add('extend <locker>', 'the PIN lives longer', extendPin, pin)
    .requiredOption('--hours <count>', 'how much longer', Number)
    .requiredOption(...why)
}

const SERVICE_COMMANDS = [
  ['disable', 'no new parcel goes in; one that lies inside can be collected'],
  ['enable', 'back in service; after crossed wires, once they are put right'],
  ['trust', 'believe the sensor of its door again, once it is put right'],
] as const

const SERVICE_RESULTS = {
  disable: ' is out of service',
  enable: ' is in service',
  trust: ': the sensor of its door is believed again',
} as const

const showStatus: Work = async ({ socket, json }) => {
  const status = await callDaemon<DaemonStatus>(socket, { method: 'GET', path: '/v1/status' })
  const warnings = warningsOf(status)
  if (json) print([JSON.stringify({ ...status, warnings })])
  else {
    print(statusPage(status))
    for (const warning of warnings) say(warning)
  }
  return warnings.length > 0 ? EXIT.degraded : EXIT.ok
}

const showDoors: Work = async ({ socket, json }) => {
  const wall = await callDaemon<Wall>(socket, { method: 'GET', path: '/v1/doors' })
  print(json ? [JSON.stringify(wall)] : wallPicture(wall, styled))
  return EXIT.ok
}

const TOLD = {
  opened: 'is open',
  'already-open': 'stood open already',
  unproven: 'was told to open; nobody can see it, so go and look',
} as const

const open: Work = async ({ socket, json, reason }, locker) => {
  const result = await callDaemon<{
    result: 'opened' | 'unproven'
    openingId: number
    outcome: 'opened' | 'already-open'
  }>(socket, {
    method: 'POST',
    path: `/v1/lockers/${encodeURIComponent(locker)}/open`,
    body: { reason, ...technician() },
  })
  const told = TOLD[result.result === 'unproven' ? 'unproven' : result.outcome]
  const text = `Locker ${locker} ${told} (opening ${result.openingId}).`
  print([json ? JSON.stringify(result) : text])
  return result.result === 'opened' ? EXIT.ok : EXIT.degraded
}

const inspect: Work = async ({ socket, json, reason, found, parcels }, locker) => {
  const result = await callDaemon<object>(socket, {
    method: 'POST',
    path: `/v1/lockers/${encodeURIComponent(locker)}/inspect`,
    body: { reason, found, ...technician(), ...(parcels && { parcelIds: parcels }) },
  })
  print([json ? JSON.stringify(result) : `Locker ${locker}: noted as ${found}.`])
  return EXIT.ok
}

const explain: Work = async ({ socket, json }, name) => {
  const path = `/v1/explain?name=${encodeURIComponent(name)}`
  const explanation = await callDaemon<Explanation>(socket, { method: 'GET', path })
  print(json ? [JSON.stringify(explanation)] : explainPage(explanation))
  return EXIT.ok
}

const recall: Work = async ({ socket, json, reason, parcel }, locker) => {
  const result = await callDaemon<object>(socket, {
    method: 'POST',
    path: `/v1/lockers/${encodeURIComponent(locker)}/recall`,
    body: { reason, ...technician(), ...(parcel && { parcelId: parcel }) },
  })
  print([json ? JSON.stringify(result) : `Locker ${locker} awaits a courier.`])
  return EXIT.ok
}

function changeService(kind: (typeof SERVICE_COMMANDS)[number][0]): Work {
  return async ({ socket, json, reason }, locker) => {
    const result = await callDaemon<object>(socket, {
      method: 'POST',
      path: `/v1/lockers/${encodeURIComponent(locker)}/${kind}`,
      body: { reason, ...technician() },
    })
    print([json ? JSON.stringify(result) : `Locker ${locker}${SERVICE_RESULTS[kind]}.`])
    return EXIT.ok
  }
}

const reissuePin: Work = async ({ socket, json, reason }, locker) => {
  const result = await callDaemon<object>(socket, {
    method: 'POST',
    path: `/v1/lockers/${encodeURIComponent(locker)}/reissue-pin`,
    body: { reason, ...technician() },
  })
  const told = `Locker ${locker}: the old PIN is dead, central gets a new one for the recipient.`
  print([json ? JSON.stringify(result) : told])
  return EXIT.ok
}

const extendPin: Work = async ({ socket, json, reason, hours }, locker) => {
  const result = await callDaemon<object>(socket, {
    method: 'POST',
    path: `/v1/lockers/${encodeURIComponent(locker)}/extend-pin`,
    body: { reason, hours, ...technician() },
  })
  print([json ? JSON.stringify(result) : `Locker ${locker}: the PIN lives ${hours} hours longer.`])
  return EXIT.ok
}

function tell(
  { exit, code, message, hint, isTold }: Failure,
  { isJson }: { readonly isJson: boolean },
): ExitCode {
  if (isJson && isTold) return exit
  if (isJson) print([JSON.stringify({ apiVersion: 1, error: { code, message, hint } })])
  else {
    say(`${code}: ${message}`)
    if (hint !== null) say(hint)
  }
  return exit
}
