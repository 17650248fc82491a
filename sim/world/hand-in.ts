// The people who hand a parcel in: they put it in and say so, mostly. Some change their minds, want
// another locker, leave the door open, or come back for what they have just left.
import type { ActionName, View } from '../../src/kiosk/view.ts'
import type { Compartment } from '../cabinet.ts'
import { referenceOf, type Surroundings, type Visitor } from './people.ts'

interface Errand {
  readonly parcelId: string
  /** As the letter says it. */
  readonly code: string
  /** Whether somebody ever wants to see it again who has just handed it in. */
  readonly reopens: 'sometimes' | 'never'
}

const TRIES_MAX = 3

export function handInVisit(at: Surroundings, errand: Errand): Visitor {
  const visit = new HandIn(at, errand)
  return () => visit.next()
}

class HandIn {
  readonly #at: Surroundings
  readonly #errand: Errand
  #tries = 0
  #isDone = false
  /** The parcel is not behind any door. */
  #isInHand: boolean

  constructor(at: Surroundings, errand: Errand) {
    this.#at = at
    this.#errand = errand
    this.#isInHand = !at.cabinet.holds(errand.parcelId)
  }

  next(): boolean {
    const screen = this.#at.view()?.screen
    switch (screen?.kind) {
      case 'welcome':
        if (this.#isDone || this.#tries >= TRIES_MAX || this.#isFull()) return false
        return screen.waitMs > 0 || this.#type(this.#errand.code)
      case 'reference':
        return screen.waitMs > 0 || this.#type(referenceOf(this.#errand.code))
      case 'hand-in-size':
        this.#press('size', this.#at.random.pick(screen.sizes).size)
        return true
      case 'hand-in-opening':
        if (this.#isWhim()) this.#press('cancel')
        return true
      case 'hand-in-open':
        return this.#atOpenDoor(screen)
      case 'hand-in-undone':
        this.#takeAlong(screen.lockerId)
        return true
      case 'hand-in-stuck':
        this.#atStuck(screen)
        return true
      case 'hand-in-question':
        return this.#answer(screen)
      case 'hand-in-done':
        this.#isDone = true
        if (this.#errand.reopens === 'never' || !screen.canReopen || !this.#isWhim()) return false
        this.#press('reopen')
        return true
      default:
        return false
    }
  }

  /** There is no room: another day, with the same code. */
  #isFull(): boolean {
    return this.#at.view()?.notice?.key === 'hand-in-full'
  }

  #press(action: ActionName, value?: string): void {
    this.#at.wish({ kind: 'press', action, ...(value === undefined ? {} : { value }) })
  }

  #type(digits: string): boolean {
    this.#tries += 1
    this.#at.wish({ kind: 'digits', digits: this.#isWhim() ? 'typo' : digits })
    return true
  }

  #isWhim(): boolean {
    return this.#at.random.chance(this.#at.whim())
  }

  /** What lies there afterwards, with the door shut. */
  #leave(lockerId: string, contents: readonly string[]): void {
    const compartment = this.#at.cabinet.at(lockerId)
    if (compartment.door !== 'open') return
    compartment.contents = contents
    this.#at.cabinet.close(compartment)
  }

  /** Out it comes, if it is there, and the door is shut. */
  #takeAlong(lockerId: string): void {
    const { parcelId } = this.#errand
    const { door, contents } = this.#at.cabinet.at(lockerId)
    if (door !== 'open') return
    if (contents.includes(parcelId)) this.#isInHand = true
    this.#leave(
      lockerId,
      contents.filter((id) => id !== parcelId),
    )
  }

  #putIn(compartment: Compartment): void {
    if (!this.#isInHand) return
    this.#isInHand = false
    compartment.contents = [...compartment.contents, this.#errand.parcelId]
  }

  #atOpenDoor(screen: Extract<View['screen'], { kind: 'hand-in-open' }>): boolean {
    const { lockerId, isReopened, canSayShut } = screen
    const compartment = this.#at.cabinet.at(lockerId)
    if (compartment.door !== 'open') {
      // What the sensor calls open is shut: it says so as soon as the screen asks.
      if (canSayShut) this.#press('said-shut')
      return true
    }
    if (isReopened) {
      if (this.#isWhim()) this.#takeAlong(lockerId)
      else this.#leave(lockerId, compartment.contents)
      return true
    }
    if (compartment.contents.length === 0) {
      if (this.#isWhim()) this.#press(this.#at.random.pick(['bigger', 'smaller', 'cancel']))
      else this.#putIn(compartment)
      return this.#isInHand || compartment.contents.length > 0
    }
    // Now and then the door is left open.
    if (this.#isWhim()) return false
    if (this.#isWhim()) this.#press('cancel')
    else this.#leave(lockerId, compartment.contents)
    return true
  }

  #atStuck(screen: Extract<View['screen'], { kind: 'hand-in-stuck' }>): void {
    const { lockerId, canSayOpen, isReopened } = screen
    const isOpen = this.#at.cabinet.at(lockerId).door === 'open'
    if (isOpen && canSayOpen) this.#press('said-open')
    else if (this.#at.random.chance(0.6)) this.#press('retry')
    else this.#press(isReopened ? 'back' : 'cancel')
  }

  /** Tells the truth, and goes without a word only from a parcel that is inside. */
  #answer({
    lockerId,
    isSeenShut,
  }: Extract<View['screen'], { kind: 'hand-in-question' }>): boolean {
    const { parcelId } = this.#errand
    const compartment = this.#at.cabinet.at(lockerId)
    if (compartment.door === 'open') {
      if (compartment.contents.length === 0) this.#putIn(compartment)
      this.#leave(lockerId, compartment.contents)
      return true
    }
    const isInside = compartment.contents.includes(parcelId)
    if (isSeenShut && this.#isWhim()) this.#press('retry')
    else if (isInside && this.#isWhim()) {
      this.#isDone = true
      return false
    } else {
      this.#isDone = isInside
      this.#press(isInside ? 'found-parcel' : 'found-empty')
    }
    return true
  }
}
