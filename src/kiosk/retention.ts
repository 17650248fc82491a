// What the kiosk forgets. Names and numbers of parcels go some time after the parcel's end, facts
// some time after central has confirmed them; ids of both stay in the chain, which stays provable.
// Age is a matter of wall time, so nothing is forgotten while the clock is not believed.
import { type Draft, record, remember, update } from './draft.ts'

/** A little at a time, so that nobody at the screen waits for it. */
const TIDY_EVERY_MS = 600_000
const ERASED_MAX = 100
const CUT_MAX = 200
const DAY_MS = 86_400_000

export function tidyOverdue(draft: Draft): void {
  const { now, state } = draft
  if (state.tidyAtMonoMs !== null && state.tidyAtMonoMs > now.monoMs) return
  update(draft, { tidyAtMonoMs: now.monoMs + TIDY_EVERY_MS })
  // The first time is right after a start, when there is enough to do.
  const isQuiet = state.session.kind === 'welcome' && Object.keys(state.openings).length === 0
  if (state.tidyAtMonoMs === null || !now.isWallBelieved || !isQuiet) return
  erase(draft)
  cutHistory(draft)
}

function erase(draft: Draft): void {
  const { ledger, now, config } = draft
  // Ended while the clock was not believed: the age counts from the first believed moment.
  if (ledger.hasUndatedEnds()) remember(draft, { kind: 'ends-dated', data: { wallMs: now.wallMs } })
  const wallMs = now.wallMs - config.policy.endedParcelsKeptDays * DAY_MS
  const parcelIds = ledger.endedBefore({ wallMs, limit: ERASED_MAX })
  if (parcelIds.length > 0) record(draft, { kind: 'personal-data-erased', data: { parcelIds } })
}

function cutHistory(draft: Draft): void {
  const { ledger, now, config } = draft
  const wallMs = now.wallMs - config.policy.confirmedFactsKeptDays * DAY_MS
  // Once a day's worth is due: each cut writes a fact and all lockers' rows.
  if (ledger.cutBefore({ wallMs: wallMs - DAY_MS, countMax: CUT_MAX }) === null) return
  const cut = ledger.cutBefore({ wallMs, countMax: CUT_MAX })
  if (cut !== null) record(draft, { kind: 'history-cut', data: cut })
}
