// The people at the kiosk. They see only the screen and the doors, do what it says, and sometimes do
// not: they change their minds, walk away, type wrong, leave doors open.
import type { ActionName, View } from '../../src/kiosk/view.ts'
import type { Cabinet, Compartment } from '../cabinet.ts'
import type { Random } from './random.ts'

export type Wish =
  | { readonly kind: 'press'; readonly action: ActionName; readonly value?: string }
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'scan'; readonly code: string }

export interface Surroundings {
  readonly view: () => View | null
  readonly cabinet: Cabinet
  readonly wish: (wish: Wish) => void
  readonly random: Random
  /** How likely somebody does the unexpected at any moment. */
  readonly whim: () => number
}

/** What a person does next; false: goes away. */
export type Visitor = () => boolean

export const COURIER_CODE = '10000001'

export function courierVisit(at: Surroundings, parcelCount: number): Visitor {
  const { random, cabinet, wish } = at
  const isWhim = (): boolean => random.chance(at.whim())
  let left = parcelCount
  let triedCode = 0
  const press = (action: ActionName, value?: string) =>
    wish({ kind: 'press', action, ...(value === undefined ? {} : { value }) })

  function atDoor(lockerId: string, parcelId: string): void {
    const compartment = cabinet.at(lockerId)
    if (compartment.door !== 'open') return
    if (compartment.contents === null) {
      compartment.contents = parcelId
      if (isWhim()) press('cancel')
      return
    }
    cabinet.close(compartment)
    left -= 1
  }

  function atMenu(screen: Extract<View['screen'], { kind: 'courier-menu' }>): boolean {
    const [check] = screen.checks
    if (check !== undefined && random.chance(0.7)) press('check', check)
    else if (left <= 0) press('sign-out')
    else if (screen.parcels.length > 0 && random.chance(0.7)) {
      const parcel = random.pick(screen.parcels)
      if (parcel.tracking !== null && random.chance(0.4)) {
        wish({ kind: 'scan', code: parcel.tracking })
      } else press('deposit', parcel.parcelId)
    } else {
      left -= 1
      press('walk-in')
    }
    return true
  }

  return () => {
    const screen = at.view()?.screen
    if (screen === undefined) return false
    if (random.chance(at.whim() / 4)) return false // walks away, whatever stands open
    switch (screen.kind) {
      case 'welcome':
        if (left <= 0) return false
        press('courier')
        return true
      case 'help':
        press('back')
        return true
      case 'courier-code':
        triedCode += 1
        wish({ kind: 'digits', digits: isWhim() ? '99999999' : COURIER_CODE })
        return triedCode < 10
      case 'courier-menu':
        return atMenu(screen)
      case 'walk-in-recipient':
        press('recipient', random.pick(screen.recipients).id)
        return true
      case 'walk-in-size':
        press('size', random.pick(screen.sizes).size)
        return true
      case 'deposit-opening':
        if (isWhim()) press('cancel')
        return true
      case 'deposit-open':
        atDoor(screen.lockerId, screen.parcel.parcelId)
        return true
      case 'deposit-stuck':
        press(random.chance(0.6) ? 'retry' : 'cancel')
        return true
      case 'deposit-finishing':
      case 'check-opening':
        return true
      case 'cancel-open': {
        const compartment = cabinet.at(screen.lockerId)
        compartment.contents = null
        cabinet.close(compartment)
        return true
      }
      case 'check-offer':
        press(random.chance(0.8) ? 'check' : 'back', screen.lockerId)
        return true
      case 'check-open':
        cabinet.close(cabinet.at(screen.lockerId))
        return true
      case 'check-stuck':
        press(random.chance(0.5) ? 'retry' : 'back')
        return true
      case 'check-question':
        answerTruly(cabinet.at(screen.lockerId), screen.parcel !== null)
        return true
      default:
        return false // somebody else's screen
    }
  }

  function answerTruly(compartment: Compartment, isParcelKnown: boolean): void {
    if (compartment.contents === null) press('found-empty')
    else if (isParcelKnown) press('found-parcel')
    else {
      compartment.contents = null // what was cancelled is taken along
      press('check')
    }
  }
}

/** @param pin as the newest letter says it */
export function recipientVisit(at: Surroundings, pin: () => string): Visitor {
  const { random, cabinet, wish } = at
  const isWhim = (): boolean => random.chance(at.whim())
  let tries = 0
  let seenOpen = false
  return () => {
    const screen = at.view()?.screen
    if (screen === undefined) return false
    switch (screen.kind) {
      case 'welcome':
        if (seenOpen || tries > 2) return false
        if (screen.waitMs > 0) return true
        tries += 1
        wish({ kind: 'digits', digits: isWhim() ? 'typo' : pin() })
        return true
      case 'pickup-opening':
        return true
      case 'pickup-open': {
        const compartment = cabinet.at(screen.lockerId)
        seenOpen = true
        if (compartment.contents !== null) {
          compartment.contents = null
          return true
        }
        if (isWhim()) return false // leaves the door open
        cabinet.close(compartment)
        return true
      }
      case 'pickup-stuck':
        wish({ kind: 'press', action: random.chance(0.8) ? 'retry' : 'back' })
        return true
      case 'pickup-done':
        if (screen.canReopen && isWhim()) {
          wish({ kind: 'press', action: 'reopen' })
          return true
        }
        return false
      default:
        return false
    }
  }
}
