// A scanner that is plugged in as a keyboard types the code and ends it with Enter. The code is
// framed by that Enter and not by timing: a slow scanner loses nothing, and its Enter presses no
// button.
import { useLayoutEffect } from 'preact/hooks'

const CODE_LENGTH_MAX = 64

export function useWedge(onScan: (code: string) => void): void {
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
      if (event.key === 'Escape') code = ''
      if (!/^[ -~]$/.test(event.key) || (event.key === ' ' && code === '')) return
      event.preventDefault()
      // One more than allowed marks a code as too long; the rest is not kept.
      if (code.length <= CODE_LENGTH_MAX) code += event.key
    }
    window.addEventListener('keydown', take, { capture: true })
    return () => window.removeEventListener('keydown', take, { capture: true })
  }, [onScan])
}
