// A recipient hands a parcel in. The door's sensor moves these screens on; whether the parcel is
// inside only the person can say.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { CheckIcon } from '../icons.tsx'
import { text } from '../text.ts'
import { DoorLayout, type ScreenOfKind } from './door.tsx'
import { SizeCards } from './sizes.tsx'

interface HandInProps extends ScreenProps {
  readonly screen: ScreenOfKind<
    'hand-in-size' | 'hand-in-open' | 'hand-in-undone' | 'hand-in-question' | 'hand-in-done'
  >
}

export function HandIn({ screen, ...props }: HandInProps) {
  switch (screen.kind) {
    case 'hand-in-size':
      return <HandInSize {...props} screen={screen} />
    case 'hand-in-open':
      return <HandInOpen {...props} screen={screen} />
    case 'hand-in-undone':
      return <HandInUndone {...props} screen={screen} />
    case 'hand-in-question':
      return <HandInQuestion {...props} screen={screen} />
    case 'hand-in-done':
      return <HandInDone {...props} screen={screen} />
  }
}

interface SizeProps extends ScreenProps {
  readonly screen: ScreenOfKind<'hand-in-size'>
}

function HandInSize({ shown, press, screen }: SizeProps) {
  return (
    <Frame shown={shown} press={press} name="sizes" left="back">
      <Title>{text('hand-in-size.title')}</Title>
      <p class="lead">{text('hand-in-size.hint')}</p>
      <SizeCards sizes={screen.sizes} press={press} />
    </Frame>
  )
}

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'hand-in-open'>
}

function HandInOpen({ shown, press, screen }: OpenProps) {
  const { lockerId, isLong, isReopened, canSayShut } = screen
  const title = text(isLong ? 'hand-in-open.long' : 'hand-in-open.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="open" {...(!isReopened && { left: 'cancel' })}>
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead" role={isLong ? 'alert' : undefined}>
          {text(isReopened ? 'hand-in-open.again' : 'hand-in-open.put')}
        </p>
        <div class="buttons">
          {canSayShut && <ActionButton action="said-shut" press={press} look="plain" />}
          {!canSayShut && !isReopened && (
            <>
              <ActionButton action="bigger" press={press} look="plain" />
              <ActionButton action="smaller" press={press} look="plain" />
            </>
          )}
        </div>
      </DoorLayout>
    </Frame>
  )
}

interface UndoneProps extends ScreenProps {
  readonly screen: ScreenOfKind<'hand-in-undone'>
}

function HandInUndone({ shown, press, screen }: UndoneProps) {
  const { lockerId, isReplaced } = screen
  const title = text('hand-in-undone.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <p class="lead">{text('hand-in-undone.take')}</p>
        <p role="status">{text(isReplaced ? 'hand-in-undone.replaced' : 'hand-in-undone.valid')}</p>
      </DoorLayout>
    </Frame>
  )
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'hand-in-question'>
}

function HandInQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, isSeenShut } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="question">
      <Title>{text('hand-in-question.title', said)}</Title>
      <p class="lead">
        {text(isSeenShut ? 'hand-in-question.ask' : 'hand-in-question.ask-unseen', said)}
      </p>
      <div class="answers">
        <ActionButton
          action="found-parcel"
          press={press}
          look="primary"
          label={text('hand-in-question.inside')}
        />
        <ActionButton
          action="found-empty"
          press={press}
          look="plain"
          label={text('hand-in-question.not-inside')}
        />
        {isSeenShut && (
          <ActionButton
            action="retry"
            press={press}
            look="plain"
            label={text('action.check-again', said)}
          />
        )}
      </div>
    </Frame>
  )
}

interface DoneProps extends ScreenProps {
  readonly screen: ScreenOfKind<'hand-in-done'>
}

function HandInDone({ shown, press, screen }: DoneProps) {
  const { lockerId, canReopen } = screen
  const said = { locker: lockerId }
  return (
    <Frame shown={shown} press={press} name="done">
      <div class="thanks">
        <span class="thanks-mark">
          <CheckIcon />
        </span>
        <Title>{text('hand-in-done.title')}</Title>
        <p class="lead">{text('hand-in-done.closed', said)}</p>
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
