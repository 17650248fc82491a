// Hostile messages by the thousand, into the real opener, the real uplink machine, the real rules
// and a real ledger. Beside it stands a kiosk that hears none of them: at the end both ledgers must
// hold the same, byte for byte.
import { createHash } from 'node:crypto'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { exportJWK, generateKeyPair } from 'jose'
import { signDown } from '../../../sim/central/sign-down.ts'
import { createRandom, type Random } from '../../../sim/world/random.ts'
import { createDownOpener, type DownOpener } from '../../../src/sync/contract/open-down.ts'
import { wallOf } from '../../support/bench.ts'
import { goldenText, leafOf, namesDown } from '../../support/golden.ts'
import { dumpLedger } from '../../support/ledger-dump.ts'
import { RemoteBench } from '../../support/remote-bench.ts'
import { type Arsenal, type Hostile, KINDS, type Sound } from './mutations.ts'

export interface HostileOptions {
  readonly count: number
  readonly seed: string
  readonly onProgress?: (done: number) => void
}

interface Memory {
  readonly heapMiB: number
  readonly rssMiB: number
}

export interface HostileOutcome {
  /** How often each kind ended in which code. */
  readonly codes: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Of everything in both ledgers. */
  readonly ledgerHash: string
  readonly memory: {
    readonly warm: Memory
    readonly end: Memory
    /** At each look on the way. */
    readonly course: readonly Memory[]
  }
  readonly violations: readonly string[]
}

const KIOSK = 'bench-1'
const TOPIC = `lk/v1/test/${KIOSK}/dn/`
/** A tenth of the window in which refusals are reported, so that each is. */
const PAUSE_MS = 1_000
const WARM_SHARE = 0.2
const LOOKS = 10
const BYTES_PER_MIB = 2 ** 20
const HEAP_GROWTH_MAX_MIB = 8
const RSS_GROWTH_MAX_MIB = 96
/** Harmless by the contract: an old version, an old ack, another epoch’s, another session’s. */
export const PASSED_OVER = 'passed over'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function memory(): Memory {
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapMiB: heapUsed / BYTES_PER_MIB, rssMiB: rss / BYTES_PER_MIB }
}

/** A kiosk in the middle of its work: one parcel waits, another is announced. */
function kiosk(): RemoteBench {
  const parcels = ['p-1', 'p-2'].map((id) => ({ id, size: 'S' }))
  const bench = new RemoteBench(wallOf(['S', 'S', 'S']), parcels)
  bench.leaveParcel('p-1')
  bench.pass(PAUSE_MS * 600)
  return bench
}

function hashOf({ ledgerPath }: RemoteBench): string {
  return createHash('sha256')
    .update(JSON.stringify(dumpLedger(ledgerPath)))
    .digest('hex')
}

/** Golden messages, as if for this kiosk and on top of what it has. */
function soundOnes(bench: RemoteBench): readonly Sound[] {
  const versions = bench.ledger.streamVersions()
  return namesDown().map((name) => {
    const body = { ...JSON.parse(goldenText(`dn/${name}.body.json`)), k: KIOSK }
    if (leafOf(name) !== 'delta') return { leaf: leafOf(name), body }
    const from = versions[body.stream as keyof typeof versions]
    return { leaf: 'delta', body: { ...body, from, to: from + 1 } }
  })
}

class Campaign {
  readonly #codes = new Map<string, Map<string, number>>()
  readonly violations: string[] = []
  readonly bench = kiosk()
  readonly #control = kiosk()
  readonly #openDown: DownOpener
  #told = ''

  constructor(openDown: DownOpener) {
    this.#openDown = openDown
  }

  get codes(): HostileOutcome['codes'] {
    return this.#codes
  }

  /** Both kiosks live through the same time; only one of them hears anything. */
  async hear(kind: string, { leaf, payload }: Hostile): Promise<void> {
    const opened = await this.#openDown(`${TOPIC}${leaf}`, payload)
    const receipt = 'r'
    const event =
      opened.kind === 'refused'
        ? ({ kind: 'message-refused', refusal: opened.refusal, receipt } as const)
        : ({ kind: 'message', message: opened.message, receipt } as const)
    const { bench } = this
    const pulses = bench.unlocks.length
    bench.linked.length = 0
    bench.take([{ kind: 'uplink', event }])
    const isAcknowledged = bench.linked.some((action) => action.kind === 'acknowledge')
    if (!isAcknowledged) this.violations.push(`${kind}: not acknowledged to the broker`)
    if (bench.unlocks.length > pulses) this.violations.push(`${kind}: a door was unlocked`)
    const code = [...bench.rejections, ...bench.results].at(-1)?.code ?? PASSED_OVER
    const known = this.#codes.get(kind) ?? new Map<string, number>()
    this.#codes.set(kind, known.set(code, (known.get(code) ?? 0) + 1))
    this.#told = `${kind}, ${code}`
    bench.pass(PAUSE_MS)
    this.#control.pass(PAUSE_MS)
  }

  compare(): string {
    const hash = hashOf(this.bench)
    if (hash !== hashOf(this.#control)) {
      this.violations.push(`the ledger is another one; the last message was ${this.#told}`)
    }
    return hash
  }

  end(): void {
    this.bench.close()
    this.#control.close()
  }
}

async function arm(random: Random): Promise<Omit<Arsenal, 'sound' | 'delivered'>> {
  const pair = () => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const [own, other] = [await pair(), await pair()]
  const centralJwk = { ...(await exportJWK(own.publicKey)), kid: 'central' }
  return {
    random,
    central: { kid: 'central', key: own.privateKey },
    stranger: { kid: 'stranger', key: other.privateKey },
    centralJwk,
  }
}

/** What the kiosk has heard and obeyed: an enemy keeps all of it. */
async function past(parts: Omit<Arsenal, 'sound' | 'delivered'>, bench: RemoteBench) {
  const [parcel, recipient] = [
    { id: 'p-9', tracking: 'T-p-9', size: 'S', recipientId: 'r-1' },
    { id: 'r-9', label: 'Flat 9' },
  ]
  const header = { v: 1, k: KIOSK, t: 1 }
  const epoch = bench.ledger.epoch()
  const hash = bench.ledger.factHash(1) ?? ''
  const open = {
    type: 'open',
    args: { lockerId: '1', reason: 'a caller' },
    nonce: 'old',
    counter: 9,
  }
  const bodies: readonly Sound[] = [
    {
      leaf: 'delta',
      body: { ...header, stream: 'parcel', from: 0, to: 1, ops: [{ put: parcel }] },
    },
    {
      leaf: 'delta',
      body: { ...header, stream: 'directory', from: 0, to: 1, ops: [{ put: recipient }] },
    },
    { leaf: 'delta', body: { ...header, stream: 'staff', from: 0, to: 1, ops: [{ del: 'c-1' }] } },
    { leaf: 'snap', body: { ...header, stream: 'staff', ver: 1, re: 'answered', rows: [] } },
    { leaf: 'ack', body: { ...header, epoch: 'older', since: 1, cum: 9, hash, head: {} } },
    { leaf: 'ack', body: { ...header, epoch, since: 9, cum: 1, hash, head: {} } },
    { leaf: 'ctl', body: { ...header, session: 'older', resend: { epoch, from: 1 } } },
    {
      leaf: 'confirm',
      body: { ...header, epoch: 'older', after: { epoch, cum: 1 }, parcels: [] },
    },
    { leaf: 'cmd', body: { ...header, cid: 'x', iat: 1, exp: 60_001, ...open } },
  ]
  return Promise.all(
    bodies.map(async ({ leaf, body }): Promise<Hostile> => {
      const text = await signDown(parts.central, { leaf, body })
      return { leaf, payload: new TextEncoder().encode(text) }
    }),
  )
}

export async function runHostile(options: HostileOptions): Promise<HostileOutcome> {
  const { count, seed, onProgress = () => {} } = options
  const random = createRandom(seed)
  const parts = await arm(random)
  const openDown = await createDownOpener(KIOSK, { keys: [parts.centralJwk] })
  const campaign = new Campaign(openDown)
  try {
    const bodies = soundOnes(campaign.bench)
    const delivered = await past(parts, campaign.bench)
    const kinds = Object.entries(KINDS)
    let done = 0
    // Each kind meets every message, one after another.
    const sound = () =>
      bodies[Math.floor(done / kinds.length) % bodies.length] ?? random.pick(bodies)
    const arsenal = { ...parts, sound, delivered }
    let warm: Memory | null = null
    const course: Memory[] = []
    for (; done < count; done += 1) {
      if (warm === null && done >= count * WARM_SHARE) warm = memory()
      const [kind, make] = kinds[done % kinds.length] ?? random.pick(kinds)
      await campaign.hear(kind, await make(arsenal))
      if (done % Math.ceil(count / LOOKS) === 0) {
        campaign.compare()
        course.push(memory())
      }
      onProgress(done + 1)
    }
    const ledgerHash = campaign.compare()
    const end = memory()
    warm ??= end
    const { violations, codes } = campaign
    const grown = { heap: end.heapMiB - warm.heapMiB, rss: end.rssMiB - warm.rssMiB }
    if (grown.heap > HEAP_GROWTH_MAX_MIB) violations.push(`the heap grew by ${grown.heap} MiB`)
    if (grown.rss > RSS_GROWTH_MAX_MIB) violations.push(`the process grew by ${grown.rss} MiB`)
    return { codes, ledgerHash, memory: { warm, end, course }, violations }
  } finally {
    campaign.end()
  }
}
