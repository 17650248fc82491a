// The reference central as a process of its own, with a small HTTP interface on the loopback. For
// demos and benches: nobody is asked who they are, so it must never listen anywhere else.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { createCentralApi } from './api.ts'
import { openCentral } from './central.ts'

const USAGE = `usage: node sim/central/main.ts --folder FOLDER --mqtt mqtt://HOST:PORT [--mqtt …]
  --namespace NAME --kiosk ID=STAFF-KEY-FILE [--kiosk …] [--port 7090] [--heads-ms 5000]
  [--command-wait-ms 30000]
  [--broker-keeps-nothing]                    for clusters, see docs/fleet.md
  [--smtp smtp://HOST:PORT [--mail-from TEXT]]   mails letters to recipients with an address
  [--ca FILE --certificate FILE --key FILE]   with --mqtt mqtts://…: by what it and the broker
                                              know each other
  [--claim-broker URL … --claim-ca FILE]      takes kiosks in that come with a claim code, and
                                              tells them these brokers and who certifies them`

function readKiosk(text: string): { readonly kioskId: string; readonly staffKey: string } {
  const [kioskId, path] = text.split('=')
  if (kioskId === undefined || path === undefined) throw new Error(`not ID=FILE: ${text}`)
  return { kioskId, staffKey: readFileSync(path, 'utf8').trim() }
}

function identityIn(values: {
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
}): object {
  const { ca: caFile = null, certificate: certificateFile = null, key: keyFile = null } = values
  return caFile === null ? {} : { identity: { caFile, certificateFile, keyFile } }
}

function claimsIn({
  brokers,
  brokerCaFile,
}: {
  readonly brokers: readonly string[]
  readonly brokerCaFile: string | undefined
}): object {
  return brokerCaFile === undefined ? {} : { claims: { brokers, brokerCaFile } }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      mqtt: { type: 'string', multiple: true, default: [] },
      'broker-keeps-nothing': { type: 'boolean', default: false },
      namespace: { type: 'string' },
      kiosk: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '7090' },
      smtp: { type: 'string' },
      'mail-from': { type: 'string', default: 'Parcel lockers <lockers@latchkey.invalid>' },
      ca: { type: 'string' },
      certificate: { type: 'string' },
      key: { type: 'string' },
      'claim-broker': { type: 'string', multiple: true, default: [] },
      'claim-ca': { type: 'string' },
      'heads-ms': { type: 'string', default: '5000' },
      'command-wait-ms': { type: 'string', default: '30000' },
    },
  })
  const { folder, mqtt, namespace } = values
  if (folder === undefined || mqtt.length === 0 || namespace === undefined) {
    throw new Error(USAGE)
  }
  const central = await openCentral({
    folder,
    mqttUrls: mqtt,
    brokerKeeps: !values['broker-keeps-nothing'],
    namespace,
    kiosks: values.kiosk.map(readKiosk),
    headIntervalMs: Number(values['heads-ms']),
    commandWaitMs: Number(values['command-wait-ms']),
    ...identityIn(values),
    ...(values.smtp === undefined ? {} : { mail: { url: values.smtp, from: values['mail-from'] } }),
    ...claimsIn({ brokers: values['claim-broker'], brokerCaFile: values['claim-ca'] }),
  })
  const app = createCentralApi(central)
  const address = await app.listen({ host: '127.0.0.1', port: Number(values.port) })
  console.log(`central listens on ${address}`)
  const stop = async (): Promise<void> => {
    await app.close()
    await central.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
