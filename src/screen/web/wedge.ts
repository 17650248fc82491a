// A scanner that is plugged in as a keyboard types the code and ends it with Enter. The code is
// framed by that Enter and not by timing: a slow scanner loses nothing, and its Enter presses no
// button.
import { useLayoutEffect } from 'preact/hooks'
import { SCAN_SENT_CHARS_MAX } from '../protocol.ts'

/** A scanner types much faster; a code that does not go on was none, or had no Enter at its end. */
const FORGET_MS = 3_000

/** @param first `letter`: beside a PIN pad; a badge begins with a letter, typed digits do not */
export function useWedge(onScan: (code: string) => void, first: 'any' | 'letter' = 'any'): void {
  useLayoutEffect(() => {
    let code = ''
    let lastAtMs = 0
    const take = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      if (event.timeStamp - lastAtMs > FORGET_MS) code = ''
      lastAtMs = event.timeStamp
      if (event.key === 'Enter') {
        // With nothing collected Enter is a person's, on the button that has the focus.
        if (code === '') return
        event.preventDefault()
        event.stopPropagation()
        if (code.length <= SCAN_SENT_CHARS_MAX) onScan(code)
        code = ''
        return
      }
      if (event.key === 'Escape' || event.key === 'Backspace') code = ''
      if (!/^[ -~]$/.test(event.key) || (event.key === ' ' && code === '')) return
      if (first === 'letter') {
        if (code === '' && !/^[A-Za-z]$/.test(event.key)) return
        // The digits of a badge are not for the pad.
        event.stopImmediatePropagation()
      }
      event.preventDefault()
      // One more than allowed marks a code as too long; the rest is not kept.
      if (code.length <= SCAN_SENT_CHARS_MAX) code += event.key
    }
    window.addEventListener('keydown', take, { capture: true })
    return () => window.removeEventListener('keydown', take, { capture: true })
  }, [onScan, first])
}
