// A guided audit: one door after another, and each time the same question.
import type { AuditExpected, ParcelTag, ScreenView } from '../../../kiosk/view.ts'
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import type { Session } from '../session.ts'
import { countText, text } from '../text.ts'
import { useWedge } from '../wedge.ts'
import { DoorLayout, Opening, type ScreenOfKind, Stuck } from './door.tsx'

export type AuditView = Extract<ScreenView, { kind: `audit-${string}` }>

export function isAuditScreen(screen: ScreenView): screen is AuditView {
  return screen.kind.startsWith('audit-')
}

interface AuditProps extends ScreenProps {
  readonly screen: AuditView
  readonly scan: Session['scan']
}

export function AuditScreen({ shown, press, screen, scan }: AuditProps) {
  const props: ScreenProps = { shown, press }
  switch (screen.kind) {
    case 'audit-offer':
      return <AuditOffer {...props} screen={screen} />
    case 'audit-choice':
      return <AuditChoice {...props} screen={screen} />
    case 'audit-opening':
      return <Opening {...props} screen={screen} />
    case 'audit-open':
      return <AuditOpen {...props} screen={screen} />
    case 'audit-stuck':
      return <Stuck {...props} screen={screen} />
    case 'audit-question':
      return <AuditQuestion {...props} screen={screen} />
    case 'audit-other':
      return <AuditOther {...props} screen={screen} scan={scan} />
  }
}

interface OfferProps extends ScreenProps {
  readonly screen: ScreenOfKind<'audit-offer'>
}

function AuditOffer({ shown, press, screen }: OfferProps) {
  const { audit, done, total } = screen
  return (
    <Frame shown={shown} press={press} name="question" left="back">
      <Title>{text('audit-offer.title', { audit })}</Title>
      <p class="lead">{text('audit.progress', { done, total })}</p>
      <div class="answers">
        <ActionButton action="audit" press={press} look="primary" />
        <ActionButton action="audit-end" press={press} look="plain" />
      </div>
    </Frame>
  )
}

/** Of a wider wall one column is chosen at the command line. */
const COLUMNS_SHOWN_MAX = 8

interface ChoiceProps extends ScreenProps {
  readonly screen: ScreenOfKind<'audit-choice'>
}

function AuditChoice({ shown, press, screen }: ChoiceProps) {
  const { lockers, columns, doubtful } = screen
  const numbers = Array.from({ length: columns }, (_, index) => index + 1)
  const button = (value: string, label: string, look: 'primary' | 'plain') => (
    <ActionButton
      key={value}
      action="audit"
      value={value}
      press={press}
      look={look}
      label={label}
    />
  )
  return (
    <Frame shown={shown} press={press} name="question" left="back">
      <Title>{text('audit-choice.title')}</Title>
      <div class="choices">
        {button('all', countText('audit-choice.all', lockers), 'primary')}
        {button('oldest', text('audit-choice.oldest'), 'plain')}
        {doubtful > 0 && button('doubtful', countText('audit-choice.doubtful', doubtful), 'plain')}
      </div>
      {columns > 1 && columns <= COLUMNS_SHOWN_MAX && (
        <>
          <h2>{text('audit-choice.column')}</h2>
          <div class="choices is-small">
            {numbers.map((column) => button(`column ${column}`, String(column), 'plain'))}
          </div>
        </>
      )}
    </Frame>
  )
}

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'audit-open'>
}

function AuditOpen({ shown, press, screen }: OpenProps) {
  const { lockerId, expected, isLong, isLeaving, canSayShut, done, total } = screen
  const said = { locker: lockerId }
  const leaving = text('audit-open.leaving')
  const title = text(isLong ? 'audit-open.long' : 'audit-open.title', said)
  return (
    <Frame shown={shown} press={press} name="open" {...(!isLeaving && { left: 'pause' })}>
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead">{isLong && isLeaving ? leaving : text('audit-open.look')}</p>
        {!isLong && (
          <>
            <p>{expectedText(expected)}</p>
            <p role="status">{isLeaving ? leaving : text('audit.progress', { done, total })}</p>
          </>
        )}
        {canSayShut && (
          <div class="buttons">
            <ActionButton action="said-shut" press={press} look="plain" />
          </div>
        )}
      </DoorLayout>
    </Frame>
  )
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'audit-question'>
}

function AuditQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, expected, done, total } = screen
  const isParcelNamed = expected.kind !== 'empty' && expected.parcel !== null
  return (
    <Frame shown={shown} press={press} name="question" left="pause">
      <Title>{text('check-question.title', { locker: lockerId })}</Title>
      <p class="lead">{expectedText(expected)}</p>
      <div class="choices">
        {expected.kind === 'empty' && (
          <ActionButton
            action="matches"
            press={press}
            look="primary"
            label={text('action.found-empty')}
          />
        )}
        {isParcelNamed && <ActionButton action="matches" press={press} look="primary" />}
        {expected.kind !== 'empty' && (
          <ActionButton
            action="found-empty"
            press={press}
            look={isParcelNamed ? 'plain' : 'primary'}
          />
        )}
        <ActionButton
          action="found-other"
          press={press}
          look="plain"
          label={text(isParcelNamed ? 'action.found-other' : 'action.found-parcel')}
        />
        <ActionButton action="found-unknown" press={press} look="plain" />
        <ActionButton
          action="retry"
          press={press}
          look="plain"
          label={text('action.check-again', { locker: lockerId })}
        />
      </div>
      <p>{text('audit.progress', { done, total })}</p>
    </Frame>
  )
}

interface OtherProps extends ScreenProps {
  readonly screen: ScreenOfKind<'audit-other'>
  readonly scan: Session['scan']
}

function AuditOther({ shown, press, screen, scan }: OtherProps) {
  useWedge(scan)
  const { lockerId, parcels } = screen
  return (
    <Frame shown={shown} press={press} name="question" left="back">
      <Title>{text('audit-other.title', { locker: lockerId })}</Title>
      <p class="lead">{text(parcels.length > 0 ? 'audit-other.pick' : 'audit-other.scan')}</p>
      <ul class="cards">
        {parcels.map((parcel) => (
          <li key={parcel.parcelId}>
            <button
              type="button"
              class="card"
              onClick={() => press('found-parcel', parcel.parcelId)}
            >
              <strong>{parcel.tracking ?? parcel.parcelId}</strong>
            </button>
          </li>
        ))}
      </ul>
      <div class="choices">
        <ActionButton
          action="skip"
          press={press}
          look="plain"
          label={text('audit-other.not-readable')}
        />
      </div>
    </Frame>
  )
}

function expectedText(expected: AuditExpected): string {
  if (expected.kind === 'empty') return text('audit.expected-empty')
  if (expected.parcel === null) return text('audit.expected-nothing')
  const said = { parcel: nameOf(expected.parcel), size: expected.parcel.size }
  const key = expected.kind === 'parcel' ? 'audit.expected-parcel' : 'audit.expected-perhaps'
  const { more } = expected
  return more === 0
    ? text(key, said)
    : `${text(key, said)} ${countText('audit.expected-more', more)}`
}

function nameOf({ tracking, parcelId }: ParcelTag): string {
  return tracking ?? parcelId
}
