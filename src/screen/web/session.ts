// What the page holds: the newest view, and the promises of intents that wait for their answer. No
// rules here: the daemon decides, the page shows.
import type { ActionName, View } from '../../kiosk/view.ts'
import type { Hello, IntentMessage, ServerMessage } from '../protocol.ts'
import { moveByKey } from './keys.ts'
import { type Link, openLink } from './link.ts'

/** After this long without an answer a person may type again. */
const ANSWER_MAX_MS = 4_000

export interface Shown {
  readonly hello: Hello
  readonly view: View
  /** When the view came, by `performance.now()`: its durations run from here. */
  readonly atMs: number
  readonly keypad: Keypad
}

/** The kiosk's own keypad: its digits stay in the daemon. */
export interface Keypad {
  /** How many digits have been typed there. */
  readonly count: number
  /** Somebody types here instead. */
  readonly forget: () => void
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

/** Intents that wait for their answer. */
function openQuestions() {
  const waiting = new Map<string, () => void>()
  return {
    /** @param send false: there is no connection, and nothing was sent */
    ask: (id: string, send: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const settle = () => {
          window.clearTimeout(timer)
          waiting.delete(id)
          resolve()
        }
        const timer = window.setTimeout(settle, ANSWER_MAX_MS)
        waiting.set(id, settle)
        if (!send()) settle()
      }),
    /** @param id null: no answer will come to any of them */
    settle: (id: string | null) => {
      if (id !== null) return waiting.get(id)?.()
      for (const settle of waiting.values()) settle()
      waiting.clear()
    },
  }
}

/** @param onChange gets null when the screen is out of service */
export function startSession(url: string, onChange: (shown: Shown | null) => void): Session {
  const questions = openQuestions()
  let hello: Hello | null = null
  let viewed: { readonly view: View; readonly atMs: number } | null = null
  let typedCount = 0
  /** Under which a key of the keypad presses; null: it is a finger. */
  let keyId: string | null = null

  const forgetTyped = () => {
    link.send({ kind: 'forget' })
  }

  const show = () => {
    if (hello === null || viewed === null) return
    onChange({ hello, ...viewed, keypad: { count: typedCount, forget: forgetTyped } })
  }

  const take = (message: ServerMessage) => {
    switch (message.kind) {
      case 'hello':
        hello = message
        // A daemon at whose keypad something was typed says so after its view.
        typedCount = 0
        return
      case 'view':
        viewed = { view: message.view, atMs: performance.now() }
        return show()
      case 'typed':
        typedCount = message.count
        return show()
      case 'key':
        keyId = message.id
        moveByKey(message.key)
        keyId = null
        return
      case 'answer':
      case 'error':
        return questions.settle(message.id)
      case 'pong':
        return
    }
  }

  const link: Link = openLink(url, {
    onMessage: take,
    onBroken: () => questions.settle(null),
    onLost: () => {
      viewed = null
      onChange(null)
    },
  })

  const ask = (body: Body): Promise<void> => {
    if (viewed === null) return Promise.resolve()
    const id = keyId ?? crypto.randomUUID()
    const message: IntentMessage = { ...body, id, rev: viewed.view.rev }
    return questions.ask(id, () => link.send(message))
  }

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
