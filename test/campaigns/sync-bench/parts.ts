// What the two ends and the wire between them can do, each alone.
import { join } from 'node:path'
import mqtt from 'mqtt'
import { openDatabase } from '../../../sim/central/database.ts'
import { FACT_SCHEMA, FactStore } from '../../../sim/central/fact-store.ts'
import type { Ledger } from '../../../src/store/ledger.ts'
import { openLedger } from '../../../src/store/ledger.ts'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { NOW } from '../custody/past.ts'

const MS_PER_S = 1_000
const LIMITS = {
  countMax: DEFAULT_UPLINK.batchEventsMax,
  bytesMax: DEFAULT_UPLINK.batchBytesMax,
} as const

export interface Batch {
  readonly first: number
  readonly texts: readonly string[]
}

/** Facts a second. */
function rateOf(facts: number, beganMs: number): number {
  return (facts * MS_PER_S) / (performance.now() - beganMs)
}

function batchAfter(ledger: Ledger, seq: number): Batch | null {
  const rows = ledger.outboxAfter(seq, LIMITS)
  return rows.length === 0 ? null : { first: seq + 1, texts: rows.map(({ body }) => body) }
}

/** The ledger's facts as the uplink would send them. */
export function batchesIn(path: string): readonly Batch[] {
  const ledger = openLedger({ path, lockerIds: [], newEpoch: 'never' })
  const batches: Batch[] = []
  for (let batch = batchAfter(ledger, 0); batch !== null; ) {
    batches.push(batch)
    batch = batchAfter(ledger, batch.first + batch.texts.length - 1)
  }
  ledger.close()
  return batches
}

/** The kiosk's end: reads a batch and commits that it is confirmed. Uses the ledger up. */
export function measureKioskCommits(path: string): number {
  const ledger = openLedger({ path, lockerIds: [], newEpoch: 'never' })
  const beganMs = performance.now()
  let confirmed = 0
  for (let batch = batchAfter(ledger, 0); batch !== null; batch = batchAfter(ledger, confirmed)) {
    confirmed += batch.texts.length
    ledger.begin()
    ledger.apply([{ kind: 'facts-confirmed', data: { upToSeq: confirmed } }], NOW)
    ledger.commit()
    ledger.tidy()
  }
  const rate = rateOf(confirmed, beganMs)
  ledger.close()
  return rate
}

/** Central's end: judges a batch and commits it. */
export function measureCentralCommits(folder: string, batches: readonly Batch[]): number {
  const db = openDatabase(join(folder, 'alone.db'))
  db.exec(FACT_SCHEMA)
  const store = new FactStore(db)
  const beganMs = performance.now()
  for (const batch of batches) {
    store.take({ kioskId: 'k', epoch: 'e', ...batch }, () => {
      // What follows from a fact is no part of its commit.
    })
  }
  const rate = rateOf(store.counters.facts, beganMs)
  db.close()
  return rate
}

/** MQTT.js and a broker: QoS 1, as many batches under way as the uplink has, nobody listening. */
export async function measureBareMqtt(port: number, batches: readonly Batch[]): Promise<number> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 })
  const payloads = batches.map(({ first, texts }) =>
    JSON.stringify({ v: 1, k: 'demo-24', t: 0, epoch: 'bench-epoch', first, ev: texts }),
  )
  let next = 0
  const beganMs = performance.now()
  const sendAll = async (): Promise<void> => {
    for (let payload = payloads[next]; payload !== undefined; payload = payloads[next]) {
      next += 1
      await client.publishAsync('lk/v1/bare/k/up/ev', payload, { qos: 1 })
    }
  }
  await Promise.all(Array.from({ length: DEFAULT_UPLINK.windowBatches }, sendAll))
  const rate = rateOf(
    batches.reduce((sum, { texts }) => sum + texts.length, 0),
    beganMs,
  )
  await client.endAsync()
  return rate
}
