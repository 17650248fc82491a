// Compiles what is preloaded into a real process, to play its disk or its clock.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join, parse } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const CACHE = fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url))
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC']

export interface Compiler {
  readonly compiler?: string
}

/** @returns the path of the shared object, compiled when it is missing or older than its source */
export function compileShim(path: string, { compiler = 'gcc' }: Compiler = {}): string {
  const source = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
  const target = join(CACHE, `${parse(path).name}-${process.arch}-${source}.so`)
  if (existsSync(target)) return target
  mkdirSync(CACHE, { recursive: true })
  // Two test files may build at once: each writes its own file, and the rename is one step.
  const draft = `${target}.${process.pid}`
  const { error, status, stderr } = spawnSync(compiler, [...FLAGS, '-o', draft, path, '-ldl'], {
    encoding: 'utf8',
  })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new Error(`${compiler} is missing; type: apt-get install gcc libc6-dev`)
  }
  if (status !== 0) {
    throw new Error(`${compiler} could not build ${path} (needs libc6-dev):\n${stderr}`)
  }
  renameSync(draft, target)
  return target
}
