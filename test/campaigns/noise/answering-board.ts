// A device among the noise that answers every question with the same doors.
import { decodeLine } from '../../../firmware-protocol/line.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { boardOf } from '../../../src/bus/board-options.ts'
import type { BoardRequest } from '../../../src/bus/dialects/dialect.ts'
import { dialectOf } from '../../../src/bus/dialects/dialects.ts'
import type { BoardReading } from '../../../src/kiosk/events.ts'
import { textOf } from '../../bus/dialects/replies.ts'
import { type Codes, helloReply, type Layout, outputsReply, soundReply } from './layouts.ts'

const HEARD_MAX = 512

export class AnsweringBoard {
  readonly #layout: Layout
  readonly #doors: string
  #heard = ''

  constructor(layout: Layout) {
    this.#layout = layout
    const { reply } = dialectOf(layout.dialect).decode(textOf(this.#state(1)), this.#open('state'))
    if (reply?.kind !== 'state') throw new Error(`${layout.dialect} does not know its own reply`)
    this.#doors = JSON.stringify(reply.doors)
  }

  isSent({ doors }: BoardReading): boolean {
    return JSON.stringify(doors) === this.#doors
  }

  /** @returns the replies to what the host has asked */
  hear(bytes: Buffer): readonly Buffer[] {
    this.#heard = (this.#heard + bytes.toString('latin1')).slice(-HEARD_MAX)
    const replies = this.#layout.dialect === 'latchkey-line' ? this.#lines() : this.#questions()
    return replies.map((codes) => Buffer.from([...codes]))
  }

  #lines(): readonly Codes[] {
    const lines = this.#heard.split('\n')
    this.#heard = lines.pop() ?? ''
    return lines.flatMap((text) => {
      const line = decodeLine(text)
      if (line === null) return []
      const reply = line.sequence === 0 ? helloReply(this.#layout) : this.#state(line.sequence)
      // Noise may stand before it on the same line.
      return [[LINE_FEED, ...reply, LINE_FEED]]
    })
  }

  #questions(): readonly Codes[] {
    const kinds = ['state', 'outputs'] as const
    const asked = kinds.filter(
      (kind) =>
        (kind === 'state' || this.#layout.dialect === 'modbus-rtu') &&
        this.#heard.endsWith(dialectOf(this.#layout.dialect).encode(this.#open(kind))),
    )
    return asked.map((kind) => (kind === 'state' ? this.#state(1) : outputsReply(this.#layout)))
  }

  #open(kind: Extract<BoardRequest['kind'], 'state' | 'outputs'>) {
    const board = boardOf(this.#layout.board)
    return { board, request: { kind }, sequence: 1, isEchoing: false } as const
  }

  #state(sequence: number): Codes {
    return soundReply(this.#layout, createRandom('the same doors'), sequence)
  }
}

const LINE_FEED = 0x0a
