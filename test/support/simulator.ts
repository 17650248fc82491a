// `latchkey-sim` as a real process.
import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Ended } from './latchkey.ts'
import { until } from './until.ts'

const STARTER = fileURLToPath(new URL('../../sim/latchkey-sim.mjs', import.meta.url))
const WAIT_MS = 20_000

export class Simulator {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  readonly lines: string[] = []
  err = ''
  #seen = 0

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [STARTER, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line))
    child.stderr.on('data', (chunk) => {
      this.err += chunk
    })
    this.exit = new Promise((settle) => child.on('close', settle))
  }

  /** Runs to its end. */
  static async run(args: readonly string[]): Promise<Ended> {
    const simulator = new Simulator(args)
    const exit = await simulator.exit
    const out = simulator.lines.map((line) => `${line}\n`).join('')
    return { exit, out, err: simulator.err }
  }

  /** @returns the next line that holds the text */
  async until(text: string): Promise<string> {
    const find = () => this.lines.findIndex((line, at) => at >= this.#seen && line.includes(text))
    await until(`the line "${text}" of ${this.lines.join('; ')}`, () => find() >= 0, WAIT_MS)
    const at = find()
    this.#seen = at + 1
    return this.lines[at] ?? ''
  }
}
