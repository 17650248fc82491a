// Refusals as problem details (RFC 9457): a status for programs, a stable code for people.
import { CODES, type Code } from '../kiosk/codes.ts'
import type { Outcome } from '../kiosk/outcomes.ts'

export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: Code
  readonly detail?: string
  /** Of the opening that failed. */
  readonly outcome?: Outcome
}

/** 503: try later. 504: it was tried, and the hardware did not do it. The rest is a conflict. */
const STATUS_BY_CODE: Partial<Record<Code, number>> = {
  'LK-AUDIT-03': 404,
  'LK-BUS-01': 503,
  'LK-BUS-02': 503,
  'LK-BUS-03': 503,
  'LK-CTL-01': 400,
  'LK-CTL-02': 404,
  'LK-CTL-04': 503,
  'LK-CTL-05': 404,
  'LK-CTL-06': 404,
  'LK-CTL-07': 503,
  'LK-CTL-09': 404,
  'LK-CTL-10': 404,
  'LK-DOOR-01': 504,
  'LK-DOOR-03': 503,
}
const CONFLICT = 409

export function problemOf(
  code: Code,
  { detail, outcome }: Pick<Problem, 'detail' | 'outcome'> = {},
): Problem {
  return {
    type: 'about:blank',
    title: CODES[code],
    status: STATUS_BY_CODE[code] ?? CONFLICT,
    code,
    ...(detail !== undefined && { detail }),
    ...(outcome !== undefined && { outcome }),
  }
}
