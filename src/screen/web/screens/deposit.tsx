// A courier's door is open; the door's sensor moves these screens on.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import { useWedge } from '../wedge.ts'
import { DoorLayout, ParcelText, type ScreenOfKind } from './door.tsx'

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-open'>
  readonly scan: Session['scan']
}

export function DepositOpen({ shown, press, screen, scan }: OpenProps) {
  useWedge(scan)
  const { lockerId, parcel, isLong, canSayShut, next } = screen
  return (
    <Frame shown={shown} press={press} name="open" left="cancel">
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text(isLong ? 'deposit-open.long' : 'deposit-open.title', { locker: lockerId })}
      >
        {!canSayShut && <ParcelText parcel={parcel} />}
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {text(next === null ? 'deposit-open.put' : 'deposit-open.next')}
        </p>
        <div class="buttons">
          {canSayShut ? (
            <ActionButton action="said-shut" press={press} look="plain" />
          ) : (
            <>
              <ActionButton action="bigger" press={press} look="plain" />
              <ActionButton action="smaller" press={press} look="plain" />
            </>
          )}
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-question'>
}

/** No sensor tells whether the parcel lies behind a shut door. */
export function DepositQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, parcel, looksEmpty } = screen
  const of = (key: 'ask' | 'inside' | 'not-inside') =>
    text(`${looksEmpty ? 'deposit-empty' : 'deposit-question'}.${key}`, { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="question">
      <Title>{text('deposit-question.title', { locker: lockerId })}</Title>
      <ParcelText parcel={parcel} />
      <p class="lead">{of('ask')}</p>
      <div class="answers">
        <ActionButton action="found-parcel" press={press} look="primary" label={of('inside')} />
        <ActionButton action="found-empty" press={press} look="primary" label={of('not-inside')} />
        {looksEmpty && (
          <ActionButton
            action="retry"
            press={press}
            look="plain"
            label={text('action.check-again', { locker: lockerId })}
          />
        )}
      </div>
    </Frame>
  )
}

interface FinishingProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-finishing'>
}

export function DepositFinishing({ shown, press, screen }: FinishingProps) {
  return (
    <Frame shown={shown} press={press} name="finishing">
      <Title>{text('deposit-finishing.title')}</Title>
      <p class="lead">{text('deposit-finishing.hint', { locker: screen.lockerId })}</p>
    </Frame>
  )
}
