// The people at the kiosk. They see only the screen and the doors, do what it says, and sometimes
// do not: they change their minds, walk away, type wrong, leave doors open.
import { REFERENCE_DIGITS } from '../../src/kiosk/pin-policy.ts'
import type { ActionName, ParcelLine, View } from '../../src/kiosk/view.ts'
import type { Cabinet, Compartment } from '../cabinet.ts'
import type { Random } from './random.ts'

export type Wish =
  | { readonly kind: 'press'; readonly action: ActionName; readonly value?: string }
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'scan'; readonly code: string }
  /** The code that came in the letter with this PIN. */
  | { readonly kind: 'token'; readonly pin: string }

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

/** How seldom somebody comes who has no business here and tries numbers. */
const GUESSERS = 0.08
const GUESSES_MAX = 9

/** What a courier has come for. */
export interface Round {
  readonly code: string
  /** To be left here. */
  readonly parcels: number
  /** By parcel: what a scanner reads off it. Null: whatever the screen lists. */
  readonly cart: ReadonlyMap<string, string> | null
  /** What goes back: left to others, taken along, or all that is wanted. */
  readonly fetching: 'never' | 'also' | 'only'
}

/** Only for what goes back. */
export const FETCH_ROUND: Round = {
  code: COURIER_CODE,
  parcels: 0,
  cart: null,
  fetching: 'only',
}

/** A courier, or once in a while a guesser. */
export function comerVisit(at: Surroundings): Visitor {
  const { random } = at
  if (random.chance(GUESSERS)) return guesserVisit(at)
  const parcels = random.between(1, 3)
  return courierVisit(at, { code: COURIER_CODE, parcels, cart: null, fetching: 'also' })
}

/** Tries numbers on every pad there is, and goes when that gets tedious. */
export function guesserVisit(at: Surroundings): Visitor {
  const { random, wish, view } = at
  let left = random.between(1, GUESSES_MAX)
  return () => {
    const screen = view()?.screen
    if (screen === undefined || left <= 0) return false
    if (!('digits' in screen)) {
      wish({ kind: 'press', action: 'back' })
      return screen.kind === 'help'
    }
    if (screen.waitMs > 0) return random.chance(0.9)
    left -= 1
    if (random.chance(0.1))
      wish({ kind: 'press', action: random.pick(['courier', 'help', 'back']) })
    else wish({ kind: 'digits', digits: `guess ${random.between(0, 99_999_999)}` })
    return true
  }
}

export function courierVisit(at: Surroundings, round: Round): Visitor {
  const courier = new Courier(at, round)
  return () => courier.next()
}

const NO_CHECK = { hasFound: false, takesAlong: false }

class Courier {
  readonly #at: Surroundings
  readonly #round: Round
  #left: number
  #triedCode = 0
  /** What a scanner reads off the parcels on the cart. */
  #cart: readonly string[] = []
  /** Behind the door that stands open now. */
  #putIn: string[] = []
  readonly #taken = new Set<string>()
  /** Of the locker that is looked into: what was said of it, and what is wanted when it opens. */
  #check: { hasFound: boolean; takesAlong: boolean } = NO_CHECK

  constructor(at: Surroundings, round: Round) {
    this.#at = at
    this.#round = round
    this.#left = round.parcels
  }

  #press(action: ActionName, value?: string): void {
    this.#at.wish({ kind: 'press', action, ...(value === undefined ? {} : { value }) })
  }

  #isWhim(): boolean {
    return this.#at.random.chance(this.#at.whim())
  }

  #atDoor(screen: Extract<View['screen'], { kind: 'deposit-open' }>): void {
    const { cabinet, random, wish } = this.#at
    const compartment = cabinet.at(screen.lockerId)
    const own = [screen.parcel, ...screen.withParcels].map(({ parcelId }) => parcelId)
    const [missing] = own.filter((id) => !compartment.contents.includes(id))
    if (compartment.door !== 'open') {
      // What the sensor calls open is shut: it says so as soon as the screen asks.
      this.#press('said-shut')
      return
    }
    if (missing !== undefined) {
      compartment.contents = [...compartment.contents, missing]
      this.#putIn.push(missing)
      if (this.#isWhim()) this.#press('cancel')
    } else if (screen.canPart && this.#isWhim()) {
      compartment.contents = compartment.contents.filter((id) => id !== own.at(-1))
      this.#press('apart')
    } else if (screen.canResize && this.#isWhim()) {
      this.#press(random.pick(['bigger', 'smaller']))
    } else if (screen.canAdd && random.chance(0.7)) this.#press('together')
    else if (screen.next === null && this.#cart.length > 0 && random.chance(0.4)) {
      wish({ kind: 'scan', code: random.pick(this.#cart) })
    } else {
      cabinet.close(compartment)
      this.#putIn = []
      this.#left -= 1
    }
  }

  /** What was put in for nothing is taken along; what others left stays. */
  #takeBack(compartment: Compartment): void {
    const { contents } = compartment
    compartment.contents = contents.filter((id) => !this.#putIn.includes(id))
    this.#putIn = []
  }

  /** What was brought, and is in no locker yet. */
  #load(listed: readonly ParcelLine[]): void {
    const { cart } = this.#round
    const brought = cart ?? listed.map(({ parcelId, tracking }) => [parcelId, tracking] as const)
    this.#cart = [...brought].flatMap(([parcelId, code]) =>
      code === null || this.#at.cabinet.holds(parcelId) ? [] : [code],
    )
  }

  #atMenu(screen: Extract<View['screen'], { kind: 'courier-menu' }>): boolean {
    const { random, wish } = this.#at
    const { fetching } = this.#round
    this.#load(screen.parcels)
    this.#check = NO_CHECK
    const [check] = screen.checks
    const isChecking = check !== undefined && fetching !== 'only' && random.chance(0.7)
    const isFetching = screen.retrievals > 0 && fetching !== 'never'
    if (isChecking) this.#press('check', check)
    else if (isFetching && (random.chance(0.7) || fetching === 'only')) this.#press('retrieve')
    else if (this.#left <= 0) this.#press('sign-out')
    else if (this.#cart.length > 0 && random.chance(0.7)) {
      const code = random.pick(this.#cart)
      const listed = screen.parcels.find(({ tracking }) => tracking === code)
      if (listed === undefined || random.chance(0.4)) wish({ kind: 'scan', code })
      else this.#press('deposit', listed.parcelId)
    } else {
      this.#left -= 1
      this.#press('walk-in')
    }
    return true
  }

  next(): boolean {
    const { random, cabinet, wish, view, whim } = this.#at
    const screen = view()?.screen
    if (screen === undefined) return false
    if (random.chance(whim() / 4)) return false // walks away, whatever stands open
    switch (screen.kind) {
      case 'welcome':
        if (this.#left <= 0 && this.#triedCode > 0) return false
        this.#press('courier')
        return true
      case 'help':
      case 'desk':
        this.#press('back')
        return true
      case 'courier-code':
        this.#triedCode += 1
        wish({ kind: 'digits', digits: this.#isWhim() ? '99999999' : this.#round.code })
        return this.#triedCode < 10
      case 'reference':
        wish({ kind: 'digits', digits: this.#round.code })
        return true
      case 'courier-menu':
        return this.#atMenu(screen)
      case 'walk-in-recipient':
        this.#chooseRecipient(screen.recipients)
        return true
      case 'walk-in-size':
        this.#press('size', random.pick(screen.sizes).size)
        return true
      case 'deposit-offer':
        this.#press(random.chance(0.7) ? 'together' : random.chance(0.8) ? 'apart' : 'back')
        return true
      case 'deposit-opening':
        if (this.#isWhim()) this.#press('cancel')
        return true
      case 'deposit-open':
        this.#atDoor(screen)
        return true
      case 'deposit-stuck':
        this.#atStuck(screen, ['retry', 'cancel'])
        return true
      case 'deposit-question':
        this.#leaveUnseen(cabinet.at(screen.lockerId), screen.parcel.parcelId)
        return true
      case 'deposit-finishing':
      case 'check-opening':
        return true
      case 'cancel-open': {
        const compartment = cabinet.at(screen.lockerId)
        this.#takeBack(compartment)
        cabinet.close(compartment)
        return true
      }
      case 'check-offer':
        this.#press(random.chance(0.8) ? 'check' : 'back', screen.lockerId)
        return true
      case 'check-open':
        this.#lookInside(cabinet.at(screen.lockerId))
        return true
      case 'check-stuck':
        this.#atStuck(screen, ['retry', 'back'])
        return true
      case 'check-question':
        this.#answerTruly(cabinet.at(screen.lockerId), screen.parcel?.parcelId ?? null)
        return true
      default:
        return this.#atRetrieval(screen)
    }
  }

  /** @returns false at somebody else's screen */
  #atRetrieval(screen: View['screen']): boolean {
    switch (screen.kind) {
      case 'retrieval-opening':
        return true
      case 'retrieval-open':
        this.#takeOut(screen.lockerId, [screen.parcel, ...screen.others])
        return true
      case 'retrieval-stuck':
        this.#atStuck(screen, ['retry', 'skip'])
        return true
      case 'retrieval-question': {
        const { lockerId, parcel } = screen
        const { door, contents } = this.#at.cabinet.at(lockerId)
        if (door === 'open') this.#takeOut(lockerId, [parcel])
        else if (contents.includes(parcel.parcelId)) this.#press('found-parcel')
        // Whoever has it already, from a run that broke off, has taken it out.
        else if (contents.length === 0 || this.#taken.has(parcel.parcelId)) this.#press('took-out')
        else this.#press('found-empty')
        return true
      }
      default:
        return false
    }
  }

  /** What else lies there stays. */
  #takeOut(lockerId: string, parcels: readonly { readonly parcelId: string }[]): void {
    const compartment = this.#at.cabinet.at(lockerId)
    if (compartment.door !== 'open') return
    const ids = parcels.map(({ parcelId }) => parcelId)
    for (const id of compartment.contents) if (ids.includes(id)) this.#taken.add(id)
    compartment.contents = compartment.contents.filter((id) => !ids.includes(id))
    this.#at.cabinet.close(compartment)
  }

  /** Says that it is open if it is: only the person sees it. */
  #atStuck(
    { lockerId, canSayOpen }: { readonly lockerId: string; readonly canSayOpen: boolean },
    [again, away]: readonly [ActionName, ActionName],
  ): void {
    const isOpen = this.#at.cabinet.at(lockerId).door === 'open'
    if (isOpen && canSayOpen) this.#press('said-open')
    else this.#press(this.#at.random.chance(0.6) ? again : away)
  }

  /** Nobody is known here before central has been heard. */
  #chooseRecipient(all: readonly { readonly id: string }[]): void {
    if (all.length === 0) this.#press('back')
    else this.#press('recipient', this.#at.random.pick(all).id)
  }

  #leaveUnseen(compartment: Compartment, parcelId: string): void {
    const { cabinet } = this.#at
    if (compartment.door === 'open') {
      compartment.contents = [...compartment.contents, parcelId]
      cabinet.close(compartment)
      this.#left -= 1
    } else this.#press(compartment.contents.includes(parcelId) ? 'found-parcel' : 'found-empty')
  }

  #lookInside(compartment: Compartment): void {
    if (compartment.door !== 'open') return
    if (this.#check.takesAlong) compartment.contents = []
    this.#check = NO_CHECK
    this.#at.cabinet.close(compartment)
  }

  #answerTruly({ contents }: Compartment, parcelId: string | null): void {
    const isThere = parcelId === null ? contents.length > 0 : contents.includes(parcelId)
    // Somebody else's parcel lies there, or may: whoever makes the round settles that.
    if (!isThere) this.#press(contents.length > 0 ? 'back' : 'found-empty')
    else if (parcelId !== null) {
      this.#check = { ...this.#check, hasFound: true }
      this.#press('found-parcel')
    } else if (this.#check.hasFound) this.#press('back')
    else {
      // What was cancelled is taken along.
      this.#check = { ...this.#check, takesAlong: true }
      this.#press('check')
    }
  }
}

/** The second part as the letter says it; the world derives it from the PIN. */
export function referenceOf(pin: string): string {
  return `REF-${pin.slice(-REFERENCE_DIGITS)}`
}

/** Most of what is wrong with a parcel shows at home. */
const COMPLAINTS = ['damaged', 'damaged', 'damaged', 'missing', 'wrong'] as const

/** When something is wrong, or the door is high up. */
function complain({ wish, random, whim }: Surroundings, screen: View['screen']): boolean {
  switch (screen.kind) {
    case 'pickup-reach':
      wish({ kind: 'press', action: random.chance(whim()) ? 'leave-closed' : 'open-high' })
      return true
    case 'pickup-problem':
      if (screen.parcels.length > 0) {
        const which = random.chance(0.5) ? {} : { value: random.pick(screen.parcels).parcelId }
        wish({ kind: 'press', action: 'which', ...which })
      } else wish({ kind: 'press', action: 'report', value: random.pick(COMPLAINTS) })
      return true
    // With a PIN that was used, some time ago.
    case 'pickup-used':
      wish({ kind: 'press', action: random.chance(0.7) ? 'problem' : 'back' })
      return true
    case 'pickup-which-door':
      wish({ kind: 'press', action: 'which', value: random.pick(screen.lockers) })
      return true
    case 'pickup-reported':
      wish({ kind: 'press', action: 'back' })
      return screen.left > 0
    default:
      return false
  }
}

/** One in three has a telephone at hand: always the same, so that seeds stay what they were. */
function scans(pin: string): boolean {
  return [...pin].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 3 === 0
}

/** Whoever could not be let in by the code types the number. */
function showPin({ wish, random, whim }: Surroundings, pin: string, isFirst: boolean): void {
  if (isFirst && scans(pin)) wish({ kind: 'token', pin })
  else wish({ kind: 'digits', digits: random.chance(whim()) ? 'typo' : pin })
}

/** @param pin as the newest letter says it */
export function recipientVisit(at: Surroundings, pin: () => string): Visitor {
  const { random, cabinet, wish } = at
  const isWhim = (): boolean => random.chance(at.whim())
  let tries = 0
  let seenOpen = false
  const takeAndClose = (compartment: Compartment): boolean => {
    if (compartment.contents.length > 0) {
      compartment.contents = []
      return true
    }
    if (isWhim()) return false // leaves the door open
    cabinet.close(compartment)
    return true
  }
  return () => {
    const screen = at.view()?.screen
    if (screen === undefined) return false
    switch (screen.kind) {
      case 'welcome':
        if (seenOpen || tries > 2) return false
        if (screen.waitMs > 0) return true
        tries += 1
        showPin(at, pin(), tries === 1)
        return true
      case 'reference':
        if (screen.waitMs > 0) return true
        tries += 1
        wish({ kind: 'digits', digits: isWhim() ? 'typo' : referenceOf(pin()) })
        return tries < 6
      case 'pickup-opening':
        return true
      case 'pickup-open': {
        const compartment = cabinet.at(screen.lockerId)
        seenOpen = true
        if (compartment.door === 'closed' && screen.canSayShut) {
          wish({ kind: 'press', action: 'said-shut' })
          return true
        }
        return compartment.door === 'closed' || takeAndClose(compartment)
      }
      case 'pickup-stuck': {
        const isOpen = cabinet.at(screen.lockerId).door === 'open'
        const skips = screen.left > 0 && random.chance(0.5)
        const otherwise = skips ? 'skip' : random.chance(0.8) ? 'retry' : 'back'
        wish({ kind: 'press', action: isOpen && screen.canSayOpen ? 'said-open' : otherwise })
        return true
      }
      case 'pickup-blind':
        seenOpen = true
        if (cabinet.at(screen.lockerId).door === 'closed') {
          wish({ kind: 'press', action: 'said-shut' })
          return true
        }
        return takeAndClose(cabinet.at(screen.lockerId))
      case 'pickup-done':
        if (isWhim()) {
          wish({ kind: 'press', action: 'problem' })
          return true
        }
        if (screen.canReopen && isWhim()) {
          wish({ kind: 'press', action: 'reopen' })
          return true
        }
        return false
      default:
        return complain(at, screen)
    }
  }
}
