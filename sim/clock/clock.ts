// A wall clock that a test moves under a running process.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileShim } from '../shim.ts'

const SOURCE = fileURLToPath(new URL('clock.c', import.meta.url))

export class MovedClock {
  /** For the environment of the process whose clock this is. */
  readonly env: Readonly<Record<string, string>>
  readonly #file: string

  /** @param file which is made, and says by how much the clock is wrong */
  constructor(file: string) {
    this.#file = file
    writeFileSync(file, Buffer.alloc(8))
    this.env = { LD_PRELOAD: compileShim(SOURCE), LATCHKEY_CLOCK_FILE: file }
  }

  /** @param wrongMs from now on; behind the true time when it is negative */
  move(wrongMs: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(wrongMs))
    writeFileSync(this.#file, bytes, { flag: 'r+' })
  }
}
