// `latchkey bus trace`: the frames on the lines while they pass, for eyes, for programs, or into a
// file.
import { closeSync, openSync, writeSync } from 'node:fs'
import process from 'node:process'
import type { TraceEntry } from '../bus/trace.ts'
import { traceLineOf } from './bus-trace-line.ts'
import { followDaemon } from './client.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { say } from './terminal.ts'

export interface TraceFlags {
  readonly socket: string
  readonly json?: true
  readonly bus?: string
  readonly seconds?: string
  readonly decode?: true
  readonly record?: string
}

/** Each line of the stream is one of these. */
type TraceLine =
  | { readonly format: string; readonly buses: readonly string[] }
  | TraceEntry
  /** So many frames were left out because they were not read fast enough. */
  | { readonly gap: number }
  | { readonly end: 'time' | 'stopping' }

const FILE_MODE = 0o600

export async function showTrace(flags: TraceFlags): Promise<ExitCode> {
  const { bus, seconds, record } = flags
  const query = new URLSearchParams({ ...(bus && { bus }), ...(seconds && { seconds }) })
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  // `latchkey bus trace | head` has seen enough.
  process.stdout.once('error', interrupt)
  const file = record === undefined ? null : openRecord(record)
  let end: 'time' | 'stopping' | null = null
  try {
    await followDaemon(flags.socket, {
      path: `/v1/buses/trace?${query}`,
      signal: stop.signal,
      take: async (text) => {
        const line = JSON.parse(text) as TraceLine
        if (file !== null) writeSync(file, `${text}\n`)
        if ('end' in line) end = line.end
        await show(line, text, flags)
      },
    })
  } finally {
    process.off('SIGINT', interrupt)
    if (file !== null) closeSync(file)
  }
  if (stop.signal.aborted) return EXIT.interrupted
  if (end === 'time') return EXIT.ok
  throw new Failure({
    exit: EXIT.unreachable,
    code: 'LK-CTL-04',
    message: 'The daemon ended the trace because it stops.',
  })
}

/** A record is evidence: none is written over. */
function openRecord(path: string): number {
  try {
    return openSync(path, 'wx', FILE_MODE)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Failure({
      exit: EXIT.failed,
      code: 'LK-CTL-08',
      message: `The record ${path} cannot be written (${code}).`,
      hint: code === 'EEXIST' ? 'It is there already; name another file.' : null,
    })
  }
}

async function show(line: TraceLine, text: string, { json, decode }: TraceFlags): Promise<void> {
  if (json) return write(text)
  if ('gap' in line) say(`${line.gap} frames were left out: they were not read fast enough.`)
  if (!('bus' in line)) return
  const shown = traceLineOf(line, { isDecoded: decode === true })
  if (shown !== null) await write(shown)
}

/** A slow reader holds the stream up, and the daemon leaves frames out. */
async function write(text: string): Promise<void> {
  if (process.stdout.write(`${text}\n`)) return
  await new Promise<void>((settle) => {
    process.stdout.once('drain', settle)
    process.stdout.once('close', settle)
    process.stdout.once('error', () => settle())
  })
}
