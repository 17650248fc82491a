// A stock MQTT client in the place of central: the shell lines that the contract's document shows,
// with this rig's folder, port and topics put in.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { type Rig, ROOT } from './rig.ts'

export interface Heard {
  readonly leaf: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly body: any
}

export class ShellCentral {
  /** What `mosquitto_sub` has printed, oldest first. */
  readonly heard: Heard[] = []
  readonly #rig: Rig
  readonly #functions: string
  readonly #listener: ChildProcess

  private constructor(rig: Rig) {
    this.#rig = rig
    const document = readFileSync(join(ROOT, 'docs/contract/README.md'), 'utf8')
    const [functions] = /^sign\(\).*?\n^say\(\).*?$/msu.exec(document) ?? []
    if (functions === undefined) throw new Error('the contract shows no shell lines')
    this.#functions = functions
      .replace('sign.ts keys', `sign.ts ${rig.site.centralFolder}`)
      .replace('-p 1883', `-p ${rig.broker.port}`)
      .replace('lk/v1/demo/k1', this.#topic)
    const args = ['-h', '127.0.0.1', '-p', String(rig.broker.port), '-q', '1', '-v']
    this.#listener = spawn('mosquitto_sub', [...args, '-t', `${this.#topic}/up/#`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  static async start(rig: Rig): Promise<ShellCentral> {
    const central = new ShellCentral(rig)
    const { stdout } = central.#listener
    if (stdout === null) throw new Error('mosquitto_sub has no output')
    const lines = createInterface({ input: stdout })
    lines.on('line', (line) => central.#hear(line))
    // The kiosk's retained birth: from here on nothing is missed.
    await once(lines, 'line')
    return central
  }

  get #topic(): string {
    return `lk/v1/${this.#rig.site.settings.namespace}/${this.#rig.kioskId}`
  }

  #hear(line: string): void {
    const [topic = '', ...rest] = line.split(' ')
    const body: unknown = JSON.parse(rest.join(' '))
    this.heard.push({ leaf: topic.slice(`${this.#topic}/up/`.length), body })
  }

  get rejections(): readonly Heard[] {
    return this.heard.filter(({ leaf }) => leaf === 'rej')
  }

  /** `echo BODY | say LEAF`, as the document shows it. */
  async say(leaf: 'ack' | 'head' | 'delta' | 'snap', body: object): Promise<void> {
    await this.shell(`echo '${JSON.stringify(body)}' | say ${leaf}`)
  }

  /** Runs a line with the document's functions in scope. */
  async shell(line: string): Promise<void> {
    await promisify(execFile)('sh', ['-ec', `${this.#functions}\n${line}`], { cwd: ROOT })
  }

  /** A signed message as one line, by the keys of another folder if one is named. */
  async sign(leaf: string, body: object, folder = this.#rig.site.centralFolder): Promise<string> {
    const running = promisify(execFile)('node', ['sim/central/sign.ts', folder, leaf], {
      cwd: ROOT,
    })
    running.child.stdin?.end(JSON.stringify(body))
    return (await running).stdout.trim()
  }

  /** Anything on any leaf: what a broken central or a stranger might send. */
  async publish(leaf: string, message: string | Buffer): Promise<void> {
    await this.#rig.broker.publish(`${this.#topic}/dn/${leaf}`, message)
  }

  async stop(): Promise<void> {
    const exited = once(this.#listener, 'exit')
    this.#listener.kill('SIGTERM')
    await exited
  }
}
