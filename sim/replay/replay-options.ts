// What `latchkey-sim replay` is told on its command line.
import { parseArgs } from 'node:util'
import { type LivePort, readPort } from '../boards/live-port.ts'

export interface ReplayOptions {
  readonly file: string
  /** Null: the master alone, in no time. */
  readonly port: LivePort | null
  readonly bus: string | null
  readonly isStrict: boolean
  readonly isShowing: boolean
  readonly isHelp: boolean
}

export interface PlayOptions extends ReplayOptions {
  readonly port: LivePort
}

export const USAGE = `usage: latchkey-sim replay FILE [--pty PATH | --tcp PORT] [option …]

FILE was written by: latchkey bus trace --record FILE

Without a port, the bus master is told what it was told then, and has to read, send and report the
same again. With a port, the boards of then answer whoever drives them there.

  --pty PATH   a pseudoterminal of this name
  --tcp PORT   a gateway on the loopback interface; 0: any free port
  --bus ID     which bus to play, when the recording has several
  --strict     every question as it was then; without it, only the orders have to be
  --show       print what happens

Ends with 0 when all was as recorded, 1 when it went another way, 2 when the recording or the
command is no good, 130 when it was stopped.
`

/** @throws Error with a sentence for the person who has typed it */
export function readReplayOptions(args: readonly string[]): ReplayOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pty: { type: 'string' },
      tcp: { type: 'string' },
      bus: { type: 'string' },
      strict: { type: 'boolean', default: false },
      show: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { pty, tcp, bus = null, strict, show, help } = values
  const [file = '', ...more] = positionals
  if (!help && (file === '' || more.length > 0)) throw new Error('name one file')
  const port = pty === undefined && tcp === undefined ? null : readPort({ pty, tcp })
  if (port === null && (strict || bus !== null)) throw new Error('--strict and --bus need a port')
  return { file, port, bus, isStrict: strict, isShowing: show, isHelp: help }
}
