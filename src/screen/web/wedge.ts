// A scanner that is plugged in as a keyboard types the code and ends it with Enter. The code is
// framed by that Enter and not by timing: a slow scanner loses nothing, and its Enter presses no
// button.
import { useLayoutEffect } from 'preact/hooks'

const CODE_LENGTH_MAX = 64

/** @param first `letter`: beside a PIN pad; a badge begins with a letter, typed digits do not */
export function useWedge(onScan: (code: string) => void, first: 'any' | 'letter' = 'any'): void {
  useLayoutEffect(() => {
    let code = ''
    const take = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      if (event.key === 'Enter') {
        // With nothing collected Enter is a person's, on the button that has the focus.
        if (code === '') return
        event.preventDefault()
        event.stopPropagation()
        if (code.length <= CODE_LENGTH_MAX) onScan(code)
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
      if (code.length <= CODE_LENGTH_MAX) code += event.key
    }
    window.addEventListener('keydown', take, { capture: true })
    return () => window.removeEventListener('keydown', take, { capture: true })
  }, [onScan, first])
}
