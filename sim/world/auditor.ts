// A technician who audits: opens what the kiosk opens, looks, and says what is there. In the
// troubled time one sometimes cannot tell, makes room for others, or just goes away.
import type { ActionName, AuditExpected, View } from '../../src/kiosk/view.ts'
import type { Surroundings, Visitor } from './people.ts'

export const TECHNICIAN_CODE = '20000002'

/** So often at the pad, and somebody else has the kiosk. */
const TRIES_MAX = 10
/** An audit goes through the wall, and some doors take their time. */
const STEPS_MAX = 400

type AuditScreen = Extract<View['screen'], { kind: `audit-${string}` }>

interface Round {
  /** The whole wall, from its beginning. */
  readonly isThorough: boolean
}

export function auditVisit(at: Surroundings, round: Round): Visitor {
  const auditor = new Auditor(at, round)
  return () => auditor.next()
}

class Auditor {
  readonly #at: Surroundings
  readonly #round: Round
  #tries = 0
  #steps = 0
  #hasBegun = false

  constructor(at: Surroundings, round: Round) {
    this.#at = at
    this.#round = round
  }

  #press(action: ActionName, value?: string): void {
    this.#at.wish({ kind: 'press', action, ...(value === undefined ? {} : { value }) })
  }

  /** Whoever has gone through an audit goes home afterwards. */
  #go(choice?: string): void {
    this.#hasBegun = true
    this.#press('audit', choice)
  }

  #isWhim(): boolean {
    return this.#at.random.chance(this.#at.whim())
  }

  next(): boolean {
    const screen = this.#at.view()?.screen
    this.#steps += 1
    if (screen === undefined || this.#steps > STEPS_MAX) return false
    if (this.#at.random.chance(this.#at.whim() / 8)) return false // walks away
    switch (screen.kind) {
      case 'welcome':
        if (this.#hasBegun || this.#tries >= TRIES_MAX) return false
        this.#press('courier')
        return true
      case 'courier-code':
      case 'reference':
        this.#tries += 1
        this.#at.wish({ kind: 'digits', digits: TECHNICIAN_CODE })
        return this.#tries < TRIES_MAX
      case 'staff-menu':
        this.#press(this.#hasBegun ? 'sign-out' : 'audit')
        return true
      default:
        return isAudit(screen) ? this.#atAudit(screen) : false
    }
  }

  #atAudit(screen: AuditScreen): boolean {
    const { random } = this.#at
    const { isThorough } = this.#round
    switch (screen.kind) {
      case 'audit-offer':
        if (isThorough || this.#isWhim()) this.#press('audit-end')
        else this.#go()
        return true
      case 'audit-choice':
        this.#go(isThorough ? 'all' : random.pick(['all', 'oldest', 'column 1']))
        return true
      case 'audit-opening':
        return true
      case 'audit-open':
        this.#shut(screen.lockerId, screen)
        return true
      case 'audit-stuck':
        this.#atStuck(screen)
        return true
      case 'audit-question':
        this.#answer(screen.lockerId, screen.expected)
        return true
      case 'audit-other':
        this.#name(screen)
        return true
    }
  }

  #shut(lockerId: string, { canSayShut }: { readonly canSayShut: boolean }): void {
    const { cabinet } = this.#at
    const compartment = cabinet.at(lockerId)
    if (compartment.door === 'closed') {
      if (canSayShut) this.#press('said-shut')
    } else if (this.#isWhim()) this.#press('pause')
    else cabinet.close(compartment)
  }

  #atStuck({ lockerId, canSayOpen }: Extract<AuditScreen, { kind: 'audit-stuck' }>): void {
    const { cabinet } = this.#at
    const compartment = cabinet.at(lockerId)
    const isOpen = compartment.door === 'open'
    if (isOpen && canSayOpen) this.#press('said-open')
    // Somebody has left it so: what was authorised before ends when it is shut.
    else if (isOpen && this.#round.isThorough) cabinet.close(compartment)
    else this.#press(this.#at.random.chance(0.7) ? 'retry' : 'skip')
  }

  #answer(lockerId: string, expected: AuditExpected): void {
    const { cabinet } = this.#at
    const compartment = cabinet.at(lockerId)
    const { contents } = compartment
    // Where no sensor sees it is asked before the door is shut.
    cabinet.close(compartment)
    if (this.#isWhim()) this.#press('found-unknown')
    else if (contents.length === 0) {
      this.#press(expected.kind === 'empty' ? 'matches' : 'found-empty')
    } else this.#press(isAsExpected(contents, expected) ? 'matches' : 'found-other')
  }

  #name({ lockerId, parcels }: Extract<AuditScreen, { kind: 'audit-other' }>): void {
    const { cabinet, wish, view, random } = this.#at
    const [label] = cabinet.at(lockerId).contents
    if (label === undefined || view()?.notice?.code === 'LK-SCAN-02') this.#press('skip')
    else if (parcels.some(({ parcelId }) => parcelId === label) && random.chance(0.5)) {
      this.#press('found-parcel', label)
    } else wish({ kind: 'scan', code: label })
  }
}

/** Several are as expected when there are as many of them, and the first one is among them. */
function isAsExpected(contents: readonly string[], expected: AuditExpected): boolean {
  if (expected.kind === 'empty' || expected.parcel === null) return false
  return contents.length === 1 + expected.more && contents.includes(expected.parcel.parcelId)
}

function isAudit(screen: View['screen']): screen is AuditScreen {
  return screen.kind.startsWith('audit-')
}
