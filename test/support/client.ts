// A WebSocket client that keeps what it hears, for tests that speak to a page's server directly.
import { once } from 'node:events'

export interface Client<Message> {
  readonly messages: Message[]
  send(message: unknown): void
  sendText(text: string): void
  /** The first message, heard already or still to come, that fits. */
  next(fits: (message: Message) => boolean): Promise<Message>
  readonly closed: Promise<number>
  close(): void
}

export function connect<Message>(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Client<Message> {
  const origin = new URL(url).origin
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { origin, ...headers } })
  const messages: Message[] = []
  const heard = new EventTarget()
  const opened = new Promise<void>((resolve) => {
    socket.onopen = () => resolve()
  })
  socket.onmessage = (event) => {
    messages.push(JSON.parse(String(event.data)) as Message)
    heard.dispatchEvent(new Event('message'))
  }
  const closed = new Promise<number>((resolve) => {
    socket.onclose = (event) => resolve(event.code)
  })
  const sendText = (text: string) => {
    void opened.then(() => socket.send(text))
  }
  return {
    messages,
    sendText,
    send: (message) => sendText(JSON.stringify(message)),
    next: async (fits) => {
      for (;;) {
        const found = messages.find(fits)
        if (found !== undefined) return found
        await once(heard, 'message')
      }
    },
    closed,
    close: () => socket.close(),
  }
}
