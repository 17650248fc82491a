// Compiles disk.c once and tells how to preload it into a child process.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('disk.c', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/latchkey', import.meta.url))
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC']

export interface DiskHabits {
  /** Only regular files below this folder are watched; it has to exist. */
  readonly folder: string
  readonly delayMs?: number
  /** Gets one byte for every fsync and fdatasync. */
  readonly countFile?: string
  /** The number of the fsync that fails with EIO, counted from 1. */
  readonly failAt?: number
  /** `twins`: keep `F.durable` beside every file F, for {@link restoreDurable} of power-cut.ts. */
  readonly shadow?: 'twins'
}

/** @returns what to add to the environment of a process that shall run on such a disk */
export function diskEnv(habits: DiskHabits): Record<string, string> {
  const { folder, delayMs, countFile, failAt, shadow } = habits
  return {
    LD_PRELOAD: buildDisk(),
    LATCHKEY_DISK_DIR: folder,
    ...(delayMs !== undefined && { LATCHKEY_DISK_DELAY_MS: String(delayMs) }),
    ...(countFile !== undefined && { LATCHKEY_DISK_COUNT: countFile }),
    ...(failAt !== undefined && { LATCHKEY_DISK_FAIL_AT: String(failAt) }),
    ...(shadow === 'twins' && { LATCHKEY_DISK_SHADOW: '1' }),
  }
}

/** @returns the path of the shared object, compiled when it is missing or older than its source */
export function buildDisk({ compiler = 'gcc' }: { readonly compiler?: string } = {}): string {
  const source = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16)
  const target = join(CACHE, `disk-${process.arch}-${source}.so`)
  if (existsSync(target)) return target
  mkdirSync(CACHE, { recursive: true })
  // Two test files may build at once: each writes its own file, and the rename is one step.
  const draft = `${target}.${process.pid}`
  const { error, status, stderr } = spawnSync(compiler, [...FLAGS, '-o', draft, SOURCE, '-ldl'], {
    encoding: 'utf8',
  })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new Error(`${compiler} is missing; type: apt-get install gcc libc6-dev`)
  }
  if (status !== 0) {
    throw new Error(`${compiler} could not build ${SOURCE} (needs libc6-dev):\n${stderr}`)
  }
  renameSync(draft, target)
  return target
}
