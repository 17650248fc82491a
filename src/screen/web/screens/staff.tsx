// What a technician or an operator sees after signing in: every locker, to be opened and looked
// into.
import { ActionButton, Frame, type ScreenProps, Title } from '../frame.tsx'
import { text } from '../text.ts'
import { Pager } from './courier.tsx'
import type { ScreenOfKind } from './door.tsx'

interface StaffProps extends ScreenProps {
  readonly screen: ScreenOfKind<'staff-menu'>
}

export function StaffMenu({ shown, press, screen }: StaffProps) {
  const { person, lockers, list, audit } = screen
  return (
    <Frame shown={shown} press={press} name="staff" right={['sign-out']}>
      <div class="title-row">
        <Title>{text('menu.title', { courier: person })}</Title>
        <Pager list={list} press={press} />
      </div>
      <div class="title-row">
        <p class="lead">{text('staff.hint')}</p>
        {audit !== 'none' && (
          <ActionButton
            action="audit"
            press={press}
            look="plain"
            label={text(audit === 'may-begin' ? 'staff.audit' : 'action.audit')}
          />
        )}
      </div>
      <ul class="cards staff-cards">
        {lockers.map(({ lockerId, isUnverified }) => (
          <li key={lockerId}>
            <button type="button" class="card" onClick={() => press('check', lockerId)}>
              <strong>{text('menu.check', { locker: lockerId })}</strong>
              {isUnverified && <span class="tracking">{text('staff.unverified')}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  )
}
