// When something is wrong at a pickup, or was: a door too high, a parcel that is not the right one,
// a door that stays shut.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { text } from '../text.ts'
import { DoorLayout, type ScreenOfKind } from './door.tsx'

interface ReachProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-reach'>
}

export function PickupReach({ shown, press, screen }: ReachProps) {
  const said = { locker: screen.lockerId }
  return (
    <Frame shown={shown} press={press} name="reach" left="back">
      <DoorLayout shown={shown} lockerId={screen.lockerId} title={text('reach.title', said)}>
        <p class="lead">{text('reach.ask')}</p>
        <div class="buttons">
          <ActionButton action="open-high" press={press} look="primary" />
          <ActionButton action="leave-closed" press={press} look="plain" />
        </div>
      </DoorLayout>
    </Frame>
  )
}

const WHAT = ['missing', 'wrong', 'damaged'] as const

interface ProblemProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-problem'>
}

export function PickupProblem({ shown, press, screen }: ProblemProps) {
  if (screen.parcels.length > 0) return <Which shown={shown} press={press} screen={screen} />
  return (
    <Frame shown={shown} press={press} name="problem" left="back">
      <Title>{text('problem.title', { locker: screen.lockerId })}</Title>
      <p class="lead">{text('problem.hint')}</p>
      <div class="answers">
        {WHAT.map((what) => (
          <ActionButton
            key={what}
            action="report"
            value={what}
            press={press}
            look="primary"
            label={text(`problem.${what}`)}
          />
        ))}
      </div>
    </Frame>
  )
}

/** Several parcels lay together. */
function Which({ shown, press, screen }: ProblemProps) {
  return (
    <Frame shown={shown} press={press} name="problem" left="back">
      <div class="title-row">
        <Title>{text('which.title')}</Title>
        <ActionButton action="which" press={press} look="plain" label={text('which.all')} />
      </div>
      <ul class="cards">
        {screen.parcels.map(({ parcelId, tracking, size }) => (
          <li key={parcelId}>
            <button type="button" class="card" onClick={() => press('which', parcelId)}>
              <strong>{tracking ?? text('which.unnamed')}</strong>
              <span class="card-line">{text('which.size', { size })}</span>
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  )
}

/** The notice above says what is the matter with the PIN. */
export function PickupUsed({ shown, press }: ScreenProps) {
  return (
    <Frame shown={shown} press={press} name="problem">
      <Title>{text('used.title')}</Title>
      <p class="lead">{text('used.hint')}</p>
      <div class="buttons">
        <ActionButton action="problem" press={press} look="plain" />
        <ActionButton action="back" press={press} look="primary" label={text('action.done')} />
      </div>
    </Frame>
  )
}

interface WhichDoorProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-which-door'>
}

export function PickupWhichDoor({ shown, press, screen }: WhichDoorProps) {
  return (
    <Frame shown={shown} press={press} name="problem" left="back">
      <Title>{text('which-door.title')}</Title>
      <ul class="cards">
        {screen.lockers.map((lockerId) => (
          <li key={lockerId}>
            <button type="button" class="card" onClick={() => press('which', lockerId)}>
              <strong>{text('which-door.door', { locker: lockerId })}</strong>
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  )
}

interface ReportedProps extends ScreenProps {
  readonly screen: ScreenOfKind<'pickup-reported'>
}

export function PickupReported({ shown, press, screen }: ReportedProps) {
  const { reference, what, isPutAside, left } = screen
  const { kioskId, helpPhone } = shown.hello
  return (
    <Frame shown={shown} press={press} name="reported">
      <Title>{text('reported.title')}</Title>
      <p class="lead">{text(isPutAside ? 'reported.put-aside' : `reported.${what}`)}</p>
      <p class="plate">{reference}</p>
      <p class="lead">{text('reported.call', { phone: helpPhone, kiosk: kioskId })}</p>
      <div class="buttons">
        <ActionButton
          action="back"
          press={press}
          look="primary"
          label={text(left > 0 ? 'action.skip' : 'action.done')}
        />
      </div>
    </Frame>
  )
}
