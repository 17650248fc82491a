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
  const { lockerId, isLong, left } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text(isLong ? 'pickup-open.long' : 'pickup-open.title', said)}
      >
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {text(isLong ? 'pickup-open.long-hint' : 'pickup-open.take')}
        </p>
        {left > 0 && <p class="lead">{countText('pickup-open.next', left)}</p>}
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
        <p class="lead">{text('pickup-done.closed', said)}</p>
        {left > 0 && <p class="lead">{countText('pickup-done.left', left)}</p>}
        {canReopen && <p class="lead">{text('pickup-done.forgot')}</p>}
        <div class="buttons">
          {canReopen && (
            <ActionButton
              action="reopen"
              press={press}
              look="plain"
              label={text('action.reopen', said)}
            />
          )}
          <ActionButton action="back" press={press} look="primary" label={text('action.done')} />
        </div>
      </div>
    </Frame>
  )
}
