// Completes package-lock.json after every `npm install`; with --check it only reports.
// Two things are missing from what npm writes on a machine whose registry offers only part of the
// platforms, and `npm ci` then fails or compiles:
// - optional packages of other platforms (npm ci: "Missing: … from lock file");
// - better-sqlite3's "gypfile": false, without which npm 10 runs node-gyp over shipped binaries.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

const FILE = 'package-lock.json'
const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' ')
const PROCESSORS = 'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'.split(' ')
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

const lock = JSON.parse(readFileSync(FILE, 'utf8'))

/** True when node's resolution, starting in the package at `from`, finds `name` in the lockfile. */
function isLocked(from, name) {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
  ) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true
    if (folder === '' || !folder.includes('/node_modules/')) {
      return lock.packages[`node_modules/${name}`] !== undefined
    }
  }
}

/** What the package's name says of the platform it is for, in the lockfile's own fields. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-')
  const os = SYSTEMS.filter((system) => words.includes(system))
  const cpu = PROCESSORS.filter((processor) => words.includes(processor))
  const libc = words.map((word) => LIBC[word]).filter((word) => word !== undefined)
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(os.includes('linux') && libc.length > 0 && { libc }),
    os,
  }
}

const missing = []
for (const [from, meta] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(meta.optionalDependencies ?? {})) {
    if (!/^\d/.test(version) || isLocked(from, name)) continue
    const platform = platformOf(name)
    if (platform.os.length === 0) continue
    missing.push(name)
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(meta.dev && { dev: true }),
      optional: true,
      ...platform,
    }
  }
}
const sqlite = lock.packages['node_modules/better-sqlite3']
if (sqlite !== undefined && sqlite.gypfile !== false) {
  sqlite.gypfile = false
  missing.push('better-sqlite3 gypfile')
}

if (process.argv.includes('--check')) {
  for (const name of missing) console.error(`${FILE} lacks: ${name}`)
  if (missing.length > 0) console.error('Run: node .tools/lock.mjs')
  process.exitCode = missing.length > 0 ? 1 : 0
} else if (missing.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = Object.fromEntries(sorted)
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
}
