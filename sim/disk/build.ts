// Tells how to preload disk.c into a child process.
import { fileURLToPath } from 'node:url'
import { type Compiler, compileShim } from '../shim.ts'

const SOURCE = fileURLToPath(new URL('disk.c', import.meta.url))

export interface DiskHabits {
  /** Only regular files below this folder are watched; it has to exist. */
  readonly folder: string
  readonly delayMs?: number
  /** Gets one byte for every fsync and fdatasync. */
  readonly countFile?: string
  /** The number of the fsync that fails with EIO, counted from 1. */
  readonly failAt?: number
  /** While there is such a file, there is no room on the disk. */
  readonly fullFile?: string
  /** `twins`: keep `F.durable` beside every file F, for {@link restoreDurable} of power-cut.ts. */
  readonly shadow?: 'twins'
}

/** @returns what to add to the environment of a process that shall run on such a disk */
export function diskEnv(habits: DiskHabits): Record<string, string> {
  const { folder, delayMs, countFile, failAt, fullFile, shadow } = habits
  return {
    LD_PRELOAD: buildDisk(),
    LATCHKEY_DISK_DIR: folder,
    ...(delayMs !== undefined && { LATCHKEY_DISK_DELAY_MS: String(delayMs) }),
    ...(countFile !== undefined && { LATCHKEY_DISK_COUNT: countFile }),
    ...(failAt !== undefined && { LATCHKEY_DISK_FAIL_AT: String(failAt) }),
    ...(fullFile !== undefined && { LATCHKEY_DISK_FULL: fullFile }),
    ...(shadow === 'twins' && { LATCHKEY_DISK_SHADOW: '1' }),
  }
}

/** @returns the path of the shared object */
export function buildDisk(options: Compiler = {}): string {
  return compileShim(SOURCE, options)
}
