// `latchkey-sim replay`: what `latchkey bus trace --record` has written happens again, as boards on
// a port or, without one, to the bus master itself. Ends with 1 where it goes another way.
import process from 'node:process'
import { traceLineOf } from '../../src/cli/bus-trace-line.ts'
import { exchangesOf, hasLines, type RecordedExchange } from './exchanges.ts'
import { type MasterDeparture, replayMaster } from './master.ts'
import { Player, type Verdict } from './player.ts'
import { type Happening, type Recording, RecordingError, readRecording } from './recording.ts'
import { type PlayOptions, type ReplayOptions, readReplayOptions, USAGE } from './replay-options.ts'

const EXIT = { ok: 0, departed: 1, usage: 2, interrupted: 130 } as const
/** Signs of life of a long one. */
const LINES_A_WORD = 50_000
const EXCHANGES_A_WORD = 500

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function replayAll(recording: Recording, { isShowing }: ReplayOptions): number {
  let exit: number = EXIT.ok
  for (const bus of recording.buses) {
    if (isShowing) for (const { entry } of bus.lines) show(entry)
    const result = replayMaster(bus, (lines) => {
      if (lines % LINES_A_WORD === 0) say(`bus ${bus.id}: ${lines} of ${bus.lines.length} lines`)
    })
    const { sent, received, reports, departure } = result
    const counts = `${sent} frames sent, ${received} received, ${reports.length} reports`
    if (departure === null) say(`bus ${bus.id}: ${counts}, all as recorded`)
    else {
      say(`bus ${bus.id}: ${counts} as recorded, and then it goes another way:`)
      for (const line of departureOf(departure)) say(line)
      exit = EXIT.departed
    }
  }
  return exit
}

function show(entry: Happening): void {
  const line = traceLineOf(entry, { isDecoded: true })
  if (line !== null) say(line)
}

function departureOf({ line, recorded, done }: MasterDeparture): readonly string[] {
  const words = (entry: Happening | null) =>
    entry === null ? 'nothing' : (traceLineOf(entry, { isDecoded: true }) ?? 'an alarm rings')
  return [`  recorded in line ${line}: ${words(recorded)}`, `  now: ${words(done)}`]
}

async function play(
  recording: Recording,
  { bus: id, port, isStrict, isShowing }: PlayOptions,
): Promise<number> {
  const [first, ...others] = recording.buses
  const bus = id === null ? first : recording.buses.find((each) => each.id === id)
  if (bus === undefined || (id === null && others.length > 0)) {
    const ids = recording.buses.map((each) => each.id).join(', ')
    throw new RecordingError(`name one of its buses with --bus: ${ids}`)
  }
  const startedMs = performance.now()
  const tell = (line: string) =>
    say(`${((performance.now() - startedMs) / 1_000).toFixed(3)} ${line}`)
  const exchanges = exchangesOf(bus)
  if (exchanges.length === 0) throw new RecordingError(`bus ${bus.id} was asked nothing`)
  for (const { id: board, dialect, address } of bus.start.config.boards) {
    tell(`board ${board} ${dialect} address ${address}`)
  }
  const passed = (exchange: RecordedExchange) => {
    if (isShowing) tell(`line ${exchange.line} ${wordsOf(exchange)}`)
    else if (player.position % EXCHANGES_A_WORD === 0) {
      tell(`${player.position} of ${exchanges.length} exchanges`)
    }
  }
  const player = new Player({ exchanges, port, isLine: hasLines(bus), isStrict, tell, passed })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void player.stop())
  await player.plugIn()
  const verdict = await player.verdict
  await player.stop()
  for (const line of verdictOf(verdict, `${player.position} of ${exchanges.length} exchanges`)) {
    tell(line)
  }
  return { played: EXIT.ok, departed: EXIT.departed, stopped: EXIT.interrupted }[verdict.kind]
}

function verdictOf(verdict: Verdict, count: string): readonly string[] {
  switch (verdict.kind) {
    case 'played':
      return [`played ${count}`]
    case 'stopped':
      return [`stopped after ${count}`]
    case 'departed': {
      const { expected, heard } = verdict
      const wanted = expected === null ? 'nothing more' : wordsOf(expected)
      const where = expected === null ? '' : ` in line ${expected.line}`
      return [
        `the host goes another way after ${count}`,
        `recorded${where}: ${wanted}`,
        `now: > ${hexOf(heard)}`,
      ]
    }
  }
}

function wordsOf({ request, reading }: RecordedExchange): string {
  const what =
    reading.kind === 'request'
      ? ` | ${reading.request} to ${reading.board}, ${reading.dialect}`
      : ''
  return `> ${hexOf(request)}${what}`
}

function hexOf(bytes: Buffer): string {
  return (bytes.toString('hex').toUpperCase().match(/../g) ?? []).join(' ')
}

async function main(): Promise<number> {
  let options: ReplayOptions
  try {
    options = readReplayOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    return EXIT.usage
  }
  if (options.isHelp) {
    process.stdout.write(USAGE)
    return EXIT.ok
  }
  const recording = readRecording(options.file)
  if (recording.isCutAt !== null) say(`the recording ends at ${recording.isCutAt}`)
  const { port } = options
  return port === null ? replayAll(recording, options) : play(recording, { ...options, port })
}

// `latchkey-sim replay FILE --show | head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  return error instanceof RecordingError ? EXIT.usage : EXIT.departed
})
