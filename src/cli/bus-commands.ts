// `latchkey bus …`: what happens on the lines to the boards.
import process from 'node:process'
import { type Command, Option } from 'commander'
import { type Buses, busPage, busWarningsOf } from './bus-page.ts'
import { asScan } from './bus-scan.ts'
import { showTrace, type TraceFlags } from './bus-trace.ts'
import { callDaemon, defaultSocket } from './client.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { print, say } from './terminal.ts'

interface Flags {
  readonly socket: string
  readonly json?: true
}

export function addBusCommands(program: Command, end: (code: ExitCode) => void): void {
  const bus = program.command('bus').description('look at the lines to the boards')
  common(bus.command('stats'))
    .description('frames, failures, reply times and poll cycles of every board')
    .action(async (flags: Flags) => end(await showStats(flags)))
  common(bus.command('trace'))
    .description('every frame on the lines while it passes, until Ctrl-C')
    .option('--bus <id>', 'this bus alone')
    .option('--seconds <n>', 'end after so long; an hour at the most')
    .option('--decode', 'say what is read in each frame')
    .option('--record <file>', 'also write it to a new file, a JSON object a line')
    .action(async (flags: TraceFlags) => end(await showTrace(flags)))
  asScan(common(bus.command('scan')), end)
}

function common(command: Command): Command {
  const socket = new Option('--socket <path>', 'the daemon’s control socket')
  return command
    .option('--json', 'write JSON, for programs')
    .addOption(socket.default(defaultSocket(process.env)))
}

async function showStats({ socket, json }: Flags): Promise<ExitCode> {
  const buses = await callDaemon<Buses>(socket, { method: 'GET', path: '/v1/buses' })
  const warnings = busWarningsOf(buses)
  if (json) print([JSON.stringify({ ...buses, warnings })])
  else {
    print(busPage(buses))
    for (const warning of warnings) say(warning)
  }
  return warnings.length > 0 ? EXIT.degraded : EXIT.ok
}
