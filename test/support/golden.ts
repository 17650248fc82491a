// The golden messages of docs/contract/golden, made anew from fixed inputs: what goes up by the
// uplink machine and the chain as they are, what comes down by the published key.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importJWK, type JWK } from 'jose'
import type { PrivateKey } from '../../sim/central/keys.ts'
import { signDown } from '../../sim/central/sign-down.ts'
import type { StreamName } from '../../src/kiosk/desired.ts'
import type { Fact } from '../../src/kiosk/facts.ts'
import { CHAIN_START, linkFact } from '../../src/store/chain.ts'
import { DEFAULT_UPLINK } from '../../src/sync/machine/config.ts'
import type { DownLeaf } from '../../src/sync/machine/messages.ts'
import type { UplinkAction, UplinkEvent } from '../../src/sync/machine/state.ts'
import { createUplink, stepUplink } from '../../src/sync/machine/uplink.ts'
import { MemoryOutbox } from './memory-outbox.ts'

export const GOLDEN = fileURLToPath(new URL('../../docs/contract/golden/', import.meta.url))

const WALL_MS = 1_790_000_000_000
const EPOCH = '6bd1'
const NEWEST = { configuration: 5, firmware: 1 }
/** Drawn ones stand for these: how they are drawn is no part of the contract. */
const SESSION = '3f0c9a51d2e84b7786a0c1f2e3d4b5a6'
const REQUEST = '9d2e5cb1704f4ae38c6d1b2a39f0e8d7'

/** A file without the line break at its end. */
export function goldenText(path: string): string {
  return readFileSync(join(GOLDEN, path), 'utf8').slice(0, -1)
}

/** A deposit and its pickup. */
function story(): readonly Fact[] {
  const by = { role: 'courier', id: 'c9' } as const
  const recipient = { role: 'recipient' } as const
  const place = { parcelId: 'p77', lockerId: 'A3' }
  const opened = { lockerId: 'A3', parcelIds: ['p77'] }
  const why = {
    needs: ['reach'],
    reasons: ['larger', 'within-reach'],
    passed: [{ size: 'M', reach: 'near', why: 'none-free' }],
  } as const
  const basis = { parcel: 8, staff: 4, directory: 12, pickup: 1, return: 0, locker: 2, ...NEWEST }
  const counters = { boardBoot: 2, opensBefore: 40, basis }
  const first = { openingId: 4, lockerId: 'A3' }
  const second = { openingId: 9, lockerId: 'A3' }
  const seen = { witness: 'sensor', outcome: 'opened' } as const
  const sealedPin = goldenText('sealed-pin.jwe')
  const people = { courierId: 'c9', recipientId: 'r5' }
  return [
    { kind: 'kiosk-started', data: { boot: 7, version: '0.1.0' } },
    { kind: 'courier-signed-in', data: { courierId: 'c9' } },
    {
      kind: 'deposit-started',
      data: { ...place, ...people, size: 'M', isAnnounced: true, isTogether: false, why },
    },
    {
      kind: 'opening-authorised',
      data: { ...opened, purpose: 'deposit', by, reason: null, ...counters },
    },
    { kind: 'door-opened', data: { ...first, ...seen } },
    { kind: 'door-closed', data: { ...first, openMs: 4_250.5, witness: 'sensor' } },
    {
      kind: 'parcel-deposited',
      data: { ...place, ...people, sealedPin, pinExpiresAtWallMs: WALL_MS + 604_800_000 },
    },
    { kind: 'courier-signed-out', data: { courierId: 'c9', isIdle: false } },
    {
      kind: 'opening-authorised',
      data: { ...opened, purpose: 'pickup', by: recipient, reason: null, ...counters },
    },
    { kind: 'door-opened', data: { ...second, ...seen } },
    { kind: 'door-closed', data: { ...second, openMs: 6_000, witness: 'sensor' } },
    { kind: 'parcel-collected', data: { ...place, openingId: 9, rule: 'closed' } },
    {
      kind: 'locker-withdrawn',
      data: {
        ...{ lockerId: 'A3', cause: 'technician', reason: 'Schloß klemmt' },
        by: { role: 'technician', id: 't1' },
      },
    },
  ]
}

class GoldenOutbox extends MemoryOutbox {
  constructor() {
    super(EPOCH)
    let previousHash = CHAIN_START
    for (const [index, fact] of story().entries()) {
      const now = { monoMs: 5_210.5 + index, wallMs: WALL_MS + index, isWallBelieved: index > 0 }
      const place = { seq: index + 1, boot: 7, previousHash, now }
      const { body, hash } = linkFact(fact, place)
      this.texts.push(body)
      previousHash = hash
    }
  }

  override boot(): number {
    return 7
  }

  /** What a later kiosk may have besides is no part of these messages. */
  override streamVersions(): Readonly<Record<StreamName, number>> {
    return { parcel: 41, staff: 3, directory: 12 } as Readonly<Record<StreamName, number>>
  }

  override streamHashes(): Readonly<Record<StreamName, string>> {
    const { parcel, staff, directory } = super.streamHashes()
    return { parcel, staff, directory } as Readonly<Record<StreamName, string>>
  }
}

/** By name: the exact text of each message. */
export function messagesUp(): ReadonlyMap<string, string> {
  const ledger = new GoldenOutbox()
  const config = { ...DEFAULT_UPLINK, kioskId: 'k1' }
  const now = { monoMs: 1_000_000, wallMs: WALL_MS, isWallBelieved: true }
  let state = createUplink(config, { seed: '0'.repeat(32), now: { ...now, monoMs: 0 } })
  const take = (event: UplinkEvent): readonly UplinkAction[] => {
    const step = stepUplink(state, event, now, ledger, config)
    state = step.state
    return step.actions
  }
  const texts = (actions: readonly UplinkAction[]) =>
    actions.filter((action) => action.kind === 'publish').map(({ body }) => body)

  const connect = take({ kind: 'time-passed' }).find((action) => action.kind === 'connect')
  if (connect === undefined) throw new Error('the machine does not connect')
  const { session, will } = connect
  const [birth, sync, ev] = texts(take({ kind: 'link-up', session, protocol: '5' }))
  const detail = '/ops/0/put/size must be string'
  const refusal = { leaf: 'delta', code: 'LK-SYNC-04', detail } as const
  const [rej] = texts(take({ kind: 'message-refused', refusal, receipt: null }))
  const order = { commandId: '0f3a', type: 'open', target: 'A3', counter: 5 } as const
  ledger.apply([{ kind: 'command-taken', data: order }])
  const opening = { openingId: 9, outcome: 'opened' } as const
  const end = { status: 'done', code: null, opening, left: { in10Min: 2, today: 9 } } as const
  const [res] = texts(take({ kind: 'command-ended', commandId: '0f3a', end }))
  const wanted = { kind: 'renewal-wanted', id: 'vq1X', request: goldenText('renewal.jws') } as const
  const [csr] = texts(take(wanted))
  const [goodbye] = texts(take({ kind: 'stopping', reason: 'service stopped' }))
  const request = JSON.parse(sync ?? '{}').id
  const states = { 'state-birth': birth, 'state-will': will, 'state-goodbye': goodbye }
  const made = { ...states, sync, ev, rej, res, csr }
  const named = (text = '') => text.replaceAll(session, SESSION).replaceAll(request, REQUEST)
  return new Map(Object.entries(made).map(([name, text]) => [name, named(text)]))
}

export interface GoldenKeys {
  readonly signing: JWK
  readonly sealing: JWK
}

export function goldenKeys(): GoldenKeys {
  return JSON.parse(goldenText('keys.json'))
}

export async function privateKey(jwk: JWK): Promise<PrivateKey> {
  const key = await importJWK(jwk)
  if (key instanceof Uint8Array) throw new Error('no key pair')
  return { kid: jwk.kid ?? '', key }
}

export function namesDown(): readonly string[] {
  const files = readdirSync(join(GOLDEN, 'dn'))
  return files.filter((file) => file.endsWith('.body.json')).map((file) => file.slice(0, -10))
}

export function leafOf(name: string): DownLeaf {
  return name.split('-')[0] as DownLeaf
}

/** What central sends for a body that lies there. */
export async function messageDown(name: string): Promise<string> {
  const body = JSON.parse(goldenText(`dn/${name}.body.json`))
  return await signDown(await privateKey(goldenKeys().signing), { leaf: leafOf(name), body })
}
