// A board on a bench, without a wire: bytes in, bytes and coils out.
import type {
  BoardEvent,
  BoardModel,
  BoardOutput,
  DoorPosition,
} from '../../../sim/boards/board.ts'

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase().match(/../g)?.join(' ') ?? ''
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

/**
 * `+3 500` on for 500 ms, `+3` on without an end, `-3` off, `*3` its lamp, or a frame in
 * hexadecimal.
 */
function written(output: BoardOutput): string {
  if (output.kind === 'bytes') return hex(output.bytes)
  if (output.kind === 'output-off') return `-${output.channel}`
  if (output.kind === 'lamp-flashed') return `*${output.channel}`
  return output.ms === null ? `+${output.channel}` : `+${output.channel} ${output.ms}`
}

export function bench(model: BoardModel<unknown>) {
  let state = model.create(0)
  let nowMs = 0
  const tell = (event: BoardEvent): readonly BoardOutput[] => {
    const step = model.step(state, event, nowMs)
    state = step.state
    return step.outputs
  }
  /** Everything that comes until then, each with its time: `400 02 00 …`. */
  const pass = (ms: number): readonly string[] => {
    const untilMs = nowMs + ms
    const heard: string[] = []
    for (let wakeMs = model.nextWake(state); ; wakeMs = model.nextWake(state)) {
      if (wakeMs === null || wakeMs > untilMs) break
      nowMs = wakeMs
      heard.push(...tell({ kind: 'time-passed' }).map((out) => `${nowMs}: ${written(out)}`))
    }
    nowMs = untilMs
    return heard
  }
  return {
    pass,
    /** What comes at once. */
    hear: (text: string) => tell({ kind: 'bytes-received', bytes: bytesOf(text) }).map(written),
    /** What comes within a time that is long enough for every answer, without the times. */
    ask(text: string, withinMs = 250): readonly string[] {
      const atOnce = tell({ kind: 'bytes-received', bytes: bytesOf(text) }).map(written)
      return [...atOnce, ...pass(withinMs).map((line) => line.replace(/^[0-9.]+: /, ''))]
    },
    door: (channel: number, door: DoorPosition) =>
      tell({ kind: 'door-moved', channel, door }).map(written),
    put: (channel: number) =>
      tell({ kind: 'contents-moved', channel, contents: 'present' }).map(written),
    powerCycle: () => tell({ kind: 'power-cycled' }).map(written),
  }
}

export const allOpen = (channels: number) => Array<DoorPosition>(channels).fill('open')
