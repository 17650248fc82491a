// A courier's door is open; the door's sensor moves these screens on.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import type { Session } from '../session.ts'
import { countText, text } from '../text.ts'
import { useWedge } from '../wedge.ts'
import { DoorLayout, ParcelText, type ScreenOfKind } from './door.tsx'

interface OfferProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-offer'>
}

/** The recipient has parcels here: the courier knows whether another one finds room. */
export function DepositOffer({ shown, press, screen }: OfferProps) {
  const { lockerId, parcel, inside } = screen
  return (
    <Frame shown={shown} press={press} name="question" left="back">
      <Title>{text('deposit-offer.title', { locker: lockerId })}</Title>
      <ParcelText parcel={parcel} />
      <p class="lead">{countText('deposit-offer.inside', inside, { locker: lockerId })}</p>
      <div class="answers">
        <ActionButton
          action="together"
          press={press}
          look="primary"
          label={text('deposit-offer.together', { locker: lockerId })}
        />
        <ActionButton action="apart" press={press} look="plain" />
      </div>
    </Frame>
  )
}

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-open'>
  readonly scan: Session['scan']
}

export function DepositOpen({ shown, press, screen, scan }: OpenProps) {
  useWedge(scan)
  const { lockerId, parcel, withParcels, isLong, canSayShut } = screen
  const count = 1 + withParcels.length
  return (
    <Frame shown={shown} press={press} name="open" left="cancel">
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text(isLong ? 'deposit-open.long' : 'deposit-open.title', { locker: lockerId })}
      >
        {!canSayShut && count === 1 && <ParcelText parcel={parcel} />}
        {!canSayShut && count > 1 && (
          <p class="parcel-text">
            {text('deposit-open.count', { count, recipient: parcel.recipient })}
          </p>
        )}
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {text(`deposit-open.${whatNext(screen)}`)}
        </p>
        <div class="buttons">
          {canSayShut ? (
            <ActionButton action="said-shut" press={press} look="plain" />
          ) : (
            openActions(screen).map((action) => (
              <ActionButton
                key={action}
                action={action}
                press={press}
                look={action === 'together' ? 'primary' : 'plain'}
              />
            ))
          )}
        </div>
      </DoorLayout>
    </Frame>
  )
}

function whatNext({ canAdd, next, withParcels }: OpenProps['screen']) {
  if (canAdd) return 'add'
  if (next !== null) return 'next'
  return withParcels.length > 0 ? 'put-all' : 'put'
}

/** No more than two: there is room for no third one. */
function openActions({ canAdd, canPart, canResize }: OpenProps['screen']) {
  const actions = [
    ...(canAdd ? (['together'] as const) : []),
    ...(canPart ? (['apart'] as const) : []),
    ...(canResize ? (['bigger', 'smaller'] as const) : []),
  ]
  return actions.slice(0, 2)
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-question'>
}

/** No sensor tells whether the parcel lies behind a shut door. */
export function DepositQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, parcel, looksEmpty } = screen
  const of = (key: 'ask' | 'inside' | 'not-inside') =>
    text(looksEmpty ? `deposit-empty.${key}` : `deposit-question.${key}`, { locker: lockerId })
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
