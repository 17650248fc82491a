// A courier's door is open; the door's sensor moves these screens on.
import { Frame, type ScreenProps, Title } from '../frame.tsx'
import { text } from '../text.ts'
import { DoorLayout, ParcelText, type ScreenOfKind } from './door.tsx'

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'deposit-open'>
}

export function DepositOpen({ shown, press, screen }: OpenProps) {
  const { lockerId, parcel, isLong } = screen
  return (
    <Frame shown={shown} press={press} name="open" left="cancel">
      <DoorLayout
        shown={shown}
        lockerId={lockerId}
        title={text(isLong ? 'deposit-open.long' : 'deposit-open.title', { locker: lockerId })}
      >
        <ParcelText parcel={parcel} />
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {text('deposit-open.put')}
        </p>
      </DoorLayout>
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
