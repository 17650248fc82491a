// "Are you still there?": shown in the last part of an idle time, as often as needed, with one
// answer.
import { useLayoutEffect, useRef } from 'preact/hooks'
import { secondsOf, useIsOver, useRemaining } from './countdown.ts'
import type { Press, Shown } from './session.ts'
import { countText, text } from './text.ts'

export function useIdleWarning(shown: Shown): boolean {
  const { idle } = shown.view
  const isDue = useIsOver(shown.atMs, idle?.warnInMs ?? 0)
  return idle !== null && isDue
}

export function IdleWarning({ shown, press }: { readonly shown: Shown; readonly press: Press }) {
  const leftMs = useRemaining(shown.atMs, shown.view.idle?.endInMs ?? 0)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    heading.current?.focus()
    return () => {
      // The screen behind is still inert at this moment; it can take the focus only afterwards.
      queueMicrotask(() => {
        const isKept = before instanceof HTMLElement && before.matches('#app button')
        const target = isKept && before.isConnected ? before : document.querySelector('#app h1')
        if (target instanceof HTMLElement) target.focus()
      })
    }
  }, [])
  return (
    <div class="idle" role="alertdialog" aria-modal="true" aria-labelledby="idle-title">
      <div class="idle-box">
        <h2 id="idle-title" ref={heading} tabIndex={-1}>
          {text('idle.title')}
        </h2>
        <p role="timer" aria-live="off">
          {countText('idle.count', secondsOf(leftMs))}
        </p>
        <button type="button" class="button is-primary" onClick={() => press('stay')}>
          {text('action.stay')}
        </button>
      </div>
    </div>
  )
}
