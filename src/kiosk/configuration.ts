// What central sets of the configuration, over what the file says. The same file and the same rows
// give the same configuration, whatever was before; a row that does not hold is left out, and told.
import type { Code } from './codes.ts'
import type { KioskConfig } from './config.ts'
import type { DesiredSetting } from './desired.ts'
import { type Draft, record, update } from './draft.ts'
import type { AppliedConfiguration } from './facts.ts'
import {
  complaintOf,
  limitOf,
  policyProblems,
  type SettableKey,
  settableKeyOf,
} from './setting-limits.ts'

/** Refused rows that one fact names; more are counted. */
export const REFUSED_TOLD_MAX = 20

type Values = ReadonlyMap<SettableKey, string | number>

interface Settled extends Omit<AppliedConfiguration, 'version'> {
  readonly config: KioskConfig
}

/** @param rows by their keys; each key once */
function settleConfiguration(file: KioskConfig, rows: readonly DesiredSetting[]): Settled {
  const values = new Map<SettableKey, string | number>()
  const refused = new Map<string, Code>()
  for (const { id, value } of rows) {
    const key = settableKeyOf(id)
    if (key === null) refused.set(id, 'LK-CFG-06')
    else if (file.localKeys?.includes(key) === true) refused.set(id, 'LK-CFG-07')
    else if (complaintOf(limitOf(key), value) !== null) refused.set(id, 'LK-CFG-08')
    else values.set(key, value)
  }
  // The file alone is sound, so this ends with it at the latest.
  for (let odd = oddKeys(file, values); odd.length > 0; odd = oddKeys(file, values)) {
    for (const key of odd) {
      values.delete(key)
      refused.set(key, 'LK-CFG-09')
    }
  }
  const all = [...refused].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return {
    config: withValues(file, values),
    values: [...values].map(([key, value]) => ({ key, value })),
    refused: all.slice(0, REFUSED_TOLD_MAX).map(([key, code]) => ({ key, code })),
    furtherRefused: Math.max(0, all.length - REFUSED_TOLD_MAX),
  }
}

function oddKeys(file: KioskConfig, values: Values): readonly SettableKey[] {
  const involved = policyProblems(withValues(file, values).policy).flatMap(({ keys }) => keys)
  return [...values.keys()].filter((key) => involved.some((name) => name === key))
}

function withValues(file: KioskConfig, values: Values): KioskConfig {
  if (values.size === 0) return file
  const {
    siteName = file.siteName,
    helpPhone = file.helpPhone,
    ...policy
  } = Object.fromEntries(values)
  // Each value has been held against the limit of its key, and so is of its type.
  return {
    ...file,
    siteName: String(siteName),
    helpPhone: String(helpPhone),
    policy: { ...file.policy, ...(policy as Partial<KioskConfig['policy']>) },
  }
}

const NOTHING: AppliedConfiguration = { version: 0, values: [], refused: [], furtherRefused: 0 }

/** What was told last, and holds now. */
export function appliedConfiguration({ ledger }: Pick<Draft, 'ledger'>): AppliedConfiguration {
  return ledger.appliedConfiguration() ?? NOTHING
}

/** Rows have come, of this stream or of another one. */
export function noticeConfiguration(draft: Draft): void {
  const isDue = draft.ledger.streamHashes().configuration !== draft.state.configurationHash
  if (isDue) update(draft, { isConfigurationDue: true })
}

/** Whoever is at the screen goes on as he began: what changes holds for the next one. */
export function configurationOverdue(draft: Draft): void {
  const { isConfigurationDue, session } = draft.state
  if (isConfigurationDue && session.kind === 'welcome') applyConfiguration(draft)
}

export function applyConfiguration(draft: Draft): void {
  const { ledger, fileConfig, config: before } = draft
  const { config, ...outcome } = settleConfiguration(fileConfig, ledger.wantedSettings())
  const configurationHash = ledger.streamHashes().configuration
  update(draft, { config, configurationHash, isConfigurationDue: false })
  draft.config = config
  const { siteName, helpPhone } = config
  if (siteName !== before.siteName || helpPhone !== before.helpPhone) {
    draft.actions.push({ kind: 'name-place', siteName, helpPhone })
  }
  const applied = { version: ledger.streamVersions().configuration, ...outcome }
  if (JSON.stringify(applied) === JSON.stringify(appliedConfiguration(draft))) return
  record(draft, { kind: 'configuration-applied', data: applied })
}
