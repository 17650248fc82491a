// The golden messages: once released they never change, and both sides keep taking them. If a test
// here fails, do not change the file; what was sent and stored years ago still looks like this.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readEvent } from '../../../sim/central/fact-store.ts'
import { openPins } from '../../../sim/central/letters.ts'
import { STREAMS } from '../../../src/kiosk/desired.ts'
import { CHAIN_START, hashText } from '../../../src/store/chain.ts'
import { misfitOfOwnFact } from '../../../src/sync/contract/check-fact.ts'
import { DOWN_SCHEMAS, UP_SCHEMAS } from '../../../src/sync/contract/message-schemas.ts'
import { createDownOpener } from '../../../src/sync/contract/open-down.ts'
import { checkSealedPin, checkUp, isUpLeaf } from '../../../src/sync/contract/validate.ts'
import type { DownMessage } from '../../../src/sync/machine/messages.ts'
import {
  GOLDEN,
  goldenKeys,
  goldenText,
  leafOf,
  messageDown,
  messagesUp,
  namesDown,
  privateKey,
} from '../../support/golden.ts'
import { published, UplinkBench } from '../../support/uplink-bench.ts'

async function open(name: string, spoil = (text: string) => text) {
  const { d: _secret, ...key } = goldenKeys().signing
  const opener = await createDownOpener('k1', { keys: [key] })
  const payload = Buffer.from(spoil(goldenText(`dn/${name}.json`)))
  return await opener(`lk/v1/demo/k1/dn/${leafOf(name)}`, payload)
}

describe('golden messages up', () => {
  const made = messagesUp()

  test('are all there, and show every leaf', () => {
    const files = readdirSync(join(GOLDEN, 'up')).sort()
    expect(files).toEqual([...made.keys()].map((name) => `${name}.json`).sort())
    const leaves = new Set([...made.keys()].map((name) => name.split('-')[0]))
    expect(leaves).toEqual(new Set(Object.keys(UP_SCHEMAS)))
  })

  test.each([...made])('%s is sent byte for byte', (name, text) => {
    expect(text).toBe(goldenText(`up/${name}.json`))
    const leaf = name.split('-')[0] ?? ''
    expect(isUpLeaf(leaf) && checkUp(leaf, JSON.parse(text))).toEqual({ isValid: true })
  })

  test('the facts in ev hang together, and central takes them with their PIN', async () => {
    const { epoch, first, ev: texts } = JSON.parse(goldenText('up/ev.json'))
    let hash = CHAIN_START
    for (const [index, text] of texts.entries()) {
      const { event, problem } = readEvent(text, first + index)
      expect(problem).toBe(null)
      expect(event?.ph).toBe(hash)
      expect(misfitOfOwnFact(event?.type.replace('/1', '') ?? '', event?.data)).toBe(null)
      hash = hashText(text)
    }
    const key = await privateKey(goldenKeys().sealing)
    const pins = await openPins(key, { kioskId: 'k1', epoch, first, texts })
    const content = JSON.parse(goldenText('sealed-pin.json'))
    expect(checkSealedPin(content)).toEqual({ isValid: true })
    expect([...pins.values()]).toEqual([{ pin: content.pin, reference: content.reference }])
    expect([...pins.keys()]).toEqual([goldenText('sealed-pin.jwe')])
  })
})

describe('golden messages down', () => {
  test('show every leaf, and every stream whole and in part', () => {
    const names = namesDown()
    expect(new Set(names.map(leafOf))).toEqual(new Set(Object.keys(DOWN_SCHEMAS)))
    for (const stream of STREAMS) {
      expect(names).toContain(`delta-${stream}`)
      expect(names).toContain(`snap-${stream}`)
    }
    const all = names.flatMap((name) => [`${name}.json`, `${name}.body.json`])
    expect(readdirSync(join(GOLDEN, 'dn')).sort()).toEqual(all.sort())
  })

  test.each(namesDown())(
    '%s is signed as ever, and its body is what was signed byte for byte',
    async (name) => {
      expect(JSON.parse(await messageDown(name))).toEqual(JSON.parse(goldenText(`dn/${name}.json`)))
      const opened = await open(name)
      if (opened.kind === 'refused') throw new Error(opened.refusal.detail)
      expect(JSON.stringify(opened.message.body)).toBe(goldenText(`dn/${name}.body.json`))
    },
  )

  test.each(namesDown())('%s is taken, and nothing is refused', async (name) => {
    const opened = await open(name)
    if (opened.kind === 'refused') throw new Error(opened.refusal.detail)
    const { message } = opened
    const bench = new UplinkBench()
    if (message.leaf === 'delta') bench.ledger.versions[message.body.stream] = message.body.from
    for (let seq = 1; seq <= 13; seq += 1) bench.ledger.append('locker-released/1', {})
    const request = bench.up().find(({ leaf }) => leaf === 'sync')?.body['id']
    // An answer names the request, and each run draws its own.
    const body = 're' in message.body ? { ...message.body, re: request } : message.body
    const epoch = 'epoch' in body ? { epoch: bench.ledger.epoch() } : {}
    const hash = 'hash' in body ? { hash: bench.ledger.factHash(13) } : {}
    bench.receive({ ...message, body: { ...body, ...epoch, ...hash } } as DownMessage)
    expect(published(bench.actions, 'rej')).toEqual([])
    if (message.leaf === 'ack') expect(bench.ledger.confirmedSeq()).toBe(message.body.cum)
    if (message.leaf === 'delta' || message.leaf === 'snap') {
      const { stream } = message.body
      const puts =
        message.leaf === 'snap'
          ? message.body.rows
          : message.body.ops.flatMap((op) => ('put' in op ? [op.put] : []))
      expect([...bench.ledger.rows[stream].values()]).toEqual(puts)
    }
  })

  test.each(['payload', 'protected', 'signature'])('with a changed %s is refused', async (part) => {
    const opened = await open('delta-parcel', (text) => {
      const jws = JSON.parse(text)
      const last = jws[part].at(-3) === 'A' ? 'B' : 'A'
      return JSON.stringify({ ...jws, [part]: jws[part].slice(0, -3) + last + jws[part].slice(-2) })
    })
    expect(opened.kind).toBe('refused')
  })
})
