// The rules of the house that no compiler knows: which way imports go, how large things may grow,
// what pure code must not contain, and that the papers tell the truth about the files. Every rule
// also counts what it looked at, since a rule that looks at nothing always passes.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { CODES } from '../src/kiosk/codes.ts'
import {
  ALL_PATHS,
  CODE_FILES,
  codeOf,
  filesUnder,
  functionSpans,
  importsOf,
  REPO,
  TEXTS,
} from './support/source.ts'

const SELF = 'test/house-rules.test.ts'
/** Plain data beside the bus machines, which may look at it. */
const BUS_CONFIG = ['src/bus/config.ts', 'src/bus/board-options.ts']
/** What both ends of the screen's WebSocket know. */
const SHARED_WITH_PAGE = ['src/screen/protocol.ts', 'src/screen/languages.ts']
const PURE = [
  'firmware-protocol',
  'src/kiosk',
  'src/bus/master',
  'src/bus/dialects',
  'src/sync/machine',
]

describe('imports', () => {
  const imports = CODE_FILES.flatMap(importsOf)
  const local = imports.filter(({ target }) => target !== null)

  test('are found, and lead to files', () => {
    expect(CODE_FILES.length).toBeGreaterThan(200)
    expect(imports.length).toBeGreaterThan(800)
    const missing = local.filter(({ target }) => !existsSync(join(REPO, target ?? '')))
    expect(missing).toEqual([])
  })

  test('go one way through the layers', () => {
    const inside = local.filter(({ from, target }) => isIn('src', from) && isIn('src', target))
    expect(inside.length).toBeGreaterThan(250)
    const wrong = inside.filter(
      ({ from, target }) =>
        layerOf(from) !== layerOf(target ?? '') &&
        rankOf(from) <= rankOf(target ?? '') &&
        !isGuard(from, target),
    )
    expect(wrong).toEqual([])
  })

  test('never lead from the product into its simulator or its tests', () => {
    const leaving = local.filter(({ from, target }) => isIn('src', from) && !isIn('src', target))
    expect(leaving.length).toBeGreaterThan(0)
    const allowed = leaving.filter(
      ({ from, target }) => isIn('src/bus/dialects', from) && isIn('firmware-protocol', target),
    )
    expect(leaving).toEqual(allowed)
    const tested = local.filter(({ from, target }) => isIn('sim', from) && isIn('test', target))
    expect(tested).toEqual([])
  })

  test('of the wire contract stay inside it', () => {
    const own = imports.filter(({ from }) => isIn('firmware-protocol', from))
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter(({ target }) => !isIn('firmware-protocol', target))).toEqual([])
  })

  test('of the page take types from the rules, the protocol and the languages', () => {
    const page = imports.filter(
      ({ from, target }) =>
        isIn('src/screen/web', from) && !from.endsWith('vite.config.ts') && target !== null,
    )
    expect(page.length).toBeGreaterThan(40)
    const wrong = page.filter(
      ({ target, isType }) =>
        !isIn('src/screen/web', target) &&
        !SHARED_WITH_PAGE.includes(target ?? '') &&
        !(isIn('src/kiosk', target) && isType),
    )
    expect(wrong).toEqual([])
  })

  test('of pure code name no package and nothing of Node', () => {
    const pure = filesUnder(...PURE).flatMap(importsOf)
    expect(pure.length).toBeGreaterThan(60)
    expect(pure.filter(({ target }) => target === null)).toEqual([])
    const impure = pure.filter(({ target }) => !PURE.some((folder) => isIn(folder, target)))
    expect(impure.filter(({ target }) => !BUS_CONFIG.includes(target ?? ''))).toEqual([])
  })
})

describe('pure code', () => {
  test('knows no clock, no chance and no promise', () => {
    const files = filesUnder(...PURE)
    expect(files.length).toBeGreaterThan(35)
    const banned = /\b(?:Date|Math\.random|set(?:Timeout|Interval|Immediate)|Promise|async|await)\b/
    const found = files.flatMap(({ path, text }) => linesWith(path, codeOf(text), banned))
    expect(found).toEqual([])
  })

  test('compiles with nothing in sight but the language', () => {
    const tsc = join(REPO, 'node_modules/.bin/tsc')
    const args = ['-p', '.tools/tsconfig.pure.json', '--listFilesOnly']
    const listed = execFileSync(tsc, args, { cwd: REPO, encoding: 'utf8' }).trim().split('\n')
    const own = listed.filter((file) => !file.includes('/node_modules/'))
    expect(own.length).toBe(filesUnder(...PURE).length + BUS_CONFIG.length)
    const foreign = listed.filter(
      (file) => file.includes('/node_modules/') && !/\/lib\.[a-z0-9.]+\.d\.ts$/.test(file),
    )
    expect(foreign).toEqual([])
  })
})

describe('sizes', () => {
  const code = TEXTS.filter(({ path }) => /\.(ts|tsx|mjs|c|py|sql|css|html|yaml)$/.test(path))

  test('no file has more than 500 lines', () => {
    expect(code.length).toBeGreaterThan(210)
    const long = code.filter(({ text }) => text.trimEnd().split('\n').length > 500)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  test('no line has more than 100 columns', () => {
    const wide = code.flatMap(({ path, text }) => linesWith(path, text, /^.{101}/u))
    expect(wide).toEqual([])
  })

  test('no function has more than 70 lines', () => {
    const spans = CODE_FILES.flatMap(({ path, text }) =>
      functionSpans(text).map((span) => ({ path, ...span })),
    )
    expect(spans.length).toBeGreaterThan(1_000)
    expect(Math.max(...spans.map(({ lines }) => lines))).toBeGreaterThan(30)
    expect(spans.filter(({ lines }) => lines > 70)).toEqual([])
  })

  test('functions are measured from their head to their brace', () => {
    const sample = ['function a(', '  b: {', '    c: string', '  },', '): void {', '  if (b) {']
    const text = [...sample, '    d()', '  }', '}', '', 'const e = () => {', '  f()', '}'].join(
      '\n',
    )
    expect(functionSpans(text)).toEqual([
      { line: 1, lines: 9 },
      { line: 11, lines: 3 },
    ])
  })
})

describe('the house has no', () => {
  const others = CODE_FILES.filter(({ path }) => path !== SELF)
  const absent = (pattern: RegExp, files = others): void => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap(({ path, text }) => linesWith(path, text, pattern))).toEqual([])
  }

  test('mock of its own modules', () => absent(/\bvi\s*\.\s*(?:mock|doMock)\b/))

  test('test that is left out', () =>
    absent(/\b(?:test|it|describe|suite)\s*\.\s*(?:skip|only|todo|fails|skipIf|runIf)\b/))

  test('line that coverage must not see', () => absent(/(?:v8|c8|istanbul) ignore/))

  test('branch that only a test takes', () => absent(/\bNODE_ENV\b|\bVITEST\b/))

  test('commit that a power cut could take back', () =>
    absent(
      /synchronous\s*=\s*(?:OFF|NORMAL|[01])\b/i,
      others.filter(({ path }) => path !== 'sim/world/mutants.ts'),
    ))

  test('default export', () => {
    // Vite reads its configuration from nothing else.
    const files = filesUnder('src').filter(({ path }) => path !== 'src/screen/web/vite.config.ts')
    absent(/^export default\b/, files)
  })

  test('folder at the top beside those of the design', () => {
    const folders = 'firmware-protocol src config systemd sim test docs'.split(' ')
    const files = 'package.json package-lock.json tsconfig.json README.md CHANGELOG.md'
    const allowed = [...folders, ...files.split(' '), 'CONTRIBUTING.md', 'LICENSE']
    const top = [...new Set(ALL_PATHS.map((path) => path.split('/')[0] ?? ''))]
    expect(top.filter((name) => !name.startsWith('.')).sort()).toEqual(allowed.sort())
  })
})

describe('the papers', () => {
  const pages = TEXTS.filter(({ path }) => path.endsWith('.md'))

  test('link only to what is there', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => ({ path, link }))
        .filter(({ link }) => !/^[a-z]+:/.test(link)),
    )
    expect(pages.length).toBeGreaterThan(25)
    expect(links.length).toBeGreaterThan(40)
    expect(links.filter(({ path, link }) => !isThere(path, link))).toEqual([])
  })

  test('stand in every folder of the design', () => {
    const folders = ['.', 'firmware-protocol', 'src', 'config', 'systemd', 'sim', 'test', 'docs']
    const layers = filesUnder('src').map(({ path }) => path.split('/').slice(0, 2).join('/'))
    const all = [...folders, ...new Set(layers)]
    expect(all.length).toBe(16)
    expect(all.filter((folder) => !existsSync(join(REPO, folder, 'README.md')))).toEqual([])
  })

  test('name no code that does not exist, and no code exists in vain', () => {
    const codes: readonly string[] = Object.keys(CODES)
    const told = TEXTS.filter(({ path }) => !isIn('test', path)).flatMap(({ path, text }) =>
      [...text.matchAll(/\bLK-[A-Z]+-[0-9]{2}\b/g)].map(([code]) => ({ path, code })),
    )
    expect(told.length).toBeGreaterThan(150)
    expect(told.filter(({ code }) => !codes.includes(code))).toEqual([])
    const used = told.filter(({ path }) => isIn('src', path) && path !== 'src/kiosk/codes.ts')
    const inVain = codes.filter((code) => !used.some((use) => use.code === code))
    expect(inVain).toEqual([])
  })
})

describe('package.json', () => {
  const { scripts, bin } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
    readonly bin: Readonly<Record<string, string>>
  }
  const words = Object.values(scripts).flatMap((script) => script.split(/\s+/))

  test('names files that are there', () => {
    const files = [...Object.values(bin), ...words.filter((word) => /\.(mjs|ts|json)$/.test(word))]
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file) => !existsSync(join(REPO, file)))).toEqual([])
  })

  test('calls scripts that it has', () => {
    const called = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name),
    )
    expect(called.length).toBeGreaterThan(2)
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

function isIn(folder: string, path: string | null): boolean {
  return path?.startsWith(`${folder}/`) ?? false
}

function layerOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** A file may import what stands lower, and its own layer. */
function rankOf(path: string): number {
  const layer = layerOf(path)
  if (layer === 'kiosk') return 0
  return layer === 'cli' || layer === 'runtime' ? 2 : 1
}

/**
 * The starters share the guard, which is older than every layer: it runs before any of them loads.
 */
function isGuard(from: string, target: string | null): boolean {
  return from === 'src/cli/latchkey.mjs' && target === 'src/runtime/node-guard.mjs'
}

function linesWith(path: string, text: string, pattern: RegExp): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
}

/** Also the heading, where a link names one. */
function isThere(path: string, link: string): boolean {
  const [file = '', heading] = link.split('#')
  const target = file === '' ? path : join(dirname(path), file)
  const place = join(REPO, target)
  if (!existsSync(place)) return false
  if (heading === undefined || statSync(place).isDirectory()) return heading === undefined
  const headings = readFileSync(place, 'utf8').matchAll(/^#+ (.+)$/gm)
  return [...headings].some(([, title = '']) => slugOf(title) === heading)
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
