// The wall on the left, the hands in front of it, the paper trail on the right.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { WallDoor } from '../host.ts'
import { Hands } from './hands.tsx'
import type { Ask, World } from './link.ts'
import { Announce, Couriers, Letters, WhatToTry } from './panels.tsx'
import { say } from './say.ts'
import { WallOfDoors } from './wall.tsx'

interface AppProps {
  readonly world: World | null
  readonly ask: Ask
}

export function App({ world, ask }: AppProps) {
  if (world === null) {
    return (
      <main class="lost">
        <h1>{say('title')}</h1>
        <p>{say('lost')}</p>
      </main>
    )
  }
  return <WorldPage world={world} ask={ask} />
}

function WorldPage({ world, ask }: { readonly world: World; readonly ask: Ask }) {
  const { wall, letters, couriers, recipients } = world
  const doors = wall.columns.flatMap(({ lockers }) => lockers)
  const [chosenId, setChosenId] = useChosenDoor(doors)
  return (
    <>
      <header class="head">
        <div>
          <h1>{say('title')}</h1>
          <p>{say('lead')}</p>
        </div>
        <a class="screen-link" href={wall.screenUrl} target="_blank" rel="noopener">
          {say('screen')} · {wall.siteName} · {wall.kioskId}
        </a>
      </header>
      <main class="columns">
        <div class="stack">
          <WallOfDoors wall={wall} chosenId={chosenId} onChoose={setChosenId} />
          <WhatToTry />
        </div>
        <div class="stack">
          <Hands door={doors.find(({ id }) => id === chosenId)} ask={ask} />
          <Couriers couriers={couriers} />
        </div>
        <div class="stack">
          <Letters letters={letters} />
          <Announce recipients={recipients} sizes={wall.sizes} ask={ask} />
        </div>
      </main>
    </>
  )
}

/** A door that opens is the one that a person looks at. */
function useChosenDoor(doors: readonly WallDoor[]) {
  const chosen = useState<string | null>(null)
  const [, setChosenId] = chosen
  const open = doors.filter(({ door }) => door === 'open').map(({ id }) => id)
  const before = useRef<readonly string[]>([])
  const openKey = open.join(' ')
  useEffect(() => {
    const opened = open.find((id) => !before.current.includes(id))
    before.current = open
    if (opened !== undefined) setChosenId(opened)
  }, [openKey])
  return chosen
}
