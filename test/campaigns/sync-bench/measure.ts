// All figures of one run: each end and the wire alone, then the whole way, near and far.
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startMosquitto } from '../../support/mosquitto.ts'
import { startSlowProxy } from '../../support/slow-proxy.ts'
import { writePast } from '../custody/past.ts'
import { batchesIn, measureBareMqtt, measureCentralCommits, measureKioskCommits } from './parts.ts'
import { type Drained, Whole } from './whole.ts'

/** The kiosk looks at 30 commands a minute. */
const COMMANDS = 25
const FACTS_PER_PARCEL = 2

export interface SyncFigures {
  readonly facts: number
  readonly farFacts: number
  readonly roundTripMs: number
  /** Facts a second. */
  readonly alone: { readonly mqtt: number; readonly kiosk: number; readonly central: number }
  readonly near: Drained
  readonly far: Drained
  readonly answerMs: readonly number[]
}

export interface SyncOptions {
  /** On the disk that is measured; emptied before and after. */
  readonly folder: string
  readonly facts: number
  readonly farFacts: number
  readonly roundTripMs: number
  readonly onProgress?: (line: string) => void
}

export async function measureSync(options: SyncOptions): Promise<SyncFigures> {
  const { folder, facts, farFacts, roundTripMs } = options
  const tell = options.onProgress ?? (() => {})
  const pathIn = (name: string): string => join(folder, name, 'data', 'ledger.db')
  for (const [name, count] of [
    ['near', facts],
    ['far', farFacts],
  ] as const) {
    mkdirSync(join(folder, name, 'data'), { recursive: true })
    writePast(pathIn(name), count / FACTS_PER_PARCEL)
  }
  cpSync(join(folder, 'near'), join(folder, 'alone'), { recursive: true })
  tell(`${facts} facts are written`)
  const broker = await startMosquitto([], undefined, ['max_inflight_messages 100'])
  const proxy = await startSlowProxy(broker.port, roundTripMs / 2)
  try {
    const batches = batchesIn(pathIn('alone'))
    const alone = {
      mqtt: await measureBareMqtt(broker.port, batches),
      central: measureCentralCommits(join(folder, 'alone'), batches),
      kiosk: measureKioskCommits(pathIn('alone')),
    }
    tell('each part is measured alone')
    const { port: brokerPort } = broker
    const whole = await Whole.open(join(folder, 'near'), { brokerPort, kioskPort: brokerPort })
    let near: Drained
    let answerMs: readonly number[]
    try {
      near = await whole.drain(facts)
      tell(`drained in ${Math.round(near.wholeMs)} ms`)
      answerMs = await whole.answerTimes(COMMANDS)
    } finally {
      await whole.close()
    }
    const distant = await Whole.open(join(folder, 'far'), { brokerPort, kioskPort: proxy.port })
    try {
      const far = await distant.drain(farFacts)
      return { facts, farFacts, roundTripMs, alone, near, far, answerMs }
    } finally {
      await distant.close()
    }
  } finally {
    proxy.close()
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
