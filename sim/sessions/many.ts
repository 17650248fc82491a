// Seeds of many sessions in two processes at once, and what came of them all together.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { SessionsOutcome } from './run.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const PROCESSES = 2

/** @throws when a process fails as a whole */
export async function runMany({
  seed,
  count,
  onOutcome,
}: {
  readonly seed: number
  readonly count: number
  readonly onOutcome: (outcome: SessionsOutcome) => void
}): Promise<void> {
  const share = Math.ceil(count / PROCESSES)
  const parts = Array.from({ length: PROCESSES }, (_, at) => ({
    seed: seed + at * share,
    count: Math.min(share, count - at * share),
  }))
  await Promise.all(parts.filter((part) => part.count > 0).map((part) => runPart(part, onOutcome)))
}

async function runPart(
  { seed, count }: { readonly seed: number; readonly count: number },
  onOutcome: (outcome: SessionsOutcome) => void,
): Promise<void> {
  const args = [MAIN, '--seed', String(seed), '--count', String(count)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    seen += 1
    onOutcome(JSON.parse(line) as SessionsOutcome)
  }
  const code = await ended
  if (code !== 0 || seen !== count) throw new Error(`ended with ${code} after ${seen} of ${count}`)
}
