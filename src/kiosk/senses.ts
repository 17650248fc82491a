// What boards sense beside doors: is the cabinet open, is the mains there? A change is a fact, told
// once: what was told last is in the ledger, so that a restart tells only what changed meanwhile.
import type { SenseConfig, SenseKind } from './config.ts'
import { type Draft, record, update } from './draft.ts'
import type { BoardReading, SenseStatus } from './events.ts'
import type { Fact } from './facts.ts'
import type { SenseRow } from './ledger.ts'
import { type KioskState, type Sense, UNKNOWN_SENSE } from './state.ts'

/** After one change is told the next one waits: a bad contact must not fill the outbox. */
export const SENSE_REST_MS = 10_000

const FACTS = {
  'cabinet-door': { active: 'cabinet-opened', idle: 'cabinet-closed' },
  mains: { active: 'mains-lost', idle: 'mains-returned' },
} as const satisfies Record<SenseKind, Record<'active' | 'idle', Fact['kind']>>

/** How people say it. */
const WORDS = {
  'cabinet-door': { active: 'open', idle: 'closed', unknown: 'unknown' },
  mains: { active: 'lost', idle: 'present', unknown: 'unknown' },
} as const

/** Of one sense, also in the ledger. */
export function senseKey({ boardId, channel, what }: SenseRow): string {
  return `${boardId}/${channel}/${what}`
}

export function readSenses(draft: Draft, { boardId, doors }: BoardReading): void {
  for (const config of sensesOn(draft, boardId)) {
    const state = doors[config.channel - 1]?.state ?? 'unknown'
    const isActive = state === (config.activeWhen ?? 'open')
    const active = isActive ? 'active' : 'idle'
    put(draft, config, { reads: state === 'unknown' ? 'unknown' : active })
  }
}

/** A board that does not answer says nothing; what was told stays told. */
export function loseSenses(draft: Draft, boardId: string): void {
  for (const config of sensesOn(draft, boardId)) put(draft, config, { reads: 'unknown' })
}

/** What the ledger says was told last. */
export function restoreSenses(draft: Draft): void {
  const active = new Set(draft.ledger.activeSenses().map(senseKey))
  for (const config of draft.config.senses ?? []) {
    put(draft, config, { isToldActive: active.has(senseKey(config)) })
  }
}

/** Tells what changed, as far as it may be told by now. */
export function sensesOverdue(draft: Draft): void {
  const { monoMs } = draft.now
  for (const config of draft.config.senses ?? []) {
    const { boardId, channel } = config
    const sense = senseOf(draft.state, config)
    if (!isNews(sense) || sense.restsUntilMonoMs > monoMs) continue
    const kind = FACTS[config.what][sense.reads === 'active' ? 'active' : 'idle']
    record(draft, { kind, data: { boardId, channel } })
    const restsUntilMonoMs = monoMs + SENSE_REST_MS
    put(draft, config, { isToldActive: sense.reads === 'active', restsUntilMonoMs })
  }
}

/** When something waits to be told. */
export function senseDeadlines({ senses }: KioskState): readonly number[] {
  return Object.values(senses).flatMap((sense) => (isNews(sense) ? [sense.restsUntilMonoMs] : []))
}

export function sensesStatus({ config, state }: Draft): readonly SenseStatus[] {
  return (config.senses ?? []).map(({ activeWhen: _, ...sense }) => ({
    ...sense,
    state: WORDS[sense.what][senseOf(state, sense).reads],
  }))
}

function isNews({ reads, isToldActive }: Sense): boolean {
  return reads !== 'unknown' && (reads === 'active') !== isToldActive
}

function sensesOn({ config }: Draft, boardId: string): readonly SenseConfig[] {
  return (config.senses ?? []).filter((sense) => sense.boardId === boardId)
}

function senseOf({ senses }: KioskState, row: SenseRow): Sense {
  return senses[senseKey(row)] ?? UNKNOWN_SENSE
}

function put(draft: Draft, row: SenseRow, change: Partial<Sense>): void {
  const sense = { ...senseOf(draft.state, row), ...change }
  update(draft, { senses: { ...draft.state.senses, [senseKey(row)]: sense } })
}
