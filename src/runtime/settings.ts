// The configuration of one kiosk: kiosk.yaml, conf.d/*.yaml beside it, environment for scalars.
// Either all of it is sound and frozen, or every problem is told at once.
import { dirname, resolve } from 'node:path'
import type { BusConfig, LinkConfig } from '../bus/config.ts'
import type { Code } from '../kiosk/codes.ts'
import type { ColumnConfig, KioskConfig, Policy, SizeConfig } from '../kiosk/config.ts'
import { shortestPinDigits } from '../kiosk/pin-policy.ts'
import type { SettableKey } from '../kiosk/setting-limits.ts'
import type { InputConfig } from '../screen/inputs/config.ts'
import { checkTogether } from './settings-checks.ts'
import { readSettingsFiles } from './settings-files.ts'
import { inputFrom } from './settings-inputs.ts'
import { SettingsError, type SettingsProblem } from './settings-problem.ts'
import { envNameOf, SETTINGS_GROUPS } from './settings-schema.ts'
import {
  checkUplink,
  type UplinkSettings,
  type UplinkValues,
  uplinkFrom,
} from './settings-uplink.ts'
import {
  type Environment,
  settingsValues,
  unknownVariables,
  type ValueProblem,
} from './settings-values.ts'

const CONFIG_FILE = '/etc/latchkey/kiosk.yaml'

export interface SecretFiles {
  readonly pepperFile: string
  readonly staffKeyFile: string
  readonly helpKeyFile: string
  /** The public keys with which central signs: a JWKS. */
  readonly centralKeysFile: string
  /** The public key to which PINs are sealed: a JWK. */
  readonly centralSealKeyFile: string
}

export interface Settings {
  readonly namespace: string
  readonly kiosk: KioskConfig
  readonly buses: readonly BusConfig[]
  /** Scanners and keypads that the daemon reads. */
  readonly inputs: readonly InputConfig[]
  readonly uplink: UplinkSettings
  readonly screen: { readonly host: '127.0.0.1' | '::1'; readonly port: number }
  readonly control: { readonly path: string }
  readonly data: { readonly folder: string; readonly headFile: string }
  readonly secrets: SecretFiles
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' }
}

/** The checked values, still in the shape of the files. */
interface Values extends Omit<Settings, 'kiosk' | 'uplink'> {
  readonly uplink: UplinkValues
  readonly kiosk: {
    readonly id: string
    readonly siteName: string
    readonly helpPhone: string
    readonly languages: readonly string[]
  }
  readonly wall: {
    readonly sizes: readonly SizeConfig[]
    readonly columns: readonly ColumnConfig[]
  }
  readonly policy: Policy
  readonly configuration: { readonly local: readonly SettableKey[] }
}

/**
 * Reads and checks the whole configuration.
 * Relative paths: the data folder starts at the folder of kiosk.yaml, everything else at the data
 * folder; secrets at systemd's $CREDENTIALS_DIRECTORY when there is one.
 *
 * @param file path of kiosk.yaml, from `--config`; else LATCHKEY_CONFIG, else {@link CONFIG_FILE}
 * @throws SettingsError with all problems: LK-CFG-01, LK-CFG-02, LK-CFG-03
 */
export function readSettings({
  file,
  env,
}: {
  readonly file?: string | undefined
  readonly env: Environment
}): Settings {
  const mainFile = resolve(file ?? env['LATCHKEY_CONFIG'] ?? CONFIG_FILE)
  const problems: SettingsProblem[] = []
  const source = readSettingsFiles({ mainFile, groups: SETTINGS_GROUPS, problems })
  // Values of a file that is not there would all be missing: that helps nobody.
  if (problems.some(({ code }) => code === 'LK-CFG-01')) throw new SettingsError(problems)

  const whereOf = (path: string): string => {
    const name = envNameOf(path)
    return env[name] === undefined ? source.whereOf(path) : `environment ${name}`
  }
  const report = (problem: ValueProblem, code: Code = 'LK-CFG-02'): void => {
    problems.push({ code, where: whereOf(problem.path), ...asSecret(problem) })
  }
  reportVariables(env, problems)
  const values = settingsValues({ tree: source.tree, env, report }) as Values
  if (problems.length === 0) checkUplink(values.uplink, report)
  // What fits together is asked only of values that are sound by themselves.
  if (problems.length > 0) throw new SettingsError(problems)

  const isChosen = choosesPinDigits(source.tree, env)
  const settings = settingsOf({ values: isChosen ? values : withPinDigits(values), mainFile, env })
  checkTogether(settings, report)
  if (problems.length > 0) throw new SettingsError(problems)
  return deepFrozen(settings)
}

function choosesPinDigits(tree: Readonly<Record<string, unknown>>, env: Environment): boolean {
  const policy = tree['policy'] as Readonly<Record<string, unknown>> | undefined
  return policy?.['pinDigits'] !== undefined || env[envNameOf('policy.pinDigits')] !== undefined
}

/** Nobody chose a length: the shortest that is long enough. */
function withPinDigits(values: Values): Values {
  const { liveParcelsExpected: liveParcels, guessesADayMax: guessesADay } = values.policy
  const pinDigits = shortestPinDigits({ liveParcels, guessesADay })
  return { ...values, policy: { ...values.policy, pinDigits } }
}

const SECRET_HINT = 'put it alone into a file of mode 0400 and name the file under secrets:'

/** An unknown key that is named like a secret is one, and has to be told as such. */
function asSecret(problem: ValueProblem): ValueProblem & { readonly code?: Code } {
  if (problem.message !== 'is unknown' || !isSecret(problem.path)) return problem
  const message = 'is a secret, which belongs in a file'
  return { code: 'LK-CFG-03', path: problem.path, message, hint: SECRET_HINT }
}

function isSecret(path: string): boolean {
  return /pepper|secret(?!s\b)|password|passphrase|token|(?:staff|help|private|seal)_?key/i.test(
    path.replace(/^secrets\.(?=\w+File$)/, ''),
  )
}

function reportVariables(env: Environment, problems: SettingsProblem[]): void {
  const secrets = Object.keys(env).filter(
    (name) => name.startsWith('LATCHKEY_') && isSecret(name) && !name.endsWith('_FILE'),
  )
  for (const name of secrets) {
    problems.push({
      code: 'LK-CFG-03',
      where: `environment ${name}`,
      path: '',
      message: 'is a secret, and every child process would inherit it',
      hint: SECRET_HINT,
    })
  }
  for (const name of unknownVariables(env).filter((unknown) => !secrets.includes(unknown))) {
    problems.push({
      code: 'LK-CFG-02',
      where: `environment ${name}`,
      path: '',
      message: 'is no setting',
      hint: `names follow the files: policy.pulseMs is ${envNameOf('policy.pulseMs')}`,
    })
  }
}

function settingsOf({
  values,
  mainFile,
  env,
}: {
  readonly values: Values
  readonly mainFile: string
  readonly env: Environment
}): Settings {
  const { kiosk, wall, policy, configuration, secrets, uplink, ...rest } = values
  const boards = values.buses.flatMap((bus) => bus.boards)
  const folder = resolve(dirname(mainFile), values.data.folder)
  const secretsFolder = env['CREDENTIALS_DIRECTORY'] ?? folder
  return {
    ...rest,
    kiosk: {
      kioskId: kiosk.id,
      siteName: kiosk.siteName,
      helpPhone: kiosk.helpPhone,
      languages: kiosk.languages,
      sizes: wall.sizes,
      columns: wall.columns,
      senses: boards.flatMap(({ id, senses = [] }) =>
        senses.map((each) => ({ ...each, boardId: id })),
      ),
      signals: boards.flatMap(({ id, signals = [] }) =>
        signals.map((each) => ({ ...each, boardId: id })),
      ),
      policy,
      localKeys: configuration.local,
    },
    buses: values.buses.map((bus) => ({
      ...bus,
      link: linkFrom(folder, bus.link),
    })),
    inputs: values.inputs.map((input) => inputFrom(input, (path) => resolve(folder, path))),
    uplink: uplinkFrom(uplink, folder),
    control: { path: resolve(folder, values.control.path) },
    data: { folder, headFile: resolve(folder, values.data.headFile) },
    secrets: {
      pepperFile: resolve(secretsFolder, secrets.pepperFile),
      staffKeyFile: resolve(secretsFolder, secrets.staffKeyFile),
      helpKeyFile: resolve(secretsFolder, secrets.helpKeyFile),
      centralKeysFile: resolve(secretsFolder, secrets.centralKeysFile),
      centralSealKeyFile: resolve(secretsFolder, secrets.centralSealKeyFile),
    },
  }
}

function linkFrom(folder: string, link: LinkConfig): LinkConfig {
  return link.kind === 'serial' ? { ...link, path: resolve(folder, link.path) } : link
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFrozen(inner)
    Object.freeze(value)
  }
  return value
}
