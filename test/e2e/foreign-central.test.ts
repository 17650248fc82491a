// A central of which no line is ours: mosquitto_sub, mosquitto_pub, openssl, jq, and the shell
// script that docs/contract shows. It makes its own keys, brings a courier and a parcel to the
// kiosk, learns the PIN, and takes every fact; all that passes the broker fits the published
// schemas.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Site } from '../../sim/live/site.ts'
import type { UplinkReport } from '../../src/kiosk/uplink-report.ts'
import { verifyLedger } from '../../src/store/verify.ts'
import { COURIER, Rig, ROOT } from '../support/rig.ts'
import { Touchscreen } from '../support/touchscreen.ts'

const SOON = { timeout: 20_000, interval: 100 }
const LEAVES = ['up/state', 'up/sync', 'up/ev', 'dn/ack', 'dn/head', 'dn/snap']
const SCRIPT = join(ROOT, 'docs/contract/central.sh')

let rig: Rig
let screen: Touchscreen
let central: ChildProcess
let folder: string

function environment(): NodeJS.ProcessEnv {
  const { settings } = rig.site
  const TOPIC = `lk/v1/${settings.namespace}/${rig.kioskId}`
  return { ...process.env, HOST: '127.0.0.1', PORT: String(rig.broker.port), TOPIC }
}

async function shell(...args: readonly string[]): Promise<string> {
  const env = rig === undefined ? process.env : environment()
  return (await promisify(execFile)('sh', [SCRIPT, ...args], { env })).stdout.trim()
}

function startCentral(): ChildProcess {
  // A group of its own, so that its mosquitto_sub ends with it.
  const stdio = ['ignore', 'inherit', 'inherit'] as const
  return spawn('sh', [SCRIPT, 'run', folder], {
    env: environment(),
    detached: true,
    stdio: [...stdio],
  })
}

async function stopCentral(): Promise<void> {
  if (central?.pid === undefined || central.exitCode !== null) return
  const exited = once(central, 'exit')
  process.kill(-central.pid, 'SIGKILL')
  await exited
}

async function trust({ settings }: Site): Promise<void> {
  await shell('keys', folder)
  copyFileSync(join(folder, 'central-keys.json'), settings.secrets.centralKeysFile)
  copyFileSync(join(folder, 'central-seal-key.json'), settings.secrets.centralSealKeyFile)
}

const want = (stream: string, rows: readonly object[]) =>
  shell('want', folder, stream, JSON.stringify(rows.map((put) => ({ put }))))

/** The lines that the script has stored. */
function factTexts(): readonly string[] {
  const logs = readdirSync(folder).filter((name) => /^facts\.[^.]+$/.test(name))
  return logs.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
}

function letters(): readonly { readonly parcel: string; readonly pin: string }[] {
  const names = readdirSync(folder).includes('letters') ? readdirSync(join(folder, 'letters')) : []
  return names.map((name) => JSON.parse(readFileSync(join(folder, 'letters', name), 'utf8')))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-foreign-'))
  rig = await Rig.start({ central: 'none', trust })
  central = startCentral()
  screen = await Touchscreen.open(rig.screenUrl)
}, 60_000)

afterAll(async () => {
  await stopCentral()
  await screen?.close()
  await rig?.end()
  rmSync(folder, { recursive: true, force: true })
})

test('a parcel is announced, deposited and collected', async () => {
  const { kioskId, site } = rig
  const { id, label, code } = COURIER
  const verifier = await shell('verifier', site.settings.secrets.staffKeyFile, kioskId, code)
  await want('staff', [{ id, role: 'courier', label, verifier }])
  await want('directory', [{ id: 'r5', label: 'Zoë Ñ.' }])
  await want('parcel', [{ id: 'p77', tracking: 'JD77', size: 'M', recipientId: 'r5' }])
  await expect.poll(() => rig.dump()['streams'], SOON).toHaveLength(3)

  await screen.signsIn()
  await screen.touches('JD77')
  const lockerId = await screen.seesOpenDoor()
  rig.putIn(lockerId, 'JD77')
  await screen.reads(`Deposited in locker ${lockerId}.`)
  await screen.signsOut()

  await expect.poll(letters, SOON).toHaveLength(1)
  const [letter] = letters()
  expect(letter).toMatchObject({ k: kioskId, parcel: 'p77' })
  await screen.types(letter?.pin ?? '')
  expect(await screen.seesOpenDoor()).toBe(lockerId)
  expect(rig.takeOut(lockerId)).toEqual(['JD77'])
  const types = () => factTexts().map((text) => JSON.parse(text).type)
  await expect.poll(types, SOON).toContain('parcel-collected/1')
}, 60_000)

test('the kiosk knows the time by it', async () => {
  const clock = async () => ((await rig.control('/v1/sync')).body as UplinkReport).clock
  await expect.poll(async () => (await clock()).by, SOON).toBe('both')
  const { aheadMs, errorMs } = await clock()
  expect(Math.abs(aheadMs ?? Number.NaN)).toBeLessThanOrEqual(errorMs ?? 0)
})

test('what was missed while the script was down comes when it is up again', async () => {
  await stopCentral()
  const before = factTexts().length
  await screen.sees('Collect your parcel')
  await screen.signsIn()
  await screen.signsOut()
  central = startCentral()
  await expect.poll(() => factTexts().length, SOON).toBeGreaterThanOrEqual(before + 2)
}, 60_000)

test('it has every fact once, in order, and the kiosk owes none', async () => {
  await expect.poll(async () => (await rig.status()).outboxCount, SOON).toBe(0)
  const seqs = factTexts().map((text) => JSON.parse(text).seq)
  expect(seqs).toEqual(seqs.map((_, index) => index + 1))
  expect(readdirSync(folder)).not.toContain('broken')
  await rig.stopDaemon()
  const own: object[] = []
  const verdict = verifyLedger(rig.ledgerPath, { take: (_fact, text) => own.push(text) })
  expect(verdict.kind).toBe('sound')
  expect(own.length).toBeGreaterThanOrEqual(seqs.length)
  expect(factTexts().map((text) => JSON.parse(text))).toEqual(own.slice(0, seqs.length))
})

test('all that passed the broker fits the published schemas', () => {
  const { tap } = rig
  expect(tap.misfits()).toEqual([])
  const leaves = new Set(tap.messages().map(({ topic }) => topic.split('/').slice(-2).join('/')))
  expect(leaves).toEqual(new Set(LEAVES))
  expect(tap.factTypes().size).toBeGreaterThan(10)
})
