// A person's side of the touchscreen without a browser: sees whole views, sends wishes, and repeats
// one that was meant for an older view.
import { randomUUID } from 'node:crypto'
import type { ActionName, View } from '../../../src/kiosk/view.ts'
import type { ServerMessage } from '../../../src/screen/protocol.ts'

type Wish =
  | { readonly kind: 'press'; readonly action: ActionName; readonly value?: string }
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'scan'; readonly code: string }

export interface ScreenHost {
  readonly viewed: (view: View) => void
  /** Somebody asks the kiosk for something. */
  readonly asked: () => void
  readonly problem: (text: string) => void
}

export class ScreenClient {
  view: View | null = null
  readonly #host: ScreenHost
  readonly #socket: WebSocket
  readonly #sent = new Map<string, Wish>()

  constructor(url: string, host: ScreenHost) {
    this.#host = host
    const origin = new URL(url).origin
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}screen`, { headers: { origin } })
    this.#socket.onmessage = (event) => this.#hear(JSON.parse(String(event.data)) as ServerMessage)
  }

  press(action: ActionName, value?: string): void {
    this.#send({ kind: 'press', action, ...(value === undefined ? {} : { value }) })
  }

  type(digits: string): void {
    this.#send({ kind: 'digits', digits })
  }

  scan(code: string): void {
    this.#send({ kind: 'scan', code })
  }

  close(): void {
    this.#socket.close()
  }

  #send(wish: Wish): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const id = randomUUID()
    this.#sent.set(id, wish)
    this.#host.asked()
    this.#socket.send(JSON.stringify({ ...wish, id, rev: this.view?.rev ?? 0 }))
  }

  #hear(message: ServerMessage): void {
    if (message.kind === 'view') {
      this.view = message.view
      this.#host.viewed(message.view)
    }
    if (message.kind === 'error')
      this.#host.problem(`the screen refused a message: ${message.code}`)
    if (message.kind !== 'answer') return
    const wish = this.#sent.get(message.id)
    this.#sent.delete(message.id)
    if (wish === undefined || message.result === 'ok') return
    if (message.result === 'stale') this.#send(wish)
    else this.#host.problem(`the kiosk refused ${JSON.stringify(wish)}`)
  }
}
