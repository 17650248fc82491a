// `latchkey claim`: makes this machine one of central's kiosks. The daemon need not run; it takes
// over what this wrote when it starts.
import { dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type { ClaimError } from '../sync/identity/claim.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'
import { print, say } from './terminal.ts'

interface ClaimFlags {
  readonly json?: true
  readonly url: string
  readonly config: string
  readonly data: string
  readonly again?: true
}

const HELP = `
The key is made here and stays here. Without a code one is asked for, so that it stands in no
history. If it breaks off, type the same again: the code is good for this machine's key.

Example:
  latchkey claim --url https://central.example 7G0T-X2M9-4KQB-0E5C-V8HN-3RZD-A`

const EXIT_BY_CODE: Readonly<Record<string, ExitCode>> = {
  'LK-CLAIM-01': EXIT.usage,
  'LK-CLAIM-02': EXIT.unreachable,
  'LK-CLAIM-06': EXIT.failed,
}

export function addClaimCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('claim [code]')
    .description('make this machine one of central’s kiosks: certificate, brokers, keys')
    .requiredOption('--url <url>', 'central, such as https://central.example')
    .option(
      '--config <file>',
      'the kiosk.yaml; what is new goes into conf.d beside it',
      configFile(),
    )
    .option('--data <folder>', 'the daemon’s data folder', '/var/lib/latchkey')
    .option('--again', 'also when this kiosk has a certificate already')
    .option('--json', 'write JSON, for programs')
    .addHelpText('after', HELP)
    .action(async (code: string | undefined, flags: ClaimFlags) => {
      end(await claim(code ?? (await askForCode()), flags))
    })
}

function configFile(): string {
  return process.env['LATCHKEY_CONFIG'] ?? '/etc/latchkey/kiosk.yaml'
}

async function askForCode(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question('Claim code: ')
  } finally {
    lines.close()
  }
}

async function claim(code: string, flags: ClaimFlags): Promise<ExitCode> {
  const { url, config, data, again = false, json } = flags
  if (!URL.canParse(url)) throw misused(`${url} is no URL`)
  // The libraries for certificates are loaded for this command only.
  const { claimKiosk } = await import('../sync/identity/claim.ts')
  const dropInFolder = join(dirname(config), 'conf.d')
  try {
    const done = await claimKiosk({ code, url, dataFolder: data, dropInFolder, isAgain: again })
    if (json) print([JSON.stringify(done)])
    else print(pageOf(done))
    return EXIT.ok
  } catch (error) {
    throw failureOf(error as ClaimError)
  }
}

function pageOf(done: {
  readonly kioskId: string
  readonly namespace: string
  readonly brokers: readonly string[]
  readonly validTo: Date
  readonly file: string
}): readonly string[] {
  say('Start the daemon, or restart it, to connect.')
  return [
    `kiosk        ${done.kioskId}`,
    `namespace    ${done.namespace}`,
    `brokers      ${done.brokers.join(' ')}`,
    `certificate  good until ${done.validTo.toISOString().slice(0, 10)}`,
    `written      ${done.file}`,
  ]
}

function misused(message: string): Failure {
  return new Failure({ exit: EXIT.usage, code: 'LK-CLAIM-02', message })
}

function failureOf(error: ClaimError): Error {
  const { code, message } = error
  if (!code?.startsWith('LK-')) return error
  const hint = code === 'LK-CLAIM-05' ? '--again replaces it, with a new code' : null
  return new Failure({ exit: EXIT_BY_CODE[code] ?? EXIT.refused, code, message, hint })
}
