// Which versions central wants to run here, beside those that do. Nothing is installed by this: it
// tells central and the technician whether what was wanted has come true, since when it has not,
// and names the version to whoever installs.
import { type Draft, record } from './draft.ts'
import type { FirmwareStatus } from './events.ts'
import type { ComparedFirmware } from './facts.ts'

/** The daemon. */
const DAEMON = 'latchkey'
/** Of central's rows, by their components. A kiosk has few kinds of programs. */
export const COMPONENTS_MAX = 16

export function compareFirmware(draft: Draft): void {
  const wanted = draft.ledger.wantedFirmware(COMPONENTS_MAX)
  const told = new Map(draft.ledger.comparedFirmware().map((row) => [row.component, row]))
  for (const { id, version } of wanted) {
    compare(draft, { component: id, wanted: version }, told.get(id))
    told.delete(id)
  }
  for (const row of told.values()) compare(draft, { ...row, wanted: null }, row)
}

function compare(
  draft: Draft,
  { component, wanted }: Pick<ComparedFirmware, 'component' | 'wanted'>,
  told: ComparedFirmware | undefined,
): void {
  const running = component === DAEMON ? [draft.state.version] : []
  const isTold = told?.wanted === wanted && told.running.join() === running.join()
  if (!isTold) record(draft, { kind: 'firmware-compared', data: { component, wanted, running } })
}

export function firmwareStatus({ ledger }: Draft): readonly FirmwareStatus[] {
  return ledger.comparedFirmware().map(({ component, wanted, running, seq }) => ({
    component,
    wanted,
    running,
    isAsWanted: running.length > 0 && running.every((version) => version === wanted),
    sinceWallMs: dateOf(ledger.factBody(seq)),
  }))
}

function dateOf(body: string | null): number | null {
  if (body === null) return null
  const { t, clk } = JSON.parse(body) as { readonly t: number; readonly clk: string }
  return clk === 'believed' ? t : null
}
