// The technician's program as a real process.
import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const STARTER = fileURLToPath(new URL('../../src/cli/latchkey.mjs', import.meta.url))

export interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

/** @param watch is given the process, to end it early */
export function latchkey(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  watch: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [STARTER, ...args], {
    env: { PATH: process.env['PATH'], USER: 'eve', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  watch(child)
  return new Promise((settle) => child.on('close', (exit) => settle({ exit, out, err })))
}
