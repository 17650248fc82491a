// The start of the simulated wall's page.
import { render } from 'preact'
import { App } from './app.tsx'
import { openWallLink, type World } from './link.ts'
import './wall.css'

const root = document.getElementById('app')
if (root === null) throw new Error('The page has no #app.')

const ask = openWallLink(`ws://${location.host}/wall`, {
  onWorld: (world: World) => draw(world),
  onLost: () => draw(null),
})

function draw(world: World | null): void {
  if (root !== null) render(<App world={world} ask={ask} />, root)
}

draw(null)
