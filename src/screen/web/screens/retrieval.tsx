// A courier takes parcels back, one door after another.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { countText, text } from '../text.ts'
import { DoorLayout, ParcelText, type ScreenOfKind } from './door.tsx'

interface OpenProps extends ScreenProps {
  readonly screen: ScreenOfKind<'retrieval-open'>
}

export function RetrievalOpen({ shown, press, screen }: OpenProps) {
  const { lockerId, parcel, others } = screen
  const title = text('retrieval-open.title', { locker: lockerId })
  return (
    <Frame shown={shown} press={press} name="open">
      <DoorLayout shown={shown} lockerId={lockerId} title={title}>
        <ParcelText parcel={parcel} />
        {others.length > 0 && <p>{countText('retrieval-open.others', others.length)}</p>}
        <p class="lead">{text('retrieval-open.take')}</p>
      </DoorLayout>
    </Frame>
  )
}

interface QuestionProps extends ScreenProps {
  readonly screen: ScreenOfKind<'retrieval-question'>
}

export function RetrievalQuestion({ shown, press, screen }: QuestionProps) {
  const { lockerId, parcel } = screen
  return (
    <Frame shown={shown} press={press} name="question">
      <Title>{text('retrieval-question.title', { locker: lockerId })}</Title>
      <ParcelText parcel={parcel} />
      <div class="answers">
        <ActionButton action="took-out" press={press} look="primary" />
        <ActionButton
          action="found-parcel"
          press={press}
          look="plain"
          label={text('retrieval-question.inside')}
        />
        <ActionButton
          action="found-empty"
          press={press}
          look="plain"
          label={text('retrieval-question.missing')}
        />
      </div>
    </Frame>
  )
}
