// The digits typed so far: the only thing that this page knows and the daemon does not. They live
// in one variable, never in the document, and are forgotten as soon as anything changes. An entry
// belongs to one hand: typing here ends what was begun at the kiosk's keypad, of which only the
// count is known here, and the other way round.
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Keypad } from './session.ts'

export interface Digits {
  readonly count: number
  readonly isSent: boolean
  readonly type: (digit: string) => void
  readonly deleteLast: () => void
}

export interface DigitsOptions {
  readonly digitsMax: number
  /** How long digits wait for the next one. */
  readonly lastsMs: number
  readonly mode: 'live' | 'waiting'
  readonly keypad: Keypad
  readonly send: (digits: string) => Promise<void>
  /** A person is typing: whoever counts idle time wants to know. */
  readonly onTyped: () => void
}

export function useDigits({ lastsMs, ...options }: DigitsOptions): Digits {
  const { digitsMax, mode, keypad, send, onTyped } = options
  const typed = useRef('')
  const [count, setCount] = useState(0)
  const [isSent, setIsSent] = useState(false)

  const put = useCallback((digits: string) => {
    typed.current = digits
    setCount(digits.length)
  }, [])

  const type = useCallback(
    (digit: string) => {
      if (mode === 'waiting' || typed.current.length >= digitsMax) return
      if (keypad.count >= digitsMax) return
      if (keypad.count > 0) keypad.forget()
      put(typed.current + digit)
      onTyped()
      if (typed.current.length < digitsMax) return
      setIsSent(true)
      void send(typed.current).then(() => {
        setIsSent(false)
        put('')
      })
    },
    [mode, digitsMax, keypad, send, onTyped, put],
  )

  const deleteLast = useCallback(() => {
    if (keypad.count > 0) keypad.forget()
    if (typed.current.length < digitsMax) put(typed.current.slice(0, -1))
  }, [digitsMax, keypad, put])

  useForgetting({ typed, count, lastsMs, mode, keypad, put })
  usePhysicalKeys(type, deleteLast)
  return {
    count: count > 0 ? count : keypad.count,
    isSent: isSent || keypad.count >= digitsMax,
    type,
    deleteLast,
  }
}

interface Forgetting extends Pick<DigitsOptions, 'lastsMs' | 'mode' | 'keypad'> {
  readonly typed: { current: string }
  readonly count: number
  readonly put: (digits: string) => void
}

/** Layout effects throughout: what forgets must be in place before a digit can be seen. */
function useForgetting({ typed, count, lastsMs, mode, keypad, put }: Forgetting): void {
  useLayoutEffect(
    () => () => {
      typed.current = ''
    },
    [typed],
  )

  useLayoutEffect(() => {
    const forget = () => {
      put('')
      keypad.forget()
    }
    document.addEventListener('visibilitychange', forget)
    return () => document.removeEventListener('visibilitychange', forget)
  }, [keypad, put])

  useLayoutEffect(() => {
    if (mode === 'waiting' || keypad.count > 0) put('')
  }, [mode, keypad.count, put])

  useLayoutEffect(() => {
    if (count === 0) return
    const timer = window.setTimeout(() => put(''), lastsMs)
    return () => window.clearTimeout(timer)
  }, [count, lastsMs, put])
}

function usePhysicalKeys(type: (digit: string) => void, deleteLast: () => void): void {
  useLayoutEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      if (/^[0-9]$/.test(event.key)) type(event.key)
      else if (event.key === 'Backspace') deleteLast()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', take)
    return () => window.removeEventListener('keydown', take)
  }, [type, deleteLast])
}
