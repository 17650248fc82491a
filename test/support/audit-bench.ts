// A kiosk on the bench whose lockers are looked into. Locker 1 holds p-1, locker 2 holds p-2, and
// lockers 3 and 4 are free.
import { expect } from 'vitest'
import type { AuditReport } from '../../src/kiosk/audit-report.ts'
import type { KioskConfig } from '../../src/kiosk/config.ts'
import type { DesiredStaff } from '../../src/kiosk/desired.ts'
import type { ActionName } from '../../src/kiosk/view.ts'
import { Bench, wallOf } from './bench.ts'

export const TECHNICIAN: DesiredStaff = {
  id: 't-9',
  role: 'technician',
  label: 'Technician 9',
  verifier: 'code of t-9',
}

export class AuditBench extends Bench {
  constructor(config: KioskConfig = wallOf(['S', 'S', 'S', 'S'])) {
    super(config)
    this.prepare(['p-1', 'p-2', 'p-3'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
    this.employ(TECHNICIAN)
    this.leaveParcel('p-1')
    this.leaveParcel('p-2')
  }

  begin(choice = 'all'): void {
    this.signIn('code of t-9')
    this.press('audit')
    this.press('audit', choice)
  }

  /** The door springs open, the technician looks and shuts it, and answers. */
  look(answer: ActionName): string {
    const lockerId = this.useDoor()
    expect(this.screen).toMatchObject({ kind: 'audit-question', lockerId })
    this.press(answer)
    return lockerId
  }

  /** The door that just began to open stays shut, and the technician goes. */
  leaveAudit(): void {
    this.jam()
    this.press('pause')
    expect(this.screen.kind).toBe('welcome')
  }

  states(): readonly (string | undefined)[] {
    return this.config.columns.flatMap(({ lockers }) =>
      lockers.map(({ id }) => this.lockerState(id)),
    )
  }

  report(auditId: number | null = null): AuditReport {
    const answer = this.askAudit({ kind: 'report', auditId })
    if (answer?.kind !== 'audited') throw new Error(`no report: ${JSON.stringify(answer)}`)
    return answer.report
  }
}
