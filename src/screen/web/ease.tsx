// How a person likes the screen: one touch each, in words that nobody needs to have found before.
import type { Ease } from '../../kiosk/preferences.ts'
import type { ScreenProps } from './frame.tsx'
import { ContrastIcon, LargeIcon, SlowIcon } from './icons.tsx'
import { text } from './text.ts'

const EASES = [
  ['large', <LargeIcon />],
  ['contrast', <ContrastIcon />],
  ['slow', <SlowIcon />],
] as const

export function LanguageStrip({ shown, press }: ScreenProps) {
  const { languages } = shown.hello
  if (languages.length < 2) return null
  return (
    <nav class="languages" aria-label={text('action.language')}>
      {languages.map(({ code, name, direction }) => (
        <button
          key={code}
          type="button"
          class="button is-small"
          lang={code}
          dir={direction}
          aria-pressed={shown.view.preferences.language === code}
          onClick={() => press('language', code)}
        >
          {name}
        </button>
      ))}
    </nav>
  )
}

export function EaseStrip({ shown, press }: ScreenProps) {
  const { isLarge, isContrast, isSlow } = shown.view.preferences
  const isOn: Readonly<Record<Ease, boolean>> = {
    large: isLarge,
    contrast: isContrast,
    slow: isSlow,
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form.
    <div class="eases" role="group" aria-label={text('ease.title')}>
      {EASES.map(([ease, icon]) => (
        <button
          key={ease}
          type="button"
          class="button is-small is-tall"
          aria-pressed={isOn[ease]}
          onClick={() => press('ease', ease)}
        >
          {icon}
          <span>{text(`ease.${ease}`)}</span>
        </button>
      ))}
    </div>
  )
}
