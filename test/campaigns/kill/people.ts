// The courier and the recipients. They do what the screen says, one act after another; when the
// daemon dies under their hands they do what people do: finish with the open door, or leave it for
// a while.
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../sim/world/random.ts'
import type { View } from '../../../src/kiosk/view.ts'
import { monoMs } from '../../../src/runtime/clock.ts'
import type { KillStage } from './stage.ts'
import type { Flow, StepName } from './steps.ts'
import type { Visit } from './witness.ts'

export const COURIER = { id: 'courier-1', label: 'Courier', code: '20202020' }
/** The kiosk must see the door open for so long to call the locker empty. */
export const OPEN_MIN_MS = 100
export const REOPEN_MS = 1_000
/** Nobody takes a parcel and closes the door within the 30 ms in which a contact may bounce. */
const HANDS_MIN_MS = 100
/** A kill planned for the release falls around it. */
const RELEASE_LEAD_MS = 20

type ScreenKind = View['screen']['kind']
type Showing<K extends ScreenKind> = Extract<View['screen'], { readonly kind: K }>

export interface Parcel {
  readonly id: string
  readonly tracking: string
}

export class People {
  readonly #stage: KillStage
  readonly #random: Random
  /** Deposits and pickups that nothing interrupted. */
  readonly done = { deposit: 0, pickup: 0, look: 0 }

  constructor(stage: KillStage, random: Random) {
    this.#stage = stage
    this.#random = random
  }

  async deposit({ id, tracking }: Parcel): Promise<void> {
    const { signals } = this.#stage
    const visit = this.#begin('deposit', id)
    await this.#signIn()
    await signals.until(`${id} on the list`, () => {
      const screen = this.#screen('courier-menu')
      return screen?.parcels.some(({ parcelId }) => parcelId === id) === true
    })
    await this.#act('parcel chosen', () => {
      if (this.#random.chance(0.5)) this.#stage.screen?.press('deposit', id)
      else this.#stage.screen?.scan(tracking)
    })
    const { lockerId } = await this.#showing('deposit-open')
    const compartment = this.#stage.wall.cabinet.at(lockerId)
    if (compartment.door !== 'open') this.#stage.violated(`${lockerId} is shown open and is not`)
    await this.#calm()
    await this.#act('parcel put in', () => this.#putIn(lockerId, id))
    await pause(this.#random.between(10, 60))
    await this.#close(lockerId)
    await signals.until('deposited', () => this.#stage.screen?.view?.notice?.key === 'deposited')
    await this.#calm()
    await this.#confirmed(visit)
    await this.#signOut()
    this.done.deposit += 1
    this.#stage.witness.visit = null
  }

  async pickUp(parcelId: string, pin: string): Promise<void> {
    const { signals, wall } = this.#stage
    const visit = this.#begin('pickup', parcelId)
    await this.#showing('welcome')
    const revBefore = this.#stage.screen?.view?.rev ?? 0
    await this.#act('PIN entered', () => this.#stage.screen?.type(pin))
    await signals.until(`the PIN of ${parcelId} opens`, () => {
      const view = this.#stage.screen?.view
      if (view?.notice?.key === 'pin-refused' && view.rev > revBefore)
        throw new Error(`a valid PIN was refused: ${parcelId}`)
      return view?.screen.kind === 'pickup-open'
    })
    const { lockerId } = await this.#showing('pickup-open')
    const compartment = wall.cabinet.at(lockerId)
    if (compartment.contents[0] !== parcelId) {
      this.#stage.violated(`${parcelId} is not in ${lockerId}, but ${compartment.contents} is`)
    }
    await this.#calm()
    await pause(this.#random.between(10, 40))
    await this.#act('parcel taken', () => {
      compartment.contents = []
    })
    // Some are too fast for the kiosk to believe that the locker is empty.
    const holdMs = this.#random.chance(0.8) ? OPEN_MIN_MS + 60 : 20
    await pause(this.#random.between(holdMs - 20, holdMs))
    await this.#close(lockerId)
    await this.#showing('pickup-done')
    const doneAtMs = performance.now()
    await this.#calm()
    await this.#confirmed(visit)
    await this.#seeItHeld(doneAtMs)
    this.#stage.screen?.press('back')
    await this.#showing('welcome')
    this.done.pickup += 1
    this.#stage.witness.visit = null
  }

  /** Types a PIN that was spent. */
  async tryInVain(pin: string): Promise<void> {
    await this.#showing('welcome')
    const firedBefore = this.#stage.witness.pulses.length
    const revBefore = this.#stage.screen?.view?.rev ?? 0
    this.#stage.screen?.type(pin)
    await this.#stage.signals.until('a refusal', () => {
      return (this.#stage.screen?.view?.rev ?? 0) > revBefore
    })
    const isOpened = this.#stage.screen?.view?.notice?.key !== 'pin-used'
    if (isOpened || this.#stage.witness.pulses.length > firedBefore) {
      this.#stage.violated('a spent PIN opened a door')
    }
    // There it could say that something was wrong; nothing was.
    if (!isOpened) {
      await this.#showing('pickup-used')
      this.#stage.screen?.press('back')
      await this.#showing('welcome')
    }
  }

  /** The courier looks into a locker that an interrupted deposit left unproven. */
  async look(lockerId: string): Promise<void> {
    const { wall, signals, screen } = this.#stage
    await this.#signIn()
    screen?.press('check', lockerId)
    await this.#showing('check-open')
    const compartment = wall.cabinet.at(lockerId)
    wall.cabinet.close(compartment)
    await this.#showing('check-question')
    if (compartment.contents.length === 0) {
      screen?.press('found-empty')
      await signals.until('free', () => screen?.view?.notice?.key === 'locker-free')
    } else {
      screen?.press('found-parcel')
      await signals.until('deposited', () => screen?.view?.notice?.key === 'deposited')
    }
    await this.#signOut()
    this.done.look += 1
  }

  /** What somebody does with the door that stands open after the screen went dark. */
  async finishAtDoor(visit: Visit): Promise<void> {
    if (visit.lockerId === null) return
    const openMs = performance.now() - (visit.sprangAtMs ?? 0)
    await pause(Math.max(0, HANDS_MIN_MS - openMs))
    const { wall } = this.#stage
    const compartment = wall.cabinet.at(visit.lockerId)
    if (compartment.door !== 'open') return
    const { contents } = compartment
    if (visit.flow === 'pickup') {
      if (this.#random.chance(0.85)) compartment.contents = []
    } else if (contents.length === 0) {
      if (this.#random.chance(0.5)) this.#putIn(visit.lockerId, visit.parcelId)
    } else if (this.#random.chance(0.25)) compartment.contents = []
    wall.cabinet.close(compartment)
  }

  #begin(flow: Flow, parcelId: string): Visit {
    const visit: Visit = {
      flow,
      parcelId,
      begunMonoMs: monoMs(),
      lockerId: null,
      sprangAtMs: null,
      closedAtMs: null,
      factSeq: null,
      isConfirmed: false,
    }
    this.#stage.witness.visit = visit
    return visit
  }

  async #signIn(): Promise<void> {
    await this.#showing('welcome')
    this.#stage.screen?.press('courier')
    await this.#showing('courier-code')
    await this.#act('code entered', () => this.#stage.screen?.type(COURIER.code))
    await this.#showing('courier-menu')
  }

  async #signOut(): Promise<void> {
    this.#stage.screen?.press('sign-out')
    await this.#showing('welcome')
  }

  #putIn(lockerId: string, parcelId: string): void {
    const compartment = this.#stage.wall.cabinet.at(lockerId)
    if (compartment.contents.length > 0) {
      this.#stage.violated(`${parcelId} is to go where ${compartment.contents} lies: ${lockerId}`)
    }
    compartment.contents = [parcelId]
  }

  async #close(lockerId: string): Promise<void> {
    const { cabinet } = this.#stage.wall
    await this.#act('door closed', () => cabinet.close(cabinet.at(lockerId)))
  }

  async #confirmed(visit: Visit): Promise<void> {
    await this.#stage.signals.until('central’s confirmation', () => visit.isConfirmed)
    await this.#calm()
  }

  /** The locker stays held for a while; a kill may be planned for that time or for its end. */
  async #seeItHeld(doneAtMs: number): Promise<void> {
    const step = this.#stage.trigger.armedStep
    const isHeld = step === 'pickup: locker clearing'
    if (!isHeld && step !== 'pickup: locker released') return
    const atMs = doneAtMs + (isHeld ? REOPEN_MS / 2 : REOPEN_MS - RELEASE_LEAD_MS)
    await pause(Math.max(0, atMs - performance.now()))
    this.#stage.witness.reached(isHeld ? 'locker clearing' : 'locker released')
    await this.#calm()
  }

  #screen<K extends ScreenKind>(kind: K): Showing<K> | null {
    const screen = this.#stage.screen?.view?.screen
    return screen?.kind === kind ? (screen as Showing<K>) : null
  }

  async #showing<K extends ScreenKind>(kind: K): Promise<Showing<K>> {
    await this.#stage.signals.until(`the screen ${kind}`, () => this.#screen(kind) !== null)
    const screen = this.#screen(kind)
    if (screen === null) throw new Error(`the screen ${kind} was gone at once`)
    return screen
  }

  async #act(name: StepName, deed: () => void): Promise<void> {
    await this.#calm()
    deed()
    this.#stage.witness.reached(name)
    await this.#calm()
  }

  /** Nobody goes on between a step and the kill planned for it. */
  async #calm(): Promise<void> {
    const { signals, trigger } = this.#stage
    signals.check()
    if (trigger.isPending) await signals.until('the kill', () => false)
  }
}
