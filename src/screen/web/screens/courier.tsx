// What a courier sees before a door opens: the sign-in, the list, and parcels that nobody
// announced.
import { useCallback } from 'preact/hooks'
import type { ListPage } from '../../../kiosk/view.ts'
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { NextIcon, PreviousIcon } from '../icons.tsx'
import { usePad } from '../pad.tsx'
import type { Press, Session } from '../session.ts'
import { countText, text } from '../text.ts'
import { useWedge } from '../wedge.ts'
import type { ScreenOfKind } from './door.tsx'
import { SizeCards } from './sizes.tsx'

interface CodeProps extends ScreenProps {
  readonly screen: ScreenOfKind<'courier-code'>
  readonly sendDigits: Session['sendDigits']
  readonly scan: Session['scan']
}

export function CourierCode({ shown, press, screen, sendDigits, scan }: CodeProps) {
  useWedge(scan, 'letter')
  const { digits, waitMs } = screen
  const stay = useCallback(() => press('stay'), [press])
  const pad = usePad({ shown, digits, waitMs, stay, send: sendDigits })
  return (
    <Frame shown={shown} press={press} name="courier-code" left="back">
      <div class="split">
        <section class="told">
          <Title>{text('courier-code.title')}</Title>
          <p class="lead">{text('courier-code.hint', { digits })}</p>
          {pad.dots}
        </section>
        {pad.keys}
      </div>
    </Frame>
  )
}

type MenuView = ScreenOfKind<'courier-menu'>

interface MenuProps extends ScreenProps {
  readonly screen: MenuView
  readonly scan: Session['scan']
}

export function CourierMenu({ shown, press, screen, scan }: MenuProps) {
  useWedge(scan)
  const { courier, parcels, list, depositedCount } = screen
  return (
    <Frame shown={shown} press={press} name="menu" right={['sign-out']}>
      <div class="menu-columns">
        <section class="menu-main">
          <div class="title-row">
            <Title>{text('menu.title', { courier })}</Title>
            <Pager list={list} press={press} />
          </div>
          <p class="lead">{parcels.length === 0 ? text('menu.none') : text('menu.hint')}</p>
          <ul class="cards" aria-label={text('menu.parcels')}>
            {parcels.map(({ parcelId, recipient, tracking, size }) => (
              <li key={parcelId}>
                <button type="button" class="card" onClick={() => press('deposit', parcelId)}>
                  <strong>{recipient}</strong>
                  <span class="card-line">
                    <span class="tracking">{tracking}</span>
                    <span class="chip">
                      <span class="visually-hidden">{text('menu.size')} </span>
                      {size}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
        <MenuSide screen={screen} press={press} />
      </div>
      <p class="visually-hidden" role="status">
        {countText('menu.deposited', depositedCount)}
      </p>
    </Frame>
  )
}

function MenuSide({ screen, press }: { readonly screen: MenuView; readonly press: Press }) {
  const { free, checks, depositedCount, retrievals, last } = screen
  return (
    <aside class="menu-side">
      <p class="count">{countText('menu.deposited', depositedCount)}</p>
      <h2>{text('menu.free')}</h2>
      <ul class="free">
        {free.map((each) => (
          <li key={each.size} class={each.free === 0 ? 'is-none' : ''}>
            <span>{each.size}</span> <strong>{each.free}</strong>
          </li>
        ))}
      </ul>
      {checks.length > 0 && (
        <>
          <h2>{text('menu.checks')}</h2>
          <div class="checks">
            {checks.map((lockerId) => (
              <ActionButton
                key={lockerId}
                action="check"
                press={press}
                look="plain"
                value={lockerId}
                label={text('menu.check', { locker: lockerId })}
              />
            ))}
          </div>
        </>
      )}
      {(retrievals > 0 || last !== null) && (
        <div class="checks">
          {retrievals > 0 && (
            <ActionButton
              action="retrieve"
              press={press}
              look="plain"
              label={text('menu.retrieve', { count: retrievals })}
            />
          )}
          {last !== null && (
            <ActionButton
              action="reopen"
              press={press}
              look="plain"
              label={text('menu.reopen', { locker: last })}
            />
          )}
        </div>
      )}
      <ActionButton action="walk-in" press={press} look="primary" />
    </aside>
  )
}

export function Pager({ list, press }: { readonly list: ListPage; readonly press: Press }) {
  const { page, pages } = list
  if (pages <= 1) return null
  return (
    <div class="pager">
      <button
        type="button"
        class="button is-plain"
        aria-label={text('action.previous')}
        disabled={page === 0}
        onClick={() => press('page', String(page - 1))}
      >
        <PreviousIcon />
      </button>
      <span>{text('menu.page', { page: page + 1, pages })}</span>
      <button
        type="button"
        class="button is-plain"
        aria-label={text('action.next')}
        disabled={page >= pages - 1}
        onClick={() => press('page', String(page + 1))}
      >
        <NextIcon />
      </button>
    </div>
  )
}

interface RecipientProps extends ScreenProps {
  readonly screen: ScreenOfKind<'walk-in-recipient'>
}

export function WalkInRecipient({ shown, press, screen }: RecipientProps) {
  const { recipients, list } = screen
  return (
    <Frame shown={shown} press={press} name="recipients" left="back">
      <div class="title-row">
        <Title>{text('recipient.title')}</Title>
        <Pager list={list} press={press} />
      </div>
      {recipients.length === 0 && <p class="lead">{text('recipient.none')}</p>}
      <ul class="cards">
        {recipients.map(({ id, label }) => (
          <li key={id}>
            <button type="button" class="card" onClick={() => press('recipient', id)}>
              <strong>{label}</strong>
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  )
}

interface SizeProps extends ScreenProps {
  readonly screen: ScreenOfKind<'walk-in-size'>
}

export function WalkInSize({ shown, press, screen }: SizeProps) {
  const { recipient, sizes } = screen
  return (
    <Frame shown={shown} press={press} name="sizes" left="back">
      <Title>{text('size.title')}</Title>
      <p class="lead">{text('size.for', { recipient })}</p>
      <SizeCards sizes={sizes} press={press} />
    </Frame>
  )
}
