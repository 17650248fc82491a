// Central's side of the wire: takes what comes up, one message after another, and signs what goes
// down. Nothing is acknowledged before it is committed.
import { Socket } from 'node:net'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { STREAMS, type StreamName } from '../../src/kiosk/desired.ts'
import { downTopic, parseTopic, upFilter } from '../../src/sync/contract/topics.ts'
import { checkUp, isUpLeaf } from '../../src/sync/contract/validate.ts'
import { type IdentityFiles, readIdentity } from '../../src/sync/identity/identity-files.ts'
import { parseBroker } from '../../src/sync/links/broker.ts'
import type { AckBody, CentralTime, DownLeaf, Hashes } from '../../src/sync/machine/messages.ts'
import type { Authority } from './authority.ts'
import { ClaimDesk, type ClaimOffer } from './claim-desk.ts'
import { COMMAND_SCHEMA, type CommandAnswer, CommandDesk } from './command-desk.ts'
import { type Confirmation, confirmationOf } from './confirmation.ts'
import { openDatabase } from './database.ts'
import { DESIRED_SCHEMA, DesiredStore, type Place, type Versions } from './desired-store.ts'
import { EXCEPTION_SCHEMA, ExceptionDesk } from './exceptions.ts'
import {
  FACT_SCHEMA,
  FactStore,
  NO_HASH,
  readTexts,
  type TakenFact,
  UNKNOWN_HASH,
} from './fact-store.ts'
import { HealthDesk } from './health.ts'
import type { CentralKeys } from './keys.ts'
import { COLLECTED, openPins, RETRIEVED, writeLetters } from './letters.ts'
import { MAIL_SCHEMA, Mailer, type MailOptions } from './mailer.ts'
import { signDown } from './sign-down.ts'
import { TokenDesk } from './token-desk.ts'

export interface CentralKiosk {
  readonly kioskId: string
  /** Secret shared with the kiosk, 32 bytes in base64url; its access codes are indexed under it. */
  readonly staffKey: string
}

export interface CentralOptions {
  readonly folder: string
  /** At least one; after a loss they are tried in turn. */
  readonly mqttUrls: readonly string[]
  /** False: nothing that a cluster would have to find again, as for the kiosks; absent: true. */
  readonly brokerKeeps?: boolean
  /** With `mqtts://`: by what the broker and central know each other. */
  readonly identity?: IdentityFiles
  readonly namespace: string
  readonly kiosks: readonly CentralKiosk[]
  readonly headIntervalMs?: number
  /** Absent: letters are kept, and none is mailed. */
  readonly mail?: MailOptions
  /** Told with every ack: how fast kiosks may send, see the contract. */
  readonly pace?: AckBody['pace']
  /** What kiosks are told that come with a claim code; absent: none is taken in. */
  readonly claims?: ClaimOffer
  /** How long an answer to a command is waited for. */
  readonly commandWaitMs?: number
}

export interface Rejection {
  readonly kioskId: string
  readonly leaf: string
  readonly code: string
  readonly detail: string
  readonly suppressed: number
}

const HEAD_INTERVAL_MS = 5_000
const RECONNECT_MS = 300
const CONNECT_MAX_MS = 5_000
/** A kiosk answers no more often. */
const BIRTH_EACH_MS = 10_000
const REJECTIONS_KEPT_MAX = 100
const QOS_AT_MOST_ONCE = 0
const QOS_AT_LEAST_ONCE = 1
/** SUBACK of MQTT 3.1.1. */
const SUBSCRIPTION_FAILED = 0x80

interface Arrival {
  readonly topic: string
  readonly payload: Buffer
  readonly cameWallMs: number
}

interface UpMessage {
  readonly kioskId: string
  readonly leaf: string
  readonly body: unknown
}

function tlsOf({ identity }: CentralOptions): object {
  if (identity === undefined) return {}
  const { ca, certificate, key } = readIdentity(identity)
  return { ...(ca === null ? {} : { ca }), cert: certificate, key }
}

/** Where to connect: MQTT.js takes the next one at every attempt. */
function serversOf({ mqttUrls, identity }: CentralOptions): IClientOptions {
  const servers = mqttUrls.map(parseBroker).map(({ host, port }) => ({ host, port }))
  return { protocol: identity === undefined ? 'mqtt' : 'mqtts', servers }
}

export class CentralExchange {
  readonly counts = { deltas: 0, snapshots: 0, refused: 0, rejections: 0 }
  readonly refusals: Rejection[] = []
  private readonly birthsAsked = new Map<string, number>()
  /** Kiosk and epoch whose parcels are all confirmed, by what was known of the epoch before. */
  private readonly confirmed = new Map<string, Confirmation['after']>()
  readonly sessions = new Map<string, { session: string; isOnline: boolean }>()
  readonly facts: FactStore
  readonly desired: DesiredStore
  readonly exceptions: ExceptionDesk
  readonly commands: CommandDesk
  readonly health: HealthDesk
  readonly mailer: Mailer
  readonly tokens: TokenDesk
  readonly claims: ClaimDesk | null
  /** Everything runs one after another: order is part of the contract. */
  queue: Promise<void> = Promise.resolve()
  private readonly options: CentralOptions
  private readonly kioskIds: ReadonlySet<string>
  private readonly keys: CentralKeys
  private readonly client: MqttClient
  private readonly db: Database.Database
  private readonly beacon: NodeJS.Timeout

  constructor(options: CentralOptions, keys: CentralKeys, authority: Authority) {
    this.options = options
    this.kioskIds = new Set(options.kiosks.map(({ kioskId }) => kioskId))
    this.keys = keys
    this.db = openDatabase(join(options.folder, 'central.db'))
    this.db.exec(FACT_SCHEMA + DESIRED_SCHEMA + COMMAND_SCHEMA + EXCEPTION_SCHEMA + MAIL_SCHEMA)
    this.facts = new FactStore(this.db)
    this.desired = new DesiredStore(this.db)
    const { db, facts, desired } = this
    this.exceptions = new ExceptionDesk({ db, facts, desired })
    this.health = new HealthDesk({ db, facts, desired })
    this.mailer = new Mailer(db, options.mail ?? null)
    this.tokens = new TokenDesk(keys.signing, options.namespace)
    this.commands = new CommandDesk(this.db, {
      send: (kioskId, fields) => this.enqueue(() => this.send(kioskId, 'cmd', fields)),
      ...(options.commandWaitMs !== undefined && { waitMs: options.commandWaitMs }),
    })
    this.claims = this.claimDesk(authority)
    this.client = mqtt.connect({
      ...serversOf(options),
      ...tlsOf(options),
      connectTimeout: CONNECT_MAX_MS,
      clean: true,
      reconnectPeriod: RECONNECT_MS,
      reconnectOnConnackError: true,
      queueQoSZero: false,
      resubscribe: false,
    })
    this.client.on('error', () => {
      // The library comes back by itself; a central without a broker just waits.
    })
    this.client.on('connect', () => this.greet())
    this.client.on('message', (topic, payload) => {
      const cameWallMs = Date.now()
      this.enqueue(() => this.take({ topic, payload, cameWallMs }))
    })
    this.beacon = setInterval(() => this.sendHeads(), options.headIntervalMs ?? HEAD_INTERVAL_MS)
  }

  private claimDesk(authority: Authority): ClaimDesk | null {
    const { db, options } = this
    const { folder, namespace, kiosks, claims: offer } = options
    if (offer === undefined) return null
    const staffKeyOf = (id: string): string | null =>
      kiosks.find(({ kioskId }) => kioskId === id)?.staffKey ?? null
    return new ClaimDesk({ db, folder, namespace, authority, offer, staffKeyOf })
  }

  /** Kiosks that sent while central was away hear where it stands, and need not wait to repeat. */
  private greet(): void {
    if (this.client.stream instanceof Socket) this.client.stream.setNoDelay(true)
    const { namespace, brokerKeeps = true } = this.options
    const qos = brokerKeeps ? QOS_AT_LEAST_ONCE : QOS_AT_MOST_ONCE
    this.client.subscribe(upFilter(namespace), { qos }, (error, granted = []) => {
      if (error !== null || granted.some((one) => one.qos >= SUBSCRIPTION_FAILED)) {
        // A broker in trouble: another connection may find it out of it.
        this.client.stream.destroy()
        return
      }
      for (const { kioskId, epoch } of this.facts.epochs()) {
        this.enqueue(() => this.acknowledge(kioskId, epoch))
      }
      // The broker may have kept an old birth, or none: only a new one tells what was acknowledged.
      for (const { kioskId } of this.options.kiosks) {
        this.enqueue(() => this.send(kioskId, 'ctl', { rebirth: true }))
      }
      this.sendHeads()
    })
  }

  enqueue(work: () => Promise<void>): void {
    this.queue = this.queue.then(work).catch(() => {
      // What failed is not acknowledged, and so comes again.
    })
  }

  private sendHeads(): void {
    for (const { kioskId } of this.options.kiosks) {
      this.enqueue(() => this.send(kioskId, 'head', this.headsOf(kioskId)))
    }
  }

  private headsOf(kioskId: string): object {
    return { head: this.desired.versions(kioskId), hash: this.desired.hashes(kioskId) }
  }

  async send(kioskId: string, leaf: DownLeaf, fields: object): Promise<void> {
    if (!this.client.connected) return
    const body = { v: 1, k: kioskId, t: Date.now(), ...fields }
    const message = await signDown(this.keys.signing, { leaf, body })
    const address = { namespace: this.options.namespace, kioskId }
    this.client.publish(downTopic(address, leaf), message, { qos: QOS_AT_LEAST_ONCE }, () => {
      // A PUBACK proves nothing, and its absence will show.
    })
  }

  private async take({ topic, payload, cameWallMs }: Arrival): Promise<void> {
    const message = this.read(topic, payload)
    if (message === null) {
      this.counts.refused += 1
      return
    }
    const { kioskId, leaf, body } = message
    this.health.hear(kioskId, (body as Partial<SyncBody>).have)
    // The schema has proven each body to be its leaf's.
    if (leaf === 'ev') await this.takeFacts(kioskId, body as EvBody, cameWallMs)
    if (leaf === 'sync') await this.answer(kioskId, body as SyncBody, cameWallMs)
    if (leaf === 'state') await this.takeState(kioskId, body as StateBody)
    if (leaf === 'csr') await this.certify(kioskId, body as CsrBody)
    if (leaf === 'res') this.commands.hear(kioskId, body as CommandAnswer)
    if (leaf === 'rej') {
      this.counts.rejections += 1
      this.refusals.push({ ...(body as Omit<Rejection, 'kioskId'>), kioskId })
      this.refusals.splice(0, this.refusals.length - REJECTIONS_KEPT_MAX)
    }
  }

  /** Who cannot show the key of the present certificate gets no other one, and no answer. */
  private async certify(kioskId: string, { id, request }: CsrBody): Promise<void> {
    const certificate = (await this.claims?.renew(kioskId, request)) ?? null
    if (this.claims === null || certificate === null) return
    await this.send(kioskId, 'crt', { re: id, certificate, ca: this.claims.brokerCa() })
  }

  private read(topic: string, payload: Buffer): UpMessage | null {
    const parsed = parseTopic(topic)
    if (parsed === null || !isUpLeaf(parsed.leaf)) return null
    const { kioskId, leaf } = parsed
    if (!this.kioskIds.has(kioskId)) return null
    try {
      const body: unknown = JSON.parse(payload.toString())
      if (!checkUp(parsed.leaf, body).isValid) return null
      return (body as { k: string }).k === kioskId ? { kioskId, leaf, body } : null
    } catch {
      return null
    }
  }

  private async takeFacts(kioskId: string, body: EvBody, cameWallMs: number): Promise<void> {
    const { id, epoch, first, ev } = body
    const batch = { kioskId, epoch, first, texts: ev }
    const read = readTexts(batch)
    const pins = await openPins(this.keys.sealing, batch, { tokens: this.tokens, read })
    const before = this.desired.versions(kioskId)
    const follow = (fact: TakenFact): void => {
      this.exceptions.follow(fact)
      writeLetters(this.facts, fact, pins)
      const parcelId = fact.event?.data['parcelId']
      if (typeof parcelId !== 'string') return
      if (fact.type === COLLECTED) this.forget({ kioskId, stream: 'parcel' }, parcelId)
      if (fact.type === RETRIEVED) this.forget({ kioskId, stream: 'return' }, parcelId)
    }
    this.facts.take(batch, follow, read)
    await this.acknowledge(kioskId, epoch, timeFor(id, cameWallMs))
    const told = this.facts.told(batch)
    if (told !== null) {
      await this.send(kioskId, 'ack', { epoch, ...told, head: this.desired.versions(kioskId) })
    }
    if (first > this.facts.progress(kioskId, epoch).cum + 1) await this.askForBirth(kioskId)
    await this.confirm(kioskId, epoch)
    for (const stream of ['parcel', 'return'] as const) {
      await this.sendSince({ kioskId, stream }, before[stream])
    }
  }

  /** What was sent between is on its way again, or is lost to this central: a birth tells which. */
  private async askForBirth(kioskId: string): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - (this.birthsAsked.get(kioskId) ?? -BIRTH_EACH_MS) < BIRTH_EACH_MS) return
    this.birthsAsked.set(kioskId, nowMs)
    await this.send(kioskId, 'ctl', { rebirth: true })
  }

  forget(place: Place, id: string): void {
    if (this.desired.isWanted(place, id)) this.desired.delete(place, id)
  }

  private async acknowledge(kioskId: string, epoch: string, time = {}): Promise<void> {
    const { since, cum, hash } = this.facts.progress(kioskId, epoch)
    const link = { since, cum, hash: hash === UNKNOWN_HASH ? NO_HASH : hash }
    const { pace } = this.options
    const wish = pace === undefined ? {} : { pace }
    const head = this.desired.versions(kioskId)
    await this.send(kioskId, 'ack', { epoch, ...link, ...wish, head, ...time })
  }

  /** What the kiosk's ledger lost, central still has: it says which parcels lie where they did. */
  private async confirm(kioskId: string, epoch: string): Promise<void> {
    // All facts of both epochs are read for this: not with each batch when nothing is left.
    const settled = this.confirmed.get(`${kioskId} ${epoch}`)
    if (settled?.cum === this.facts.progress(kioskId, settled?.epoch ?? '').cum) return
    const wanted = confirmationOf(this.facts, { kioskId, epoch })
    if (wanted === null) return
    if (wanted.parcels.length > 0) await this.send(kioskId, 'confirm', { epoch, ...wanted })
    else this.confirmed.set(`${kioskId} ${epoch}`, wanted.after)
  }

  private async answer(kioskId: string, body: SyncBody, cameWallMs: number): Promise<void> {
    const { id, have, hash = {} } = body
    for (const stream of STREAMS) this.desired.overtake({ kioskId, stream }, have[stream] ?? 0)
    for (const stream of this.desired.behind(kioskId, have)) {
      const from = have[stream] ?? 0
      // What a kiosk holds begins with a snapshot.
      const delta = from === 0 ? null : this.desired.since({ kioskId, stream }, from)
      if (delta === null) await this.sendSnapshot({ kioskId, stream }, id)
      else {
        this.counts.deltas += 1
        await this.send(kioskId, 'delta', { stream, ...delta })
      }
    }
    for (const stream of this.desired.differing(kioskId, have, hash)) {
      this.desired.leap({ kioskId, stream })
      await this.sendSnapshot({ kioskId, stream }, id)
    }
    // Not all of them: with every kiosk of a fleet that would grow by the square.
    for (const epoch of this.facts.epochsOf(kioskId)) await this.confirm(kioskId, epoch)
    // Always, so that the kiosk knows it was heard even when it lacks nothing.
    await this.send(kioskId, 'head', { ...this.headsOf(kioskId), ...timeFor(id, cameWallMs) })
  }

  private async sendSnapshot({ kioskId, stream }: Place, re: string): Promise<void> {
    this.counts.snapshots += 1
    const ver = this.desired.versions(kioskId)[stream]
    const parts = this.desired.parts({ kioskId, stream })
    for (const [index, rows] of parts.entries()) {
      const part = { i: index + 1, n: parts.length }
      await this.send(kioskId, 'snap', { stream, ver, re, part, rows })
    }
  }

  /** Changes what is wanted and sends the difference. */
  async change(kioskId: string, stream: StreamName, work: () => void): Promise<void> {
    const before = this.desired.versions(kioskId)[stream]
    work()
    await this.sendSince({ kioskId, stream }, before)
  }

  private async sendSince(place: Place, before: number): Promise<void> {
    const delta = this.desired.since(place, before)
    if (delta === null || delta.to === delta.from) return
    this.counts.deltas += 1
    await this.send(place.kioskId, 'delta', { stream: place.stream, ...delta })
  }

  /** A kiosk was acknowledged more than is here: this central was restored, and asks for it. */
  private async takeState(kioskId: string, body: StateBody): Promise<void> {
    this.notePresence(kioskId, body)
    const { session, epoch, acked = 0, first = 1 } = body
    if (!body.online || epoch === undefined) return
    const newest = this.facts.newest(kioskId) ?? { epoch, cum: 0 }
    if (acked <= newest.cum) return
    // What the kiosk keeps no more is lost to both.
    if (first > newest.cum + 1) this.facts.skip(kioskId, newest.epoch, first - 1)
    const from = Math.max(newest.cum + 1, first)
    await this.send(kioskId, 'ctl', { session, resend: { epoch: newest.epoch, from } })
  }

  /** A late will of an earlier connection does not end the present one (P1). */
  private notePresence(kioskId: string, { online, session }: StateBody): void {
    const known = this.sessions.get(kioskId)
    if (!online && known !== undefined && known.session !== session) return
    this.sessions.set(kioskId, { session, isOnline: online })
  }

  async close(): Promise<void> {
    clearInterval(this.beacon)
    this.commands.close()
    this.client.removeAllListeners('message')
    await this.queue
    await this.mailer.close()
    await this.client.endAsync(true)
    this.db.close()
  }
}

interface CsrBody {
  readonly id: string
  readonly request: string
}

/** Whoever asks under an id is told the time: when that came, and when this goes. */
function timeFor(re: string | undefined, t1: number): { readonly time?: CentralTime } {
  return re === undefined ? {} : { time: { re, t1, t2: Date.now() } }
}

interface EvBody {
  readonly id?: string
  readonly epoch: string
  readonly first: number
  readonly ev: readonly string[]
}

interface SyncBody {
  readonly id: string
  readonly have: Partial<Versions>
  readonly hash?: Hashes
}

interface StateBody {
  readonly online: boolean
  readonly session: string
  readonly epoch?: string
  readonly acked?: number
  readonly first?: number
}
