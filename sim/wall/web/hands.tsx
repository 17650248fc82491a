// What a person can do with the door that is chosen.
import { useEffect, useState } from 'preact/hooks'
import type { WallCommand, WallDoor } from '../host.ts'
import type { Ask } from './link.ts'
import { contentsText, say } from './say.ts'

interface HandsProps {
  readonly door: WallDoor | undefined
  readonly ask: Ask
}

export function Hands({ door, ask }: HandsProps) {
  const [objection, setObjection] = useState<string | null>(null)
  useEffect(() => setObjection(null), [door?.id, door?.door])
  const act = (command: WallCommand) => {
    void ask(command).then(setObjection)
  }
  return (
    <section class="panel hands">
      <h2>{door === undefined ? say('hands') : say('door', { id: door.id })}</h2>
      {door === undefined ? <p>{say('hands-none')}</p> : <Actions door={door} act={act} />}
      <p role="alert" class="objection">
        {objection}
      </p>
    </section>
  )
}

interface ActionsProps {
  readonly door: WallDoor
  readonly act: (command: WallCommand) => void
}

function Actions({ door, act }: ActionsProps) {
  const { id: lockerId, contents, isBlocked } = door
  const isOpen = door.door === 'open'
  const label = say('parcel')
  return (
    <>
      <p>
        {say(isOpen ? 'is-open' : 'is-closed')} {contentsText(contents.length)}.
      </p>
      {isBlocked && <p>{say('is-blocked')}</p>}
      <div class="actions">
        <button
          type="button"
          disabled={!isOpen}
          onClick={() => act({ kind: 'put-in', lockerId, label })}
        >
          {say('put-in')}
        </button>
        <button
          type="button"
          disabled={!isOpen || contents.length === 0}
          onClick={() => act({ kind: 'take-out', lockerId })}
        >
          {say('take-out')}
        </button>
        <button
          type="button"
          class="is-primary"
          disabled={!isOpen}
          onClick={() => act({ kind: 'close', lockerId })}
        >
          {say('close')}
        </button>
        <button
          type="button"
          onClick={() => act({ kind: isBlocked ? 'unblock' : 'block', lockerId })}
        >
          {say(isBlocked ? 'unblock' : 'block')}
        </button>
        <button
          type="button"
          disabled={isOpen}
          onClick={() => act({ kind: 'force-open', lockerId })}
        >
          {say('force-open')}
        </button>
      </div>
    </>
  )
}
