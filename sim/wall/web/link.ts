// The page's connection to the demo; made again for ever.
import type { WallRequest, WallServerMessage } from '../protocol.ts'

const RECONNECT_MS = 500

export type World = Extract<WallServerMessage, { kind: 'world' }>
/** Fulfilled with what the demo objects to, or null when it is done. */
export type Ask = (request: WallRequest) => Promise<string | null>

export interface WallLinkEvents {
  readonly onWorld: (world: World) => void
  readonly onLost: () => void
}

export function openWallLink(url: string, events: WallLinkEvents): Ask {
  const waiting = new Map<string, (reason: string | null) => void>()
  let socket: WebSocket | null = null

  const settle = (id: string, reason: string | null) => {
    waiting.get(id)?.(reason)
    waiting.delete(id)
  }

  const connect = () => {
    const own = new WebSocket(url)
    socket = own
    own.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as WallServerMessage
      if (message.kind === 'world') events.onWorld(message)
      else if (message.kind === 'done') settle(message.id, null)
      else if (message.kind === 'refused') settle(message.id, message.reason)
      else for (const id of waiting.keys()) settle(id, message.code)
    }
    own.onclose = () => {
      for (const id of waiting.keys()) settle(id, null)
      events.onLost()
      window.setTimeout(connect, RECONNECT_MS)
    }
  }

  connect()
  return (request) =>
    new Promise((resolve) => {
      if (socket?.readyState !== WebSocket.OPEN) return resolve(null)
      const id = crypto.randomUUID()
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, request }))
    })
}
