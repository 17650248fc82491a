// The page's start: everything after it follows from the daemon's views.
import { render } from 'preact'
import { App } from './app.tsx'
import { type Session, type Shown, startSession } from './session.ts'
import './style.css'
import './screens.css'
import './audit.css'

const root = document.getElementById('app')
if (root === null) throw new Error('The page has no #app.')

const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/screen`
const session: Session = startSession(url, (shown: Shown | null) => {
  // The out-of-service text is part of the document; the style sheet shows one or the other.
  document.documentElement.dataset['link'] = shown === null ? 'lost' : 'up'
  render(shown === null ? null : <App shown={shown} session={session} />, root)
})
