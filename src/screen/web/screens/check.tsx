// Looking into a locker that is not proven empty, and taking a parcel out again after a
// cancellation.
import type { ParcelLine } from '../../../kiosk/view.ts'
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { text } from '../text.ts'
import { DoorLayout, type ScreenOfKind } from './door.tsx'

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'check-open'>
}

export function CheckOpen({ shown, press, screen }: OpenProps) {
  const { lockerId } = screen
  const title = text('check-open.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead">{text('check-open.look')}</p>
      </DoorLayout>
    </Frame>
  )
}

const REASONS = ['too-big', 'damaged', 'bank-full', 'wrong-address', 'refused'] as const

interface CancelProps extends ScreenProps {
  readonly screen: ScreenOfKind<'cancel-open'>
}

export function CancelOpen({ shown, press, screen }: CancelProps) {
  const { lockerId, isReplaced, isReasonTold } = screen
  const title = text('cancel-open.title', { locker: lockerId })
  if (!isReplaced && !isReasonTold) return <WhyNot press={press} shown={shown} title={title} />
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead">{text('cancel-open.take')}</p>
        <p role="status">{text(isReplaced ? 'cancel-open.replaced' : 'cancel-open.told')}</p>
      </DoorLayout>
    </Frame>
  )
}

/** While the door stands open the courier may say why the parcel is not left. */
function WhyNot({ shown, press, title }: ScreenProps & { readonly title: string }) {
  return (
    <Frame shown={shown} press={press} name="open">
      <Title>{title}</Title>
      <p class="lead">{text('cancel-open.take')}</p>
      <p>{text('cancel-open.why')}</p>
      <div class="buttons">
        {REASONS.map((reason) => (
          <ActionButton
            key={reason}
            action="reason"
            value={reason}
            press={press}
            look="plain"
            label={text(`reason.${reason}`)}
          />
        ))}
      </div>
    </Frame>
  )
}

interface OfferProps extends ScreenProps {
  readonly screen: ScreenOfKind<'check-offer'>
}

export function CheckOffer({ shown, press, screen }: OfferProps) {
  const { lockerId } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="offer" left="back">
      <DoorLayout shown={shown} lockerId={lockerId} title={text('check-offer.title', said)}>
        <p class="lead">{text('check-offer.why')}</p>
        <div class="buttons">
          <ActionButton
            action="check"
            press={press}
            look="primary"
            value={lockerId}
            label={text('action.check', said)}
          />
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'check-question'>
}

export function CheckQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, parcel } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="question" left="back">
      <Title>{text('check-question.title', said)}</Title>
      {parcel !== null && <p class="lead">{parcelText(parcel)}</p>}
      <div class="answers">
        <ActionButton action="found-empty" press={press} look="primary" />
        {parcel !== null && <ActionButton action="found-parcel" press={press} look="primary" />}
        <ActionButton
          action="check"
          press={press}
          look="plain"
          value={lockerId}
          label={text('action.check-again', said)}
        />
      </div>
    </Frame>
  )
}

function parcelText({ recipient, size, tracking }: ParcelLine): string {
  return tracking === null
    ? text('check-question.parcel', { recipient, size })
    : text('check-question.parcel-tracking', { recipient, size, tracking })
}
