// A recipient's door is open, and what comes after it. The door's sensor moves these screens on:
// there is nothing to confirm.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { CheckIcon } from '../icons.tsx'
import { countText, text } from '../text.ts'
import { DoorLayout, type ScreenOfKind } from './door.tsx'

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-open'>
}

export function PickupOpen({ shown, press, screen }: OpenProps) {
  const { lockerId, isLong, isProblem, canSayShut, inside, left } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text(isLong ? 'pickup-open.long' : 'pickup-open.title', said)}
      >
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {isProblem
            ? text('pickup-open.problem')
            : isLong
              ? text('pickup-open.long-hint')
              : countText('pickup-open.take', inside)}
        </p>
        {left > 0 && <p>{countText('pickup-open.next', left)}</p>}
        <div class="buttons">
          {canSayShut && <ActionButton action="said-shut" press={press} look="plain" />}
          {!isProblem && !canSayShut && (
            <ActionButton action="problem" press={press} look="plain" />
          )}
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface BlindProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-blind'>
}

/** Nobody but the person sees this door: it is the person who says that it is shut. */
export function PickupBlind({ shown, press, screen }: BlindProps) {
  const { lockerId } = screen
  const title = text('pickup-blind.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead">{text('pickup-blind.close')}</p>
        <div class="buttons">
          <ActionButton action="said-shut" press={press} look="primary" />
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface DoneProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-done'>
}

export function PickupDone({ shown, press, screen }: DoneProps) {
  const { lockerId, canReopen, left } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="done">
      <div class="thanks">
        <span class="thanks-mark">
          <CheckIcon />
        </span>
        <Title>{text('pickup-done.title')}</Title>
        <p class="lead">
          {left === 0 ? text('pickup-done.closed', said) : countText('pickup-done.left', left)}
        </p>
        <div class="buttons">
          {left > 0 && <ActionButton action="skip" press={press} look="plain" />}
          {canReopen && (
            <ActionButton
              action="reopen"
              press={press}
              look="plain"
              label={text('action.reopen', said)}
            />
          )}
          <ActionButton action="problem" press={press} look="plain" />
          <ActionButton action="back" press={press} look="primary" label={text('action.done')} />
        </div>
      </div>
    </Frame>
  )
}
