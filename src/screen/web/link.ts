// The page's one connection to the daemon. It is made again for ever; the page is told when it was
// gone for so long that a person must know.
import type { ClientMessage, ServerMessage } from '../protocol.ts'

const RECONNECT_MIN_MS = 100
const RECONNECT_MAX_MS = 2_000
/** A connection gone for longer than this is shown as out of service. */
const LOST_MS = 2_000
const PING_MS = 2_000
/** A daemon that has been silent for so long is not there, whatever the socket says. */
const SILENCE_MAX_MS = 10_000

export interface LinkEvents {
  readonly onMessage: (message: ServerMessage) => void
  /** The connection broke; it may be back before anybody notices. */
  readonly onBroken: () => void
  readonly onLost: () => void
}

export interface Link {
  /** @returns false when there is no connection: nothing was sent, and nothing is kept for later */
  send(message: ClientMessage): boolean
}

export function openLink(url: string, events: LinkEvents): Link {
  let socket: WebSocket | null = null
  let delayMs = RECONNECT_MIN_MS
  let lostTimer: number | undefined
  let heardAtMs = performance.now()

  const startLosing = () => {
    lostTimer ??= window.setTimeout(events.onLost, LOST_MS)
  }

  const connect = () => {
    const own = new WebSocket(url)
    socket = own
    own.onmessage = (event: MessageEvent<string>) => {
      if (socket !== own) return
      heardAtMs = performance.now()
      const message = JSON.parse(event.data) as ServerMessage
      if (message.kind === 'view') {
        window.clearTimeout(lostTimer)
        lostTimer = undefined
        delayMs = RECONNECT_MIN_MS
      }
      events.onMessage(message)
    }
    own.onopen = () => {
      heardAtMs = performance.now()
    }
    own.onclose = () => {
      if (socket === own) breakOff()
    }
  }

  const breakOff = () => {
    socket = null
    events.onBroken()
    startLosing()
    window.setTimeout(connect, delayMs)
    delayMs = Math.min(delayMs * 2, RECONNECT_MAX_MS)
  }

  const send = (message: ClientMessage): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(message))
    return true
  }

  window.setInterval(() => {
    if (socket === null || send({ kind: 'ping' }) === false) return
    if (performance.now() - heardAtMs < SILENCE_MAX_MS) return
    // A dead peer would keep `close` waiting, so this socket is given up at once.
    const dead = socket
    breakOff()
    dead.close()
  }, PING_MS)

  startLosing()
  connect()
  return { send }
}
