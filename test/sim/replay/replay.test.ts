// The whole way of a field fault to a desk, with real processes on a real pseudoterminal: a daemon
// is looked at while a cable is pulled and a door opens, and what was recorded happens again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DaemonProcess } from '../../../sim/live/daemon-process.ts'
import { declareEmpty } from '../../../sim/live/installer.ts'
import { openSite, type Site, trustCentral } from '../../../sim/live/site.ts'
import { DIALECT_NAMES, type DialectName } from '../../../src/bus/config.ts'
import { askControl } from '../../support/control.ts'
import { type Ended, latchkey } from '../../support/latchkey.ts'
import { BenchLine } from '../../support/live-bench.ts'
import { freePort } from '../../support/mosquitto.ts'
import { Simulator } from '../../support/simulator.ts'
import { until } from '../../support/until.ts'

const CHANNELS = 4

const kioskYaml = (dialect: DialectName, path: string) => `
kiosk: { id: tiny, siteName: Tiny, helpPhone: "+1 555 0100" }
namespace: tiny
wall:
  sizes:
    - { name: S, widthMm: 450, heightMm: 240, depthMm: 600 }
  columns:
    - lockers:
        - { id: "1", size: S, boardId: a, channel: 1, bottomMm: 490 }
        - { id: "2", size: S, boardId: a, channel: 2, bottomMm: 250 }
buses:
  - id: wall
    link: { kind: serial, path: ${path}, baudRate: 19200 }
    boards:
      - { id: a, address: 1, dialect: ${dialect}, channels: ${CHANNELS} }
uplink: { url: "mqtt://127.0.0.1:1" }
control: { path: run/control.sock }
secrets:
  pepperFile: secrets/pepper
  staffKeyFile: secrets/staff-key
  centralKeysFile: secrets/central-keys.json
  centralSealKeyFile: secrets/central-seal-key.json
`

/** A kiosk with one board, as three processes. */
class Field {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-replay-'))
  readonly port = join(this.folder, 'port')
  readonly file = join(this.folder, 'record.ndjson')
  readonly dialect: DialectName
  readonly line: BenchLine
  #site: Site | null = null
  #daemon: DaemonProcess | null = null

  constructor(dialect: DialectName) {
    this.dialect = dialect
    const boards = [{ dialect, address: 1, channels: CHANNELS }]
    this.line = new BenchLine({ boards, baudRate: 19_200, path: this.port })
  }

  get socket(): string {
    return this.#site?.settings.control.path ?? ''
  }

  async start(): Promise<void> {
    const configFile = join(this.folder, 'kiosk.yaml')
    writeFileSync(configFile, kioskYaml(this.dialect, this.port))
    this.#site = openSite({
      configFile,
      env: {
        LATCHKEY_DATA_FOLDER: join(this.folder, 'data'),
        LATCHKEY_SCREEN_PORT: String(await freePort()),
      },
    })
    await trustCentral(this.#site)
    await this.line.live.plugIn()
    await this.startDaemon()
    await declareEmpty(this.#site)
  }

  async startDaemon(): Promise<void> {
    if (this.#site === null) throw new Error('there is no site')
    this.#daemon = new DaemonProcess(this.#site)
    await this.#daemon.screenUrl
    await until('the board', async () => (await this.presence()) === 'online')
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop()
    this.#daemon = null
  }

  async presence(): Promise<string | undefined> {
    const { body } = await askControl(this.socket, '/v1/buses')
    const { buses } = body as { buses: { boards: { presence: string }[] }[] }
    return buses[0]?.boards[0]?.presence
  }

  command(...args: readonly string[]): Promise<Ended> {
    return latchkey(args, { LATCHKEY_SOCKET: this.socket })
  }

  /**
   * What happens while a technician looks: the cable is pulled, and then a lock is opened. A host
   * that starts anew finds its greeting in the recording.
   */
  async happen(): Promise<void> {
    await this.line.live.unplug()
    await until('a lost board', async () => (await this.presence()) === 'lost')
    await this.line.live.plugIn()
    await until('the board again', async () => (await this.presence()) === 'online')
    const opening = this.command('open', '2', '--reason', 'a test')
    await until('the coil', () => this.line.coils.length > 0)
    this.line.live.moveDoor({ board: 'B1', channel: 2, door: 'open' })
    expect(await opening).toMatchObject({ exit: 0 })
    // Long enough to be seen in another rhythm, too.
    const count = this.line.asked.length
    await until('more questions', () => this.line.asked.length > count + 8)
    this.line.live.moveDoor({ board: 'B1', channel: 2, door: 'closed' })
  }

  async end(): Promise<void> {
    await this.stopDaemon()
    await this.line.live.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const DIALECTS = DIALECT_NAMES.filter((name) => name !== 'wkly')

describe.each(DIALECTS)('a daemon with a board of %s', (dialect) => {
  const field = new Field(dialect)
  let shown: Ended

  beforeAll(async () => {
    await field.start()
    const args = ['bus', 'trace', '--decode', '--record', field.file]
    let tellDone = () => {}
    const recording = latchkey(args, { LATCHKEY_SOCKET: field.socket }, (child) => {
      tellDone = () => child.kill('SIGINT')
    })
    await until('the trace', () => readFileIfThere(field.file).split('\n').length > 4)
    await field.happen()
    await until('the shut door in the file', () => isShutAgain(readFileIfThere(field.file)))
    tellDone()
    shown = await recording
  }, 60_000)

  afterAll(() => field.end())

  it('shows its frames, what they mean and what happens on the line', async () => {
    expect(shown).toMatchObject({ exit: 130, err: '' })
    expect(shown.out).toMatch(/^\d+ wall > ([0-9A-F]{2} ?)+ {2}\| state to a \(/m)
    expect(shown.out).toMatch(/^\d+ wall > ([0-9A-F]{2} ?)+ {2}\| pulse of channel 2 to a \(/m)
    expect(shown.out).toMatch(/^\d+ wall ! channel 2 of a shall open, opening \d+$/m)
    expect(shown.out).toMatch(/^\d+ wall ! the line is closed: /m)
    expect(shown.out).toMatch(/^\d+ wall ! the line is open$/m)
    expect(shown.out).toMatch(/^\d+ wall = a is lost$/m)
    expect(shown.out).toMatch(/^\d+ wall = a is read: open: 2$/m)
  })

  it('tells its figures, and keeps its line for itself', async () => {
    const stats = await field.command('bus', 'stats')
    expect(stats).toMatchObject({ exit: 0, err: '' })
    expect(stats.out).toContain(`bus wall: ${field.port}, 19200 baud, open`)
    const scan = await field.command('bus', 'scan', '--port', field.port)
    expect(scan).toMatchObject({ exit: 5, out: '' })
    expect(scan.err).toMatch(/^LK-BUS-05: The daemon uses this line for bus wall\./)
  })

  it('does again at a desk what it did', async () => {
    const ended = await Simulator.run(['replay', field.file])
    expect(ended).toMatchObject({ exit: 0, err: '' })
    expect(ended.out).toMatch(/^bus wall: \d+ frames sent, \d+ received, \d+ reports, all as rec/m)
  })

  it('meets the boards of then on the port of then', async () => {
    await field.stopDaemon()
    await field.line.live.unplug()
    const player = new Simulator(['replay', field.file, '--pty', field.port])
    await player.until('port ')
    await field.startDaemon()
    // A host that is let in before the cable was pulled loses its board, as it did then.
    const opens = async () => (await field.command('open', '2', '--reason', 'again')).exit === 0
    await until('the door', async () => player.child.exitCode !== null || (await opens()), 15_000)
    await player.until('played')
    expect(await player.exit).toBe(0)
    await field.stopDaemon()
  }, 40_000)
})

/** The last reading shows no open door, and one before did. */
function isShutAgain(recorded: string): boolean {
  const reads = recorded.split('\n').filter((line) => line.includes('"board-read"'))
  const areOpen = reads.map((line) => line.includes('"state":"open"'))
  return areOpen.includes(true) && areOpen.at(-1) === false
}

function readFileIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
