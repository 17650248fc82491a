// What all screens about one door share: its number as large as it gets, where it is in words, and
// the wall with the door marked.
import type { ComponentChildren } from 'preact'
import type { ParcelLine, ScreenView } from '../../../kiosk/view.ts'
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { findDoor, planWall } from '../position.ts'
import { text } from '../text.ts'
import { positionText, WallMap } from '../wall.tsx'

export type ScreenOfKind<K extends ScreenView['kind']> = Extract<ScreenView, { kind: K }>

interface DoorLayoutProps extends Pick<ScreenProps, 'shown'> {
  readonly lockerId: string
  readonly title: string
  readonly children?: ComponentChildren
}

export function DoorLayout({ shown, lockerId, title, children }: DoorLayoutProps) {
  const door = findDoor(planWall(shown.hello.wall), lockerId)
  return (
    <div class="split">
      <section class="told">
        <Title>{title}</Title>
        <div class="plate-row">
          <p class="plate" aria-hidden="true">
            {lockerId}
          </p>
          {door !== undefined && <p class="position">{positionText(door)}</p>}
        </div>
        {children}
      </section>
      <div class="map">
        <WallMap hello={shown.hello} doors={shown.view.doors} lockerId={lockerId} />
      </div>
    </div>
  )
}

export function ParcelText({ parcel }: { readonly parcel: ParcelLine }) {
  const { recipient, size, tracking } = parcel
  return (
    <p class="parcel-text">
      {tracking === null
        ? text('parcel.line', { recipient, size })
        : text('parcel.line-tracking', { recipient, size, tracking })}
    </p>
  )
}

interface OpeningProps extends ScreenProps {
  readonly screen: ScreenOfKind<
    | 'pickup-opening'
    | 'deposit-opening'
    | 'check-opening'
    | 'retrieval-opening'
    | 'hand-in-opening'
    | 'audit-opening'
  >
}

export function Opening({ shown, press, screen }: OpeningProps) {
  const { lockerId, isRetry } = screen
  const isDeposit = screen.kind === 'deposit-opening'
  const canCancel = isDeposit || screen.kind === 'hand-in-opening'
  return (
    <Frame shown={shown} press={press} name="opening" {...(canCancel && { left: 'cancel' })}>
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text('opening.title', { locker: lockerId })}
      >
        {isDeposit && <ParcelText parcel={screen.parcel} />}
        <div role="status">
          {isRetry && (
            <>
              <p class="lead">{text('opening.retry')}</p>
              <p class="lead">{text('opening.press')}</p>
            </>
          )}
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface StuckProps extends ScreenProps {
  readonly screen: ScreenOfKind<
    | 'pickup-stuck'
    | 'deposit-stuck'
    | 'check-stuck'
    | 'retrieval-stuck'
    | 'hand-in-stuck'
    | 'audit-stuck'
  >
}

const LEFT: Partial<Record<ScreenView['kind'], 'cancel' | 'pause'>> = {
  'deposit-stuck': 'cancel',
  'audit-stuck': 'pause',
}

export function Stuck({ shown, press, screen }: StuckProps) {
  const { lockerId, isBlind, canSayOpen } = screen
  const isFirstHandIn = screen.kind === 'hand-in-stuck' && !screen.isReopened
  const left = isFirstHandIn ? 'cancel' : (LEFT[screen.kind] ?? 'back')
  const right: readonly 'help'[] = screen.kind === 'pickup-stuck' && !isBlind ? ['help'] : []
  const hasMore = screen.kind === 'pickup-stuck' && screen.left > 0
  const mine = hasMore ? 'stuck.pickup-more' : 'stuck.pickup'
  const staff = screen.kind === 'hand-in-stuck' ? 'stuck.hand-in' : 'stuck.courier'
  const said = screen.kind === 'pickup-stuck' ? mine : staff
  const title = text(isBlind ? 'unseen.title' : 'stuck.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="stuck" left={left} right={right}>
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        {screen.kind === 'deposit-stuck' && <ParcelText parcel={screen.parcel} />}
        <p class="lead">{text(isBlind ? 'unseen.ask' : said)}</p>
        <div class="buttons">
          {canSayOpen && isBlind && (
            <ActionButton action="said-open" press={press} look="primary" />
          )}
          <ActionButton action="retry" press={press} look={isBlind ? 'plain' : 'primary'} />
          {canSayOpen && !isBlind && <ActionButton action="said-open" press={press} look="plain" />}
          {screen.kind === 'retrieval-stuck' && (
            <ActionButton action="skip" press={press} look="plain" label={text('retrieval.skip')} />
          )}
          {screen.kind === 'audit-stuck' && (
            <ActionButton action="skip" press={press} look="plain" label={text('audit.skip')} />
          )}
          {hasMore && <ActionButton action="skip" press={press} look="plain" />}
        </div>
      </DoorLayout>
    </Frame>
  )
}
