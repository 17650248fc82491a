// The reference central: takes facts over, answers requests, signs what it sends. Small on purpose,
// it shows an integrator what the contract asks of a central, and nothing of a real one's business.
import { createHmac } from 'node:crypto'
import type {
  DesiredFirmware,
  DesiredLocker,
  DesiredParcel,
  DesiredPickup,
  DesiredRecipient,
  DesiredReturn,
  DesiredSetting,
  DesiredStaff,
  StreamName,
  StreamRows,
} from '../../src/kiosk/desired.ts'
import { checkDown } from '../../src/sync/contract/validate.ts'
import { openAuthority } from './authority.ts'
import type { CommandAnswer, CommandOrder } from './command-desk.ts'
import type { Place } from './desired-store.ts'
import type { Exception } from './exceptions.ts'
import {
  CentralExchange,
  type CentralKiosk,
  type CentralOptions,
  type Rejection,
} from './exchange.ts'
import type { FactCounters, Letter, StoredFact } from './fact-store.ts'
import type { Alarm, DeadLetter, KioskHealth } from './health.ts'
import { loadCentralKeys } from './keys.ts'
import type { Mail } from './mailer.ts'
import type { Upkeep } from './upkeep.ts'

interface CentralCounters extends FactCounters {
  deltas: number
  snapshots: number
  /** Up messages that are not of the contract. */
  refused: number
  /** Refusals that kiosks reported. */
  rejections: number
}

/** Roughly: whether it exists only a mail can tell. */
const MAIL = /^[^\s@<>",;]{1,64}@[^\s@<>",;]{1,190}$/u

type At<Row> = Row & { readonly kioskId: string }

export interface Central {
  announce(parcel: At<DesiredParcel>): void
  withdraw(parcel: { readonly kioskId: string; readonly id: string }): void
  /** Somebody may hand this in; the kiosk makes the code. */
  expectReturn(row: At<DesiredReturn>): void
  withdrawReturn(row: { readonly kioskId: string; readonly id: string }): void
  setRecipient(recipient: At<DesiredRecipient>): void
  setCourier(courier: At<Omit<StaffEntry, 'role'>>): void
  /** Any member of the staff; a sealed code is one too, with the role `break-glass`. */
  setStaff(staff: At<StaffEntry>): void
  /** From the next sync on this person has no rights at the kiosk. */
  revokeStaff(staff: { readonly kioskId: string; readonly id: string }): void
  /** Takes a locker out of service, or back in; `revision` grows with every word on it. */
  setLocker(locker: At<DesiredLocker>): void
  /** Sets one key of the configuration over the kiosk's file. */
  setConfiguration(setting: At<DesiredSetting>): void
  /** Which version of a program shall run. */
  setFirmware(firmware: At<DesiredFirmware>): void
  /** As if it had never been set: the file's value counts again, or no version is wanted. */
  unset(row: {
    readonly kioskId: string
    readonly stream: 'configuration' | 'firmware'
    readonly id: string
  }): void
  /** Wants a new PIN for what waits for this recipient, or another end of the present one. */
  setPickup(pickup: At<DesiredPickup>): void
  /** Has the kiosk do something now, or not at all; resolves with what became of it. */
  command(order: CommandOrder): Promise<CommandAnswer>
  /** What a courier's app shows to the scanner now; good once, for two minutes. */
  courierToken(courier: { readonly kioskId: string; readonly id: string }): Promise<string>
  /** For whoever sets that kiosk up; @returns the claim code, good for a day unless told */
  offerClaim(claim: { readonly kioskId: string; readonly lifeMs?: number }): string
  /** What is posted to `claim/v1/{claimId}`; @returns the sealed answer, or null: refused */
  answerClaim(claimId: string, text: string): Promise<string | null>
  /** What comes in `up/csr`; @returns PEM, or null: refused */
  renewCertificate(kioskId: string, request: string): Promise<string | null>
  /** Where the mail for this recipient goes; it never leaves central. */
  setAddress(address: {
    readonly kioskId: string
    readonly id: string
    readonly mail: string
  }): void
  letters(): readonly Letter[]
  mails(): readonly Mail[]
  /** Every kiosk, and how it stands. */
  kiosks(): readonly KioskHealth[]
  /** What each kiosk has made of configuration and versions. */
  upkeep(): readonly Upkeep[]
  /** What somebody has to see, the newest first. */
  alarms(): readonly Alarm[]
  /** Facts that were not understood, and are kept. */
  deadLetters(): readonly DeadLetter[]
  facts(): readonly StoredFact[]
  /** What was decided here and at a kiosk without each other; somebody has to look at each. */
  exceptions(): readonly Exception[]
  /** The newest ones. */
  rejections(): readonly Rejection[]
  /** Presence as the kiosks' retained `state` tells it: a hint, no more. */
  presence(kioskId: string): { readonly isOnline: boolean } | null
  counters(): Readonly<CentralCounters>
  /** Resolves once what has arrived so far is handled. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** What an operator enters; verifiers are made of it, and nothing of it travels. */
interface StaffEntry {
  readonly id: string
  readonly role: DesiredStaff['role']
  readonly label: string
  readonly code: string
  readonly badge?: string | null
  /** The four digits that go with the code. */
  readonly reference?: string | null
  readonly carrierId?: string | null
  readonly validFromMs?: number | null
  readonly validUntilMs?: number | null
}

/** @see docs/contract, "Access codes" */
export function accessVerifier(kiosk: CentralKiosk, code: string): string {
  return verifierOf(kiosk, 'access', code)
}

function verifierOf(
  { kioskId, staffKey }: CentralKiosk,
  use: 'access' | 'badge' | 'reference',
  text: string,
): string {
  return createHmac('sha256', Buffer.from(staffKey, 'base64url'))
    .update(`${use}|${kioskId}|${text}`)
    .digest('base64url')
}

function staffRow(kiosk: CentralKiosk, entry: StaffEntry): DesiredStaff {
  const { id, role, label, code, badge = null, reference = null } = entry
  const { carrierId = null, validFromMs = null, validUntilMs = null } = entry
  return {
    id,
    role,
    label,
    verifier: accessVerifier(kiosk, code),
    badgeVerifier: badge === null ? null : verifierOf(kiosk, 'badge', badge),
    referenceVerifier: reference === null ? null : verifierOf(kiosk, 'reference', reference),
    carrierId,
    validFromMs,
    validUntilMs,
  }
}

interface Needs {
  readonly weightGrams?: number | null
  readonly needsReach?: boolean
}

/** What was said about them, and nothing else: what is absent has its default at the kiosk. */
function needsOf({ weightGrams, needsReach }: Needs): Needs {
  return {
    ...(weightGrams === undefined ? {} : { weightGrams }),
    ...(needsReach === undefined ? {} : { needsReach }),
  }
}

function claimsOf({
  claims,
}: CentralExchange): Pick<Central, 'offerClaim' | 'answerClaim' | 'renewCertificate'> {
  return {
    offerClaim: ({ kioskId, lifeMs }) => {
      if (claims === null) throw new Error('this central takes no kiosks in')
      return claims.offer(kioskId, lifeMs)
    },
    answerClaim: async (claimId, text) => (await claims?.answer(claimId, text)) ?? null,
    renewCertificate: async (kioskId, text) => (await claims?.renew(kioskId, text)) ?? null,
  }
}

export async function openCentral(options: CentralOptions): Promise<Central> {
  const keys = await loadCentralKeys(options.folder)
  const central = new CentralExchange(options, keys, await openAuthority(options.folder))
  const { desired } = central
  const kioskOf = (kioskId: string): CentralKiosk => {
    const kiosk = options.kiosks.find((candidate) => candidate.kioskId === kioskId)
    if (kiosk === undefined) throw new Error(`central does not know the kiosk ${kioskId}`)
    return kiosk
  }
  /** Throws at once when a kiosk would refuse the row. */
  const put = <S extends StreamName>(place: Place & { stream: S }, row: StreamRows[S]): void => {
    const { kioskId, stream } = place
    kioskOf(kioskId)
    const delta = { v: 1, k: kioskId, t: 0, stream, from: 0, to: 1, ops: [{ put: row }] }
    const checked = checkDown('delta', delta)
    if (!checked.isValid) throw new Error(`the row does not fit the contract: ${checked.detail}`)
    central.enqueue(() => central.change(kioskId, stream, () => void desired.put(place, row)))
  }
  return {
    announce: ({ kioskId, id, tracking, size, recipientId, carrierId = null, ...needs }) => {
      const row = { id, tracking, size, recipientId, carrierId, ...needsOf(needs) }
      put({ kioskId, stream: 'parcel' }, row)
    },
    withdraw: ({ kioskId, id }) => {
      kioskOf(kioskId)
      const remove = (): void => central.forget({ kioskId, stream: 'parcel' }, id)
      central.enqueue(() => central.change(kioskId, 'parcel', remove))
    },
    expectReturn: ({ kioskId, ...row }) => put({ kioskId, stream: 'return' }, row),
    withdrawReturn: ({ kioskId, id }) => {
      kioskOf(kioskId)
      const remove = (): void => central.forget({ kioskId, stream: 'return' }, id)
      central.enqueue(() => central.change(kioskId, 'return', remove))
    },
    setRecipient: ({ kioskId, id, label, ...needs }) =>
      put({ kioskId, stream: 'directory' }, { id, label, ...needsOf(needs) }),
    setCourier: ({ kioskId, ...entry }) =>
      put({ kioskId, stream: 'staff' }, staffRow(kioskOf(kioskId), { ...entry, role: 'courier' })),
    setStaff: ({ kioskId, ...entry }) =>
      put({ kioskId, stream: 'staff' }, staffRow(kioskOf(kioskId), entry)),
    revokeStaff: ({ kioskId, id }) => {
      kioskOf(kioskId)
      const remove = (): void => void desired.delete({ kioskId, stream: 'staff' }, id)
      central.enqueue(() => central.change(kioskId, 'staff', remove))
    },
    setLocker: ({ kioskId, id, revision, service, reason }) =>
      put({ kioskId, stream: 'locker' }, { id, revision, service, reason }),
    ...upkeepBy(central, put),
    setPickup: ({ kioskId, id, reissue, expiresAtMs }) =>
      put({ kioskId, stream: 'pickup' }, { id, reissue, expiresAtMs }),
    command: (order) => {
      kioskOf(order.kioskId)
      const { kioskId: k, type, args } = order
      const named = { v: 1, k, t: 0, cid: 'c', iat: 0, exp: 1, nonce: 'n', counter: 1 }
      const checked = checkDown('cmd', { ...named, type, args })
      if (!checked.isValid) throw new Error(`it does not fit the contract: ${checked.detail}`)
      return central.commands.order(order)
    },
    ...claimsOf(central),
    setAddress: ({ kioskId, id, mail }) => {
      kioskOf(kioskId)
      if (!MAIL.test(mail)) throw new Error('that is no mail address')
      central.mailer.setAddress({ kioskId, id, mail })
    },
    ...viewsOf(central, options),
    settled: () => central.queue,
    close: () => central.close(),
  }
}

function upkeepBy(
  central: CentralExchange,
  put: <S extends StreamName>(place: Place & { stream: S }, row: StreamRows[S]) => void,
): Pick<Central, 'setConfiguration' | 'setFirmware' | 'unset'> {
  return {
    setConfiguration: ({ kioskId, id, value }) =>
      put({ kioskId, stream: 'configuration' }, { id, value }),
    setFirmware: ({ kioskId, id, version }) =>
      put({ kioskId, stream: 'firmware' }, { id, version }),
    unset: ({ kioskId, stream, id }) => {
      const remove = (): void => void central.desired.delete({ kioskId, stream }, id)
      central.enqueue(() => central.change(kioskId, stream, remove))
    },
  }
}

/** What central shows, and changes nothing by. */
function viewsOf(central: CentralExchange, { kiosks }: CentralOptions) {
  const { facts } = central
  return {
    courierToken: async ({ kioskId, id }: { kioskId: string; id: string }) => {
      const isKnown = kiosks.some((kiosk) => kiosk.kioskId === kioskId)
      if (!isKnown) throw new Error(`central does not know the kiosk ${kioskId}`)
      return await central.tokens.forCourier(kioskId, id)
    },
    letters: () => facts.letters(),
    mails: () => central.mailer.list(),
    kiosks: () =>
      kiosks.map(({ kioskId }) =>
        central.health.of(kioskId, central.sessions.get(kioskId)?.isOnline ?? false),
      ),
    upkeep: () => kiosks.map(({ kioskId }) => central.health.upkeep(kioskId)),
    alarms: () => central.health.alarms(),
    deadLetters: () => central.health.deadLetters(),
    facts: () => facts.facts(),
    exceptions: () => central.exceptions.list(),
    rejections: () => [...central.refusals],
    presence: (kioskId: string) => central.sessions.get(kioskId) ?? null,
    counters: () => ({ ...facts.counters, ...central.counts }),
  }
}
