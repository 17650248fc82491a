// Lets only whole lines through, and only those that are not over-long. It stands in front of the
// line parser, which has no limit of its own: without it, noise without a line feed grows for ever
// and blocks the process, and half a line at the end is handed on as a line.
import { Transform, type TransformCallback } from 'node:stream'

const LINE_FEED = 0x0a
const NOTHING = Buffer.alloc(0)

export class LineGuard extends Transform {
  readonly #lengthMax: number
  #held: Buffer = NOTHING
  #isSkipping = false

  /** @param lengthMax bytes of a line, its line feed included */
  constructor(lengthMax: number) {
    super()
    this.#lengthMax = lengthMax
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let start = 0
    for (
      let end = chunk.indexOf(LINE_FEED);
      end >= 0;
      start = end + 1, end = chunk.indexOf(LINE_FEED, start)
    ) {
      this.#take(chunk.subarray(start, end + 1))
      if (!this.#isSkipping) this.push(this.#held)
      this.#held = NOTHING
      this.#isSkipping = false
    }
    this.#take(chunk.subarray(start))
    done()
  }

  /** What waits for its line feed at the end was never a line. */
  override _flush(done: TransformCallback): void {
    this.#held = NOTHING
    done()
  }

  #take(bytes: Buffer): void {
    if (this.#held.length + bytes.length > this.#lengthMax) this.#isSkipping = true
    // A copy: a view would keep the port's whole read pool in memory.
    this.#held = this.#isSkipping ? NOTHING : Buffer.concat([this.#held, bytes])
  }
}
