// The PIN pad: 1-2-3 on top, dots instead of digits, sent at the last digit. It answers to a touch
// at once, whatever the daemon is doing.
import { useCallback, useRef } from 'preact/hooks'
import { typedLastsMs } from '../protocol.ts'
import { secondsOf, useRemaining } from './countdown.ts'
import { useDigits } from './digits.ts'
import { DeleteIcon } from './icons.tsx'
import type { Shown } from './session.ts'
import { countText, text } from './text.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
/** Typing counts as a sign of life, but not every key needs telling. */
const STAY_EVERY_MS = 4_000

interface PadProps {
  readonly shown: Shown
  readonly digits: number
  readonly waitMs: number
  readonly stay: () => void
  readonly send: (digits: string) => Promise<void>
}

export function usePad({ shown, digits, waitMs, stay, send }: PadProps) {
  const leftMs = useRemaining(shown.atMs, waitMs)
  const stayedAtMs = useRef(performance.now())
  const hasIdle = shown.view.idle !== null
  const onTyped = useCallback(() => {
    if (!hasIdle || performance.now() - stayedAtMs.current < STAY_EVERY_MS) return
    stayedAtMs.current = performance.now()
    stay()
  }, [hasIdle, stay])
  const mode = leftMs > 0 ? 'waiting' : 'live'
  const { keypad } = shown
  const lastsMs = typedLastsMs(shown.view)
  const typed = useDigits({ digitsMax: digits, lastsMs, mode, keypad, send, onTyped })
  return {
    dots: <Dots count={typed.count} digits={digits} state={stateText(typed.isSent, leftMs)} />,
    keys: <Keys mode={mode} type={typed.type} deleteLast={typed.deleteLast} />,
  }
}

function stateText(isSent: boolean, leftMs: number): string | null {
  if (leftMs > 0) return countText('pad.wait', secondsOf(leftMs))
  return isSent ? text('pad.sent') : null
}

interface DotsProps {
  readonly count: number
  readonly digits: number
  readonly state: string | null
}

function Dots({ count, digits, state }: DotsProps) {
  const counted = count === 0 ? text('pad.empty') : text('pad.count', { count, digits })
  return (
    <div class="dots-box">
      <div class="dots" aria-hidden="true">
        {Array.from({ length: digits }, (_, index) => (
          <span key={index} class={index < count ? 'dot is-typed' : 'dot'} />
        ))}
      </div>
      <p class={state === null ? 'visually-hidden' : 'dots-text'}>{state ?? counted}</p>
    </div>
  )
}

interface KeysProps {
  readonly mode: 'live' | 'waiting'
  readonly type: (digit: string) => void
  readonly deleteLast: () => void
}

function Keys({ mode, type, deleteLast }: KeysProps) {
  const isWaiting = mode === 'waiting'
  const key = (digit: string) => (
    <button key={digit} type="button" class="key" disabled={isWaiting} onClick={() => type(digit)}>
      {digit}
    </button>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form.
    <div class="keys" role="group" aria-label={text('pad.label')}>
      {KEYS.map(key)}
      <span />
      {key('0')}
      <button
        type="button"
        class="key key-delete"
        disabled={isWaiting}
        aria-label={text('pad.delete')}
        onClick={deleteLast}
      >
        <DeleteIcon />
      </button>
    </div>
  )
}
