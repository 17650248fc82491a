// The help desk's page: what to read out on the telephone, and the pad for its answer.
import { useCallback } from 'preact/hooks'
import { Frame, type ScreenProps, Title } from '../frame.tsx'
import { usePad } from '../pad.tsx'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import type { ScreenOfKind } from './door.tsx'

interface DeskProps extends ScreenProps {
  readonly screen: ScreenOfKind<'desk'>
  readonly sendDigits: Session['sendDigits']
}

export function Desk({ shown, press, screen, sendDigits }: DeskProps) {
  const { lockerId, wants, challenge, digits, waitMs } = screen
  const read = wants === 'pin' ? 'desk.read.pin' : 'desk.read'
  const { helpPhone, kioskId } = shown.hello
  const stay = useCallback(() => press('stay'), [press])
  const pad = usePad({ shown, digits, waitMs, stay, send: sendDigits })
  return (
    <Frame
      shown={shown}
      press={press}
      name="desk"
      left="back"
      right={wants === 'open' ? ['desk-pin'] : []}
    >
      <div class="split">
        <section class="told">
          <Title>{text('desk.title', { phone: helpPhone })}</Title>
          <p class="lead">{text(read, { kiosk: kioskId, locker: lockerId })}</p>
          <p class="lead">
            <strong>{challenge ?? '…'}</strong>
          </p>
          <p class="lead">{text('desk.hint', { digits })}</p>
          {pad.dots}
        </section>
        {pad.keys}
      </div>
    </Frame>
  )
}
