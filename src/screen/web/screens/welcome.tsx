// The first page, on which the PIN pad is already live, and the help page.
import { useCallback } from 'preact/hooks'
import { EaseStrip, LanguageStrip } from '../ease.tsx'
import { Frame, type ScreenProps, Title } from '../frame.tsx'
import { usePad } from '../pad.tsx'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import { WallPicker } from '../wall.tsx'
import { useWedge } from '../wedge.ts'
import type { ScreenOfKind } from './door.tsx'

interface WelcomeProps extends ScreenProps {
  readonly screen: ScreenOfKind<'welcome'>
  readonly scan: Session['scan']
  readonly sendDigits: Session['sendDigits']
}

export function Welcome({ shown, press, screen, scan, sendDigits }: WelcomeProps) {
  const { digits, waitMs, leftOpen } = screen
  const stay = useCallback(() => press('stay'), [press])
  const pad = usePad({ shown, digits, waitMs, stay, send: sendDigits })
  useWedge(scan, 'letter')
  const languages = <LanguageStrip shown={shown} press={press} />
  // Large keys leave no room above them.
  const { isLarge } = shown.view.preferences
  return (
    <Frame shown={shown} press={press} name="welcome" right={['help', 'courier']}>
      {!isLarge && languages}
      <div class="split">
        <section class="told">
          {leftOpen.length === 0 && <p class="eyebrow">{shown.hello.siteName}</p>}
          <Title>{text('welcome.title')}</Title>
          <p class="lead">{text('welcome.hint', { digits })}</p>
          {pad.dots}
          {leftOpen.length > 0 && (
            <p class="aside">{text('welcome.left-open', { lockers: leftOpen.join(', ') })}</p>
          )}
          <EaseStrip shown={shown} press={press} />
        </section>
        {pad.keys}
      </div>
      {isLarge && languages}
    </Frame>
  )
}

interface ReferenceProps extends ScreenProps {
  readonly screen: ScreenOfKind<'reference'>
  readonly scan: Session['scan']
  readonly sendDigits: Session['sendDigits']
}

/** The second part: after many wrong entries at this kiosk, whoever typed them. */
export function Reference({ shown, press, screen, scan, sendDigits }: ReferenceProps) {
  const { digits, waitMs, what } = screen
  const stay = useCallback(() => press('stay'), [press])
  const pad = usePad({ shown, digits, waitMs, stay, send: sendDigits })
  useWedge(scan, 'letter')
  const hint = what === 'pin' ? 'reference.hint-pin' : 'reference.hint-access-code'
  return (
    <Frame shown={shown} press={press} name="reference" left="back">
      <div class="split">
        <section class="told">
          <Title>{text('reference.title')}</Title>
          <p class="lead">{text(hint, { digits })}</p>
          <p class="lead">{text('reference.why')}</p>
          {pad.dots}
        </section>
        {pad.keys}
      </div>
    </Frame>
  )
}

export function Help({ shown, press }: ScreenProps) {
  const { helpPhone, kioskId, siteName } = shown.hello
  return (
    <Frame shown={shown} press={press} name="help" left="back">
      <div class="split">
        <section class="told">
          <Title>{text('help.title')}</Title>
          <p class="lead">{text('help.collect')}</p>
          <p class="lead">{text('help.lost')}</p>
          <dl class="facts">
            <div>
              <dt>{text('help.phone')}</dt>
              <dd>{helpPhone}</dd>
            </div>
            <div>
              <dt>{text('help.kiosk')}</dt>
              <dd>
                {kioskId} <small>{siteName}</small>
              </dd>
            </div>
          </dl>
        </section>
        <section class="map">
          <p class="lead">{text('help.desk')}</p>
          <WallPicker hello={shown.hello} pick={(lockerId) => press('desk', lockerId)} />
        </section>
      </div>
    </Frame>
  )
}
