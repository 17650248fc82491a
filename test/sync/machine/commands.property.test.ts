// An attacker owns the broker, and has everything that central ever signed: what is dropped, kept,
// delayed, repeated, reordered, changed or shown to another kiosk opens nothing. Real rules, real
// ledger, real signatures.
import fc from 'fast-check'
import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import type { PrivateKey } from '../../../sim/central/keys.ts'
import { signDown } from '../../../sim/central/sign-down.ts'
import { createDownOpener, type DownOpener } from '../../../src/sync/contract/open-down.ts'
import type { CommandBody } from '../../../src/sync/machine/messages.ts'
import { wallOf } from '../../support/bench.ts'
import { RemoteBench } from '../../support/remote-bench.ts'

const LOCKERS = ['1', '2', '3']
const NONCE_LIFE_MS = 60_000

let central: PrivateKey
let thief: PrivateKey
let openDown: DownOpener

beforeAll(async () => {
  const pair = async () => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const [own, other] = [await pair(), await pair()]
  central = { kid: 'central', key: own.privateKey }
  thief = { kid: 'central', key: other.privateKey }
  const keys = [{ ...(await exportJWK(own.publicKey)), kid: 'central' }]
  openDown = await createDownOpener('bench-1', { keys })
})

/** One kiosk, whatever central has signed for it, and the right to open each that is not used. */
class Attack {
  readonly bench = new RemoteBench(wallOf(['S', 'S', 'S']))
  readonly wires: string[] = []
  readonly signed: { readonly body: CommandBody; readonly atMonoMs: number }[] = []
  readonly performed = new Set<string>()
  starts = 0

  async sign(lockerId: string, k = 'bench-1'): Promise<void> {
    const answer = this.bench.askStatus()
    // Beyond the rate the kiosk says nothing, and central has no nonce.
    if (answer?.nonce === undefined) return
    const order = { type: 'open', args: { lockerId, reason: 'a caller' } } as const
    const body = { ...this.bench.sign(order), k }
    this.signed.push({ body, atMonoMs: this.bench.nowMs })
    this.wires.push(await signDown(central, { leaf: 'cmd', body }))
  }

  /** The kiosk takes from the wire what its opener lets pass. */
  async deliver(wire: string, leaf = 'cmd'): Promise<void> {
    const before = this.bench.unlocks.length
    const openings = this.bench.factsOf('command-obeyed').length
    const opened = await openDown(`lk/v1/test/bench-1/dn/${leaf}`, Buffer.from(wire))
    if (opened.kind === 'refused') {
      const { refusal } = opened
      const event = { kind: 'message-refused', refusal, receipt: null } as const
      this.bench.take([{ kind: 'uplink', event }])
    } else {
      const { message } = opened
      const event = { kind: 'message', message, receipt: 'r' } as const
      this.bench.take([{ kind: 'uplink', event }])
    }
    const obeyed = this.bench.factsOf('command-obeyed').slice(openings)
    expect(this.bench.unlocks.length - before).toBe(obeyed.length)
    for (const { commandId, lockerId } of obeyed) this.check(String(commandId), String(lockerId))
    if (obeyed.length > 0) this.bench.useDoor(500)
  }

  private check(commandId: string, lockerId: string): void {
    const order = this.signed.find(({ body }) => body.cid === commandId)
    expect(order?.body).toMatchObject({ k: 'bench-1', args: { lockerId } })
    expect(this.bench.nowMs - (order?.atMonoMs ?? 0)).toBeLessThan(NONCE_LIFE_MS)
    expect(this.performed.has(commandId)).toBe(false)
    this.performed.add(commandId)
  }
}

/** Another payload, protected header or signature, one character of it changed. */
function mutate(wire: string, at: number): string {
  const index = at % wire.length
  const other = wire[index] === 'A' ? 'B' : 'A'
  return wire.slice(0, index) + other + wire.slice(index + 1)
}

type Act = (attack: Attack, pick: number) => Promise<void>

const pickOf = (wires: readonly string[], pick: number) => wires[pick % Math.max(1, wires.length)]

const ACTS: readonly (readonly [name: string, weight: number, act: Act])[] = [
  ['central orders', 5, (attack, pick) => attack.sign(LOCKERS[pick % 3] ?? '1')],
  ['central orders of another kiosk', 1, (attack) => attack.sign('1', 'bench-2')],
  ['newest arrives', 4, async (attack) => attack.deliver(attack.wires.at(-1) ?? '')],
  [
    'any one is replayed',
    6,
    async (attack, pick) => attack.deliver(pickOf(attack.wires, pick) ?? ''),
  ],
  [
    'one is changed',
    3,
    async (attack, pick) => attack.deliver(mutate(pickOf(attack.wires, pick) ?? 'x', pick)),
  ],
  [
    'two are mixed',
    2,
    async (attack, pick) => {
      const [one, two] = [pickOf(attack.wires, pick), attack.wires.at(-1)]
      if (one === undefined || two === undefined) return
      const { payload } = JSON.parse(two)
      await attack.deliver(JSON.stringify({ ...JSON.parse(one), payload }))
    },
  ],
  [
    'one is forged',
    2,
    async (attack) => {
      const { nonce, counter } = attack.bench.askStatus() ?? {}
      const known = attack.signed.at(-1)?.body
      if (known === undefined || nonce === undefined) return
      const body = { ...known, cid: 'forged', nonce, counter: counter + 1 }
      await attack.deliver(await signDown(thief, { leaf: 'cmd', body }))
    },
  ],
  [
    'one comes on another leaf',
    1,
    async (attack, pick) => attack.deliver(pickOf(attack.wires, pick) ?? '', 'ack'),
  ],
  ['a moment', 3, async (attack) => attack.bench.pass(2_000)],
  ['a minute', 3, async (attack) => attack.bench.pass(60_000)],
  [
    'the plug',
    1,
    async (attack) => {
      attack.bench.comeBack()
    },
  ],
]

const act = fc.oneof(
  ...ACTS.map(([name, weight, run]) => ({
    weight,
    arbitrary: fc.nat(999).map((pick) => ({ name, pick, run })),
  })),
)

test('whatever a broker does, a door opens for a live order alone, and once', async () => {
  let opened = 0
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 50 }), async (acts) => {
      const attack = new Attack()
      try {
        for (const { run, pick } of acts) await run(attack, pick)
        opened += attack.performed.size
      } finally {
        attack.bench.close()
      }
    }),
    { numRuns: 60 },
  )
  // An attack in which nobody ever opens anything would prove nothing.
  expect(opened).toBeGreaterThan(20)
}, 120_000)
