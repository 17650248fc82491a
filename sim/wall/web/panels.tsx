// Mailbox, couriers, announcements, and ideas.
import { useState } from 'preact/hooks'
import type { SizeConfig } from '../../../src/kiosk/config.ts'
import type { DemoCourier, Letter } from '../host.ts'
import type { Ask } from './link.ts'
import { say } from './say.ts'

const TRACKING_LENGTH = 10
const IDEAS = ['try-1', 'try-2', 'try-3', 'try-4', 'try-5', 'try-6', 'try-7'] as const

export function Letters({ letters }: { readonly letters: readonly Letter[] }) {
  return (
    <section class="panel letters">
      <h2>{say('letters')}</h2>
      {letters.length === 0 && <p>{say('letters-none')}</p>}
      <ol aria-live="polite">
        {letters.map((letter) => (
          <li key={letter.id} class="letter">
            <p>
              {say('letter', { recipient: letter.recipient })} <Shown text={letter.text} />
            </p>
            <time dateTime={new Date(letter.atWallMs).toISOString()}>
              {new Date(letter.atWallMs).toLocaleTimeString('en-GB')}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** The letter as central wrote it; what has to be typed stands out. */
function Shown({ text }: { readonly text: string }) {
  const [before, digits, after] = text.split(/(\d{6,})/)
  if (digits === undefined) return <>{text}</>
  return (
    <>
      {before}
      <strong class="secret">{digits}</strong>
      {after}
    </>
  )
}

export function Couriers({ couriers }: { readonly couriers: readonly DemoCourier[] }) {
  return (
    <section class="panel">
      <h2>{say('couriers')}</h2>
      <dl class="couriers">
        {couriers.map(({ label, accessCode }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {say('couriers-code')} <strong class="secret">{accessCode}</strong>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

export function WhatToTry() {
  return (
    <section class="panel">
      <h2>{say('try')}</h2>
      <ol class="ideas">
        {IDEAS.map((key) => (
          <li key={key}>{say(key)}</li>
        ))}
      </ol>
    </section>
  )
}

interface AnnounceProps {
  readonly recipients: readonly { readonly id: string; readonly label: string }[]
  readonly sizes: readonly SizeConfig[]
  readonly ask: Ask
}

export function Announce({ recipients, sizes, ask }: AnnounceProps) {
  const [said, setSaid] = useState('')
  const announce = (form: HTMLFormElement) => {
    const data = new FormData(form)
    const tracking = newTracking()
    const recipientId = String(data.get('recipient'))
    const way = data.get('way') === 'return' ? 'return' : 'deposit'
    const size = String(data.get('size'))
    void ask({ kind: 'announce', way, recipientId, size, tracking }).then((objection) =>
      setSaid(objection ?? say('announce-done', { tracking })),
    )
  }
  return (
    <section class="panel">
      <h2>{say('announce')}</h2>
      <form
        class="announce"
        onSubmit={(event) => {
          event.preventDefault()
          announce(event.currentTarget)
        }}
      >
        <label>
          {say('announce-way')}
          <select name="way">
            <option value="deposit">{say('announce-deposit')}</option>
            <option value="return">{say('announce-return')}</option>
          </select>
        </label>
        <label>
          {say('announce-recipient')}
          <select name="recipient">
            {recipients.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say('announce-size')}
          <select name="size">
            {sizes.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="is-primary">
          {say('announce-button')}
        </button>
      </form>
      <p role="status">{said}</p>
    </section>
  )
}

function newTracking(): string {
  const digits = crypto.getRandomValues(new Uint8Array(TRACKING_LENGTH))
  return `LK${[...digits].map((value) => value % 10).join('')}`
}
