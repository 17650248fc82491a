// The far end of a port, whichever connection is the newest: writes when there is room, and gives
// up what a connection that has ended would have taken.
import type { Duplex, Readable, Writable } from 'node:stream'

export class LineEnd {
  readonly #answer: (bytes: Buffer) => readonly Buffer[]
  #to: Writable | null = null
  #news = Promise.withResolvers<void>()

  constructor(answer: (bytes: Buffer) => readonly Buffer[]) {
    this.#answer = answer
  }

  attach(from: Readable, to: Writable): void {
    this.#to = to
    from.on('data', (bytes: Buffer) => {
      for (const reply of this.#answer(bytes)) if (to.writable) to.write(reply)
    })
    to.on('drain', () => this.#tell())
    to.on('close', () => {
      if (this.#to === to) this.#to = null
      this.#tell()
    })
    this.#tell()
  }

  async write(bytes: Buffer): Promise<void> {
    while (this.#to === null) await this.#news.promise
    const to = this.#to
    to.write(bytes)
    while (this.#to === to && to.writableNeedDrain) await this.#news.promise
  }

  end(): void {
    const to = this.#to as Duplex | null
    to?.destroy()
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers<void>()
  }
}
