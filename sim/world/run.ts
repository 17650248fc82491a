// Starts the world under the disk shim, in a process of its own, and reads what came of each seed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { diskEnv } from '../disk/build.ts'
import type { Faults } from './faults.ts'
import type { Outcome } from './outcome.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
/**
 * Memory instead of a disk where there is one: the shim, not the device, decides what is durable.
 */
const MEMORY = '/dev/shm'

export interface WorldRun {
  readonly seed: number
  readonly count: number
  readonly mutant?: string
  /** In place of what each seed draws. */
  readonly faults?: Partial<Faults>
  readonly onOutcome?: (outcome: Outcome) => void
  /** Lines of the trace, when they are wanted. */
  readonly onTrace?: (line: string) => void
  /** Ends it early, with what there is. */
  readonly signal?: AbortSignal
}

/** @throws when the process fails as a whole */
export async function runWorld(run: WorldRun): Promise<readonly Outcome[]> {
  const parent = existsSync(MEMORY) ? MEMORY : tmpdir()
  const folder = mkdtempSync(join(parent, 'latchkey-world-'))
  const args = ['--seed', String(run.seed), '--count', String(run.count)]
  if (run.mutant !== undefined) args.push('--mutant', run.mutant)
  for (const [name, value] of Object.entries(run.faults ?? {}))
    args.push('--fault', `${name}=${value}`)
  if (run.onTrace !== undefined) args.push('--trace')
  const env = { ...process.env, ...diskEnv({ folder, shadow: 'twins' }) }
  const child = spawn(process.execPath, [MAIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = () => child.kill('SIGKILL')
  run.signal?.addEventListener('abort', stop)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const outcomes: Outcome[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) {
      run.onTrace?.(line)
      continue
    }
    const outcome = JSON.parse(line) as Outcome
    outcomes.push(outcome)
    run.onOutcome?.(outcome)
  }
  const code = await ended
  rmSync(folder, { recursive: true, force: true })
  if (run.signal?.aborted === true) return outcomes
  if (code !== 0 || outcomes.length !== run.count) {
    throw new Error(`the world ended with ${code} after ${outcomes.length} of ${run.count} seeds`)
  }
  return outcomes
}
