// The page's start: everything after it follows from the daemon's views.
import { render } from 'preact'
import { App } from './app.tsx'
import { type Session, type Shown, startSession } from './session.ts'
import './style.css'
import './screens.css'
import './audit.css'
import './ease.css'
import { presentLanguage, speak } from './text.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('The page has no #app.')

/** Until sentences that could not be had are asked for again. */
const AGAIN_MS = 1_000

let newest: Shown | null = null

const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/screen`
const session: Session = startSession(url, (shown) => {
  newest = shown
  follow()
})

function follow(): void {
  const wanted = newest?.view.preferences.language
  const language = newest?.hello.languages.find(({ code }) => code === wanted)
  if (language === undefined || wanted === presentLanguage()) return draw()
  void speak(language).then(draw, () => {
    // The page goes on in the language it has; without any it cannot.
    if (presentLanguage() === null) window.setTimeout(follow, AGAIN_MS)
    else draw()
  })
}

function draw(): void {
  const { documentElement } = document
  const { isLarge = false, isContrast = false } = newest?.view.preferences ?? {}
  documentElement.classList.toggle('is-large', isLarge)
  documentElement.classList.toggle('is-contrast', isContrast)
  const language = presentLanguage()
  const isReady = newest !== null && language !== null
  const app = isReady ? <App key={language} shown={newest as Shown} session={session} /> : null
  // The out-of-service text is part of the document; the style sheet shows one or the other.
  documentElement.dataset['link'] = app === null ? 'lost' : 'up'
  render(app, root as HTMLElement)
}
