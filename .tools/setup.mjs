// Brings a clone to the point where a command can run. npm calls it before start, test and check.
//   node .tools/setup.mjs [page] [programs] [interop] [brokers]
// Packages always; `page` builds the screens, `programs` looks for the Debian programs of the
// tests, `interop` for those of the tests against other people's software, `brokers` for the other
// brokers of campaigns. It runs on any Node from
// 18 on (on a fresh clone nothing else is there), one copy at a time, and says nothing when there
// is nothing to do.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const NODE = 'node_modules/.bin/node'
const PACKAGES_STAMP = 'node_modules/.latchkey-packages'
const PAGE_STAMP = 'dist/web/.built-from'
const BUSY = '.install-busy'
const BUSY_AGE_MAX_MS = 600_000
const PAGE_SOURCES = ['src/screen/web', 'src/kiosk', 'sim/wall/web', 'package-lock.json']
/** Debian package → the program or file that shows it is there. */
const PROGRAMS = {
  mosquitto: 'mosquitto',
  'mosquitto-clients': 'mosquitto_pub',
  jq: 'jq',
  openssl: 'openssl',
  tshark: 'tshark',
  chromium: 'chromium',
  gcc: 'gcc',
  'libc6-dev': '/usr/include/stdio.h',
  bsdutils: 'script',
}
/** What Debian's own Python imports; another python3 on the path does not see it. */
const INTEROP = {
  'python3-pymodbus': '/usr/lib/python3/dist-packages/pymodbus/__init__.py',
  'python3-serial-asyncio': '/usr/lib/python3/dist-packages/serial_asyncio/__init__.py',
}

const BROKERS = { 'nats-server': 'nats-server', 'rabbitmq-server': 'rabbitmq-server' }

const steps = process.argv.slice(2)
try {
  if (!packagesAreFresh()) await alone(installPackages)
  installPrograms({
    ...(steps.includes('programs') && PROGRAMS),
    ...(steps.includes('interop') && INTEROP),
    ...(steps.includes('brokers') && BROKERS),
  })
  if (steps.includes('page') && !pageIsFresh()) await alone(buildPage)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

function packagesAreFresh() {
  // npm writes its own hidden lockfile last: without it the installation broke off.
  if (!existsSync(NODE) || !existsSync('node_modules/.package-lock.json')) return false
  const installed = statSync('node_modules/.package-lock.json').mtimeMs
  if (installed >= statSync('package-lock.json').mtimeMs) return true
  return read(PACKAGES_STAMP) === fingerprint(['package-lock.json'])
}

function pageIsFresh() {
  return read(PAGE_STAMP) === fingerprint(PAGE_SOURCES)
}

async function installPackages() {
  if (packagesAreFresh()) return // another start has just done it
  console.log('Installing packages (first start, or package-lock.json changed) …')
  // No package runs a script of its own, and npm runs on the outer Node: it deletes ours meanwhile.
  const node = nodeToKeep(process.env.npm_node_execpath ?? process.execPath)
  const flags = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund']
  const cli = process.env.npm_execpath
  if (cli?.endsWith('.js')) await run(node, [cli, ...flags], { stdout: 'ignore' })
  else await run('npm', flags, { stdout: 'ignore' })
  // The package `node` fetches the runtime in its install script, and only then can be linked.
  // Its own use of a deprecated call is nothing that the person at the terminal can do about.
  const installer = ['--no-deprecation', 'installArchSpecificPackage.js']
  await run(node, installer, { cwd: 'node_modules/node', stdout: 'ignore' })
  rmSync(NODE, { force: true })
  symlinkSync('../node/bin/node', NODE)
  writeFileSync(PACKAGES_STAMP, fingerprint(['package-lock.json']))
}

/** `npm ci` deletes node_modules: a Node that lies there is set aside, or it would end the work. */
function nodeToKeep(node) {
  if (!realpathSync(node).startsWith(resolve('node_modules'))) return node
  const aside = join(mkdtempSync(join(tmpdir(), 'latchkey-node-')), 'node')
  copyFileSync(node, aside)
  return aside
}

async function buildPage() {
  if (pageIsFresh()) return
  console.log('Building the screens …')
  const flags = ['build', '--config', 'src/screen/web/vite.config.ts', '--logLevel', 'warn']
  await run(NODE, ['node_modules/vite/bin/vite.js', ...flags])
  mkdirSync('dist/web', { recursive: true })
  writeFileSync(PAGE_STAMP, fingerprint(PAGE_SOURCES))
}

function installPrograms(wanted) {
  const missing = Object.keys(wanted).filter((name) => !isThere(wanted[name]))
  if (missing.length === 0) return
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0) {
    throw new Error(`The tests need Debian programs that are missing. Type:\n  sudo ${line}`)
  }
  console.log(`Installing Debian packages: ${missing.join(', ')} …`)
  // No service of the machine's own starts: the tests start what they need, on ports of their own.
  const shield = !existsSync('/usr/sbin/policy-rc.d')
  if (shield) writeFileSync('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const command of ['apt-get update', line]) {
      const { status, stderr } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' })
      if (status !== 0) throw new Error(`${command} failed:\n${stderr}`)
    }
  } finally {
    if (shield) rmSync('/usr/sbin/policy-rc.d', { force: true })
  }
}

function isThere(program) {
  if (program.startsWith('/')) return existsSync(program)
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}

/** Runs `work` while no other copy of this script does. The file holds the pid that is at work. */
async function alone(work) {
  // npm goes on for seconds after Ctrl-C; leaving before it would break the next start.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  for (let told = false; !take(); ) {
    if (!told) console.log('Waiting for another installation to end …')
    told = true
    await sleep(250)
  }
  try {
    await work()
  } finally {
    rmSync(BUSY, { force: true })
  }
}

function take() {
  try {
    writeFileSync(BUSY, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isHeld()) return false
    rmSync(BUSY, { force: true })
    return false
  }
}

function isHeld() {
  const written = statSync(BUSY, { throwIfNoEntry: false })
  if (written === undefined || Date.now() - written.mtimeMs > BUSY_AGE_MAX_MS) return false
  const pid = Number(read(BUSY))
  if (!(pid > 0)) return Date.now() - written.mtimeMs < 5_000 // just being written
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function run(command, args, { cwd = '.', stdout = 'inherit' } = {}) {
  // What the outer npm tells its scripts about themselves is not meant for an inner npm.
  const own = /^npm_(lifecycle|package|command|execpath|node_execpath)/i
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !own.test(key)))
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', stdout, 'inherit'] })
  // A worker that outlives this process still holds the lock.
  if (child.pid !== undefined) writeFileSync(BUSY, String(child.pid))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args[0]} failed (${signal ?? `exit ${code}`})`))
    })
  })
}

function fingerprint(places) {
  const hash = createHash('sha256')
  for (const file of places.flatMap(filesOf).sort()) hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

function filesOf(place) {
  if (!existsSync(place)) return []
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place).flatMap((name) => filesOf(join(place, name)))
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}
