// The foreign board (waveshare.py) as a process, and the cabinet behind it: a relay that goes on
// lets a spring push its door, and the board's inputs see every door.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Compartment } from '../../sim/cabinet.ts'
import type { LiveWall } from '../../sim/live/wall.ts'
import { until } from '../support/until.ts'

/** Debian's own, which sees Debian's packages; another python3 on the path does not. */
const PYTHON = '/usr/bin/python3'
const PROGRAM = join(import.meta.dirname, 'waveshare.py')
const SPRING_MS = 60

export class Waveshare {
  /** All that the board has said, in order. */
  readonly lines: string[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #errors: string[] = []
  readonly #gone: Promise<unknown>
  #relayWentOn: (channel: number) => void = () => {}

  constructor() {
    const child = spawn(PYTHON, ['-W', 'ignore', PROGRAM])
    this.#child = child
    this.#gone = once(child, 'close')
    // A board that has gone hears nothing; whoever waits for it is told by its silence.
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line)
      const channel = /^relay (\d+) on$/.exec(line)?.[1]
      if (channel !== undefined) this.#relayWentOn(Number(channel))
    })
    createInterface({ input: child.stderr }).on('line', (line) => this.#errors.push(line))
  }

  /** @returns the path of the serial port at which the board hangs */
  async port(): Promise<string> {
    const said = () => this.lines.find((line) => line.startsWith('port '))
    await until('the board is plugged in', () => {
      if (this.#child.exitCode === null) return said() !== undefined
      throw new Error(`waveshare.py ended:\n${this.#errors.join('\n')}`)
    })
    return said()?.slice('port '.length) ?? ''
  }

  /** @returns what the board has said that fits, since the line with this number */
  said(pattern: RegExp, since = 0): readonly string[] {
    return this.lines.slice(since).filter((line) => pattern.test(line))
  }

  /** Joins relays and inputs to the locks and doors of this board's lockers. */
  wire(wall: LiveWall, boardId: string): void {
    const { cabinet } = wall
    const known = new Map<Compartment, Compartment['door']>()
    wall.onChange(() => {
      for (const each of cabinet.compartments.values()) {
        if (each.locker.boardId !== boardId || each.door === (known.get(each) ?? 'closed')) continue
        known.set(each, each.door)
        const verb = each.door === 'open' ? 'open' : 'close'
        this.#child.stdin.write(`${verb} ${each.locker.channel}\n`)
      }
    })
    this.#relayWentOn = (channel) => {
      const compartment = cabinet.on(boardId, channel)
      if (compartment === undefined) return
      compartment.pulses += 1
      setTimeout(() => cabinet.spring(compartment), SPRING_MS)
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin.end()
    await this.#gone
  }
}
