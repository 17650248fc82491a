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

let newest: Shown | null = null

const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/screen`
const session: Session = startSession(url, (shown) => {
  newest = shown
  const wanted = shown?.view.preferences.language
  const language = shown?.hello.languages.find(({ code }) => code === wanted)
  if (language === undefined || wanted === presentLanguage()) return draw()
  // Without the sentences of that language the page goes on in the one it has.
  void speak(language)
    .catch(() => {})
    .then(draw)
})

function draw(): void {
  const { documentElement } = document
  // The out-of-service text is part of the document; the style sheet shows one or the other.
  documentElement.dataset['link'] = newest === null ? 'lost' : 'up'
  const { isLarge = false, isContrast = false } = newest?.view.preferences ?? {}
  documentElement.classList.toggle('is-large', isLarge)
  documentElement.classList.toggle('is-contrast', isContrast)
  const language = presentLanguage()
  const app = newest === null ? null : <App key={language} shown={newest} session={session} />
  render(app, root as HTMLElement)
}
