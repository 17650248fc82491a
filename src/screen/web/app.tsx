// One screen at a time, chosen by the view's kind.
import type { ScreenView } from '../../kiosk/view.ts'
import type { ScreenProps } from './frame.tsx'
import { IdleWarning, useIdleWarning } from './idle.tsx'
import { AuditScreen, type AuditView, isAuditScreen } from './screens/audit.tsx'
import { CancelOpen, CheckOffer, CheckOpen, CheckQuestion } from './screens/check.tsx'
import { CourierCode, CourierMenu, WalkInRecipient, WalkInSize } from './screens/courier.tsx'
import { DepositFinishing, DepositOffer, DepositOpen, DepositQuestion } from './screens/deposit.tsx'
import { Desk } from './screens/desk.tsx'
import { Opening, Stuck } from './screens/door.tsx'
import { HandIn } from './screens/hand-in.tsx'
import { PickupBlind, PickupDone, PickupOpen } from './screens/pickup.tsx'
import {
  PickupProblem,
  PickupReach,
  PickupReported,
  PickupUsed,
  PickupWhichDoor,
} from './screens/problem.tsx'
import { RetrievalOpen, RetrievalQuestion } from './screens/retrieval.tsx'
import { StaffMenu } from './screens/staff.tsx'
import { Help, Reference, Welcome } from './screens/welcome.tsx'
import type { Session, Shown } from './session.ts'

export interface AppProps {
  readonly shown: Shown
  readonly session: Session
}

export function App({ shown, session }: AppProps) {
  const isWarning = useIdleWarning(shown)
  const { press, scan } = session
  const { screen } = shown.view
  const key = `${screen.kind} ${'lockerId' in screen ? screen.lockerId : ''}`
  return (
    <>
      <div inert={isWarning}>
        {isAuditScreen(screen) ? (
          <AuditScreen key={key} shown={shown} press={press} screen={screen} scan={scan} />
        ) : (
          <ScreenOf key={key} shown={shown} session={session} screen={screen} />
        )}
      </div>
      {isWarning && <IdleWarning shown={shown} press={press} />}
    </>
  )
}

interface ScreenOfProps extends AppProps {
  readonly screen: Exclude<ScreenView, AuditView>
}

function ScreenOf({ screen, ...props }: ScreenOfProps) {
  return isForRecipient(screen) ? (
    <RecipientScreen {...props} screen={screen} />
  ) : (
    <OtherScreen {...props} screen={screen} />
  )
}

interface OtherProps extends AppProps {
  readonly screen: Exclude<ScreenView, RecipientView | AuditView>
}

/** The first page, and the screens of those who work here. */
function OtherScreen({ shown, session, screen }: OtherProps) {
  const { press, sendDigits, scan } = session
  const props: ScreenProps = { shown, press }
  switch (screen.kind) {
    case 'welcome':
      return <Welcome {...props} screen={screen} sendDigits={sendDigits} scan={scan} />
    case 'help':
      return <Help {...props} />
    case 'desk':
      return <Desk {...props} screen={screen} sendDigits={sendDigits} />
    case 'courier-code':
      return <CourierCode {...props} screen={screen} sendDigits={sendDigits} scan={scan} />
    case 'reference':
      return <Reference {...props} screen={screen} sendDigits={sendDigits} scan={scan} />
    case 'staff-menu':
      return <StaffMenu {...props} screen={screen} />
    case 'courier-menu':
      return <CourierMenu {...props} screen={screen} scan={scan} />
    case 'walk-in-recipient':
      return <WalkInRecipient {...props} screen={screen} />
    case 'walk-in-size':
      return <WalkInSize {...props} screen={screen} />
    case 'deposit-opening':
    case 'check-opening':
    case 'retrieval-opening':
      return <Opening {...props} screen={screen} />
    case 'deposit-stuck':
    case 'check-stuck':
    case 'retrieval-stuck':
      return <Stuck {...props} screen={screen} />
    case 'deposit-offer':
      return <DepositOffer {...props} screen={screen} />
    case 'deposit-open':
      return <DepositOpen {...props} screen={screen} scan={scan} />
    case 'deposit-question':
      return <DepositQuestion {...props} screen={screen} />
    case 'deposit-finishing':
      return <DepositFinishing {...props} screen={screen} />
    case 'cancel-open':
      return <CancelOpen {...props} screen={screen} />
    case 'check-offer':
      return <CheckOffer {...props} screen={screen} />
    case 'retrieval-open':
      return <RetrievalOpen {...props} screen={screen} />
    case 'retrieval-question':
      return <RetrievalQuestion {...props} screen={screen} />
    case 'check-open':
      return <CheckOpen {...props} screen={screen} />
    case 'check-question':
      return <CheckQuestion {...props} screen={screen} />
  }
}

type RecipientView = Extract<ScreenView, { kind: `${'pickup' | 'hand-in'}-${string}` }>

function isForRecipient(screen: ScreenView): screen is RecipientView {
  return screen.kind.startsWith('pickup-') || screen.kind.startsWith('hand-in-')
}

/** Of whoever has typed a PIN, or the code of a return. */
function RecipientScreen({
  shown,
  session: { press },
  screen,
}: AppProps & { readonly screen: RecipientView }) {
  const props: ScreenProps = { shown, press }
  switch (screen.kind) {
    case 'pickup-opening':
    case 'hand-in-opening':
      return <Opening {...props} screen={screen} />
    case 'pickup-stuck':
    case 'hand-in-stuck':
      return <Stuck {...props} screen={screen} />
    case 'pickup-open':
      return <PickupOpen {...props} screen={screen} />
    case 'pickup-reach':
      return <PickupReach {...props} screen={screen} />
    case 'pickup-problem':
      return <PickupProblem {...props} screen={screen} />
    case 'pickup-used':
      return <PickupUsed {...props} />
    case 'pickup-which-door':
      return <PickupWhichDoor {...props} screen={screen} />
    case 'pickup-reported':
      return <PickupReported {...props} screen={screen} />
    case 'pickup-blind':
      return <PickupBlind {...props} screen={screen} />
    case 'pickup-done':
      return <PickupDone {...props} screen={screen} />
    case 'hand-in-size':
    case 'hand-in-open':
    case 'hand-in-undone':
    case 'hand-in-question':
    case 'hand-in-done':
      return <HandIn {...props} screen={screen} />
  }
}
