// A real broker of one's own: Mosquitto on a free port of the loopback, ended by its own pid.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CertificateAuthority, Pair } from './certificates.ts'
import { isListening } from './process.ts'

const PROGRAM = '/usr/sbin/mosquitto'
const START_MAX_MS = 5_000

export interface Mosquitto {
  readonly host: string
  readonly port: number
  readonly url: string
  /** Of its present process. */
  pid(): number
  /** As a power cut would: nothing is saved. */
  kill(): Promise<void>
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** What a stock client needs to connect: as central, or as whom the pair names. */
  clientArgs(pair?: Pair): readonly string[]
  /** Publishes with the stock client, as central. */
  publish(topic: string, message: string | Buffer, options?: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Free at the moment of asking. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

export interface MutualTls {
  readonly authority: CertificateAuthority
  /** Of the broker itself; it is read again at every start. */
  readonly broker: Pair
  /** Who certifies clients besides. */
  readonly otherCaFile?: string
}

/** The list that operators are given, for the tests' own namespace. */
export function contractAcl(namespace = 'test'): readonly string[] {
  const file = new URL('../../docs/broker/acl', import.meta.url)
  return readFileSync(file, 'utf8').replaceAll('/main/', `/${namespace}/`).split('\n')
}

/** Nobody connects without a certificate, and each is the user that it names. */
function mutualTlsLines(
  { authority, broker, otherCaFile }: MutualTls,
  folder: string,
): readonly string[] {
  const caFiles = [authority.caFile, ...(otherCaFile === undefined ? [] : [otherCaFile])]
  const caPath = join(folder, 'ca.crt')
  writeFileSync(caPath, caFiles.map((file) => readFileSync(file, 'utf8')).join(''))
  return [
    `cafile ${caPath}`,
    `certfile ${broker.certificateFile}`,
    `keyfile ${broker.keyFile}`,
    'require_certificate true',
    'use_identity_as_username true',
    'allow_anonymous false',
  ]
}

/**
 * @param acl lines of an access list; none: everybody may do everything
 * @param mutualTls absent: without encryption, and everybody may connect
 * @param more lines of its configuration
 */
export async function startMosquitto(
  acl: readonly string[] = [],
  mutualTls?: MutualTls,
  more: readonly string[] = [],
): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mosquitto-'))
  const port = await freePort()
  const configPath = join(folder, 'mosquitto.conf')
  const lines = [`listener ${port} 127.0.0.1`, 'set_tcp_nodelay true']
  lines.push(
    ...(mutualTls === undefined ? ['allow_anonymous true'] : mutualTlsLines(mutualTls, folder)),
  )
  lines.push('persistence false', 'user root', ...more)
  if (acl.length > 0) {
    const aclPath = join(folder, 'acl')
    writeFileSync(aclPath, `${acl.join('\n')}\n`, { mode: 0o600 })
    lines.push(`acl_file ${aclPath}`)
  }
  writeFileSync(configPath, `${lines.join('\n')}\n`)
  let broker: ChildProcess | null = null

  const start = async (): Promise<void> => {
    const child = spawn(PROGRAM, ['-c', configPath], { stdio: ['ignore', 'ignore', 'ignore'] })
    broker = child
    const deadline = performance.now() + START_MAX_MS
    while (!(await isListening(port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error('mosquitto did not start')
      }
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = broker
    broker = null
    if (child === null || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }
  const visitor = mutualTls === undefined ? null : mutualTls.authority.client('central')
  const clientArgs = (pair: Pair | null = visitor): readonly string[] => {
    const args = ['-h', '127.0.0.1', '-p', String(port)]
    if (pair === null || mutualTls === undefined) return args
    const { certificateFile, keyFile } = pair
    const files = ['--cert', certificateFile, '--key', keyFile]
    return [...args, '--cafile', mutualTls.authority.caFile, ...files]
  }
  await start()
  return {
    host: '127.0.0.1',
    port,
    url: `${mutualTls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    ...{ start, pid: () => broker?.pid ?? 0 },
    kill: () => end('SIGKILL'),
    clientArgs,
    freeze: () => broker?.kill('SIGSTOP'),
    thaw: () => broker?.kill('SIGCONT'),
    publish: async (topic, message, options = []) => {
      const args = [...clientArgs(), '-q', '1', '-t', topic, '-s', ...options]
      const running = promisify(execFile)('mosquitto_pub', args)
      running.child.stdin?.end(message)
      await running
    },
    stop: async () => {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
