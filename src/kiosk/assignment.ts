// The choice of a locker: the smallest size that fits, then larger ones. Only a locker that is
// proven empty, on a board that answers, behind a door that is seen closed, is ever handed out.
import type { LockerConfig, SizeName } from './config.ts'
import { lockersOf } from './config.ts'
import { contentsOf } from './contents.ts'
import { type Draft, isBoardOnline } from './draft.ts'
import type { FreeBySize } from './view.ts'

export function chooseLocker(draft: Draft, size: SizeName): LockerConfig | null {
  const names = draft.config.sizes.map(({ name }) => name)
  const smallest = names.indexOf(size)
  if (smallest < 0) return null
  const available = availableLockers(draft)
  for (const name of names.slice(smallest)) {
    const fitting = available.find((locker) => locker.size === name)
    if (fitting !== undefined) return fitting
  }
  return null
}

export function freeBySize(draft: Draft): readonly FreeBySize[] {
  const available = availableLockers(draft)
  return draft.config.sizes.map(({ name }) => ({
    size: name,
    free: available.filter((locker) => locker.size === name).length,
  }))
}

function availableLockers(draft: Draft): readonly LockerConfig[] {
  const free = new Set(
    draft.ledger
      .lockers()
      .filter(({ state, withdrawnFor }) => state === 'free' && withdrawnFor === null)
      .map(({ id }) => id),
  )
  return lockersOf(draft.config).filter(
    ({ id, boardId }) =>
      free.has(id) &&
      isBoardOnline(draft, boardId) &&
      draft.state.doors[id]?.state === 'closed' &&
      contentsOf(draft, id) !== 'present' &&
      draft.state.openings[id] === undefined,
  )
}
