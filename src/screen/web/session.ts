// What the page holds: the newest view, and the promises of intents that wait for their answer. No
// rules here: the daemon decides, the page shows.
import type { ActionName, View } from '../../kiosk/view.ts'
import type { Hello, IntentMessage, ServerMessage } from '../protocol.ts'
import { type Link, openLink } from './link.ts'

/** After this long without an answer a person may type again. */
const ANSWER_MAX_MS = 4_000

export interface Shown {
  readonly hello: Hello
  readonly view: View
  /** When the view came, by `performance.now()`: its durations run from here. */
  readonly atMs: number
}

export type Press = (action: ActionName, value?: string) => void

export interface Session {
  readonly press: Press
  readonly scan: (code: string) => void
  /** Fulfilled when the daemon has answered, or will not. */
  readonly sendDigits: (digits: string) => Promise<void>
}

type Body =
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'press'; readonly action: ActionName; readonly value?: string }
  | { readonly kind: 'scan'; readonly code: string }

/** @param onChange gets null when the screen is out of service */
export function startSession(url: string, onChange: (shown: Shown | null) => void): Session {
  const waiting = new Map<string, () => void>()
  let hello: Hello | null = null
  let view: View | null = null

  const forget = () => {
    for (const settle of waiting.values()) settle()
    waiting.clear()
  }

  const take = (message: ServerMessage) => {
    switch (message.kind) {
      case 'hello':
        hello = message
        return
      case 'view':
        view = message.view
        if (hello !== null) onChange({ hello, view, atMs: performance.now() })
        return
      case 'answer':
      case 'error':
        if (message.id === null) forget()
        else waiting.get(message.id)?.()
        return
      case 'pong':
        return
    }
  }

  const link: Link = openLink(url, {
    onMessage: take,
    onBroken: forget,
    onLost: () => {
      view = null
      onChange(null)
    },
  })

  const ask = (body: Body): Promise<void> =>
    new Promise((resolve) => {
      if (view === null) return resolve()
      const id = crypto.randomUUID()
      const settle = () => {
        window.clearTimeout(timer)
        waiting.delete(id)
        resolve()
      }
      const timer = window.setTimeout(settle, ANSWER_MAX_MS)
      waiting.set(id, settle)
      const message: IntentMessage = { ...body, id, rev: view.rev }
      if (!link.send(message)) settle()
    })

  return {
    press: (action, value) => {
      void ask({ kind: 'press', action, ...(value !== undefined && { value }) })
    },
    scan: (code) => {
      void ask({ kind: 'scan', code })
    },
    sendDigits: (digits) => ask({ kind: 'digits', digits }),
  }
}
