// The languages of the screen against English: nothing missing, nothing left over, nothing that is
// too long for its place, and every language in its own signs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LANGUAGES, type LanguageCode } from '../../src/screen/languages.ts'
import { fill } from '../../src/screen/web/fill.ts'
import { REPO, TEXTS } from '../support/source.ts'

/** A sentence may be so many times as long as in English, and so many characters more. */
interface Room {
  readonly times: number
  readonly plus: number
}

const BUTTON_ROOM: Room = { times: 1.2, plus: 6 }
const TITLE_ROOM: Room = { times: 1.2, plus: 8 }
const SENTENCE_ROOM: Room = { times: 1.25, plus: 10 }
/** Where nouns have a gender, what is counted must be named. */
const ORDINAL_ROOM: Room = { times: 1.2, plus: 14 }
/** A word cannot be broken: a longer one does not fit into one of two buttons side by side. */
const BUTTON_WORD_MAX = 13

const BUTTONS = [
  /^(?:action|reason)\./,
  /^ease\.(?!title)/,
  /^problem\.(?:missing|wrong|damaged)$/,
  /^(?:audit|retrieval)\.skip$/,
  /^(?:retrieval|deposit|hand-in)-(?:question|empty)\.(?:inside|not-inside|missing)$/,
  /^audit-choice\.(?:all|oldest|doubtful)\b/,
  /^menu\.(?:check|retrieve|reopen)$/,
  /^(?:deposit-offer\.together|audit-other\.not-readable|staff\.audit)$/,
  /^(?:which\.all|which-door\.door)$/,
]
const TITLES = /\.(?:title|long)$/

const QUOTES: Readonly<Record<LanguageCode, readonly [string, string]>> = {
  en: ['“', '”'],
  de: ['„', '“'],
  fr: ['«\u00a0', '\u00a0»'],
  es: ['«', '»'],
  pl: ['„', '”'],
  ar: ['«', '»'],
}
const COUNT_MAX = 200
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other']

type Sentences = Readonly<Record<string, string>>

const FOLDER = 'src/screen/web/texts'

function linesOf(code: LanguageCode): readonly string[] {
  return readFileSync(join(REPO, FOLDER, `${code}.json`), 'utf8').split('\n')
}

function sentencesOf(code: LanguageCode): Sentences {
  return JSON.parse(linesOf(code).join('\n'))
}

const ENGLISH = sentencesOf('en')
/** Sentences that say how many: their keys without the plural's category. */
const COUNTED = Object.keys(ENGLISH).flatMap((key) => (key.endsWith('.one') ? [stemOf(key)] : []))

function stemOf(key: string): string {
  return key.slice(0, key.lastIndexOf('.'))
}

function categoryOf(key: string): string | null {
  const category = key.slice(key.lastIndexOf('.') + 1)
  return CATEGORIES.includes(category) && COUNTED.includes(stemOf(key)) ? category : null
}

/** The key of English that says the same. */
function englishKeyOf(key: string): string {
  return categoryOf(key) === null || key in ENGLISH ? key : `${stemOf(key)}.other`
}

/** Which whole numbers each category of the language stands for. */
function numbersOf(code: LanguageCode): ReadonlyMap<string, readonly number[]> {
  const plurals = new Intl.PluralRules(code)
  const numbers = Array.from({ length: COUNT_MAX + 1 }, (_, number) => number)
  const used = CATEGORIES.map((category) => [
    category,
    numbers.filter((number) => plurals.select(number) === category),
  ])
  return new Map(used.filter(([, found]) => found?.length !== 0) as [string, number[]][])
}

function keysFor(code: LanguageCode): readonly string[] {
  const plain = Object.keys(ENGLISH).filter((key) => categoryOf(key) === null)
  const counted = COUNTED.flatMap((stem) => {
    const categories = new Set(numbersOf(code).keys())
    if (`${stem}.zero` in ENGLISH) categories.add('zero')
    return [...categories].map((category) => `${stem}.${category}`)
  })
  return [...plain, ...counted].sort()
}

/** The keys and the blank lines in the order of the file, every counted sentence once. */
function shapeOf(code: LanguageCode): readonly string[] {
  const lines = linesOf(code).map((line) => {
    const key = /^\s+"([^"]+)":/.exec(line)?.[1]
    if (key === undefined) return line
    return categoryOf(key) === null ? key : stemOf(key)
  })
  return lines.filter((line, index) => line === '' || line !== lines[index - 1])
}

function placeholdersOf(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()
}

/** As long as on the screen, where most of what is put in has two signs. */
function lengthOf(sentence: string): number {
  return [...sentence.replaceAll(/\{\w+\}/g, '14')].length
}

function roomOf(key: string): Room {
  if (isButton(key)) return BUTTON_ROOM
  if (key.startsWith('ordinal.')) return ORDINAL_ROOM
  return TITLES.test(key) ? TITLE_ROOM : SENTENCE_ROOM
}

function isButton(key: string): boolean {
  return BUTTONS.some((pattern) => pattern.test(key))
}

/** What is wrong with single sentences, as lines that tell where. */
function faults(sentences: Sentences, isWrong: (sentence: string, key: string) => boolean) {
  return Object.entries(sentences).flatMap(([key, sentence]) =>
    isWrong(sentence, key) ? [`${key}: ${sentence}`] : [],
  )
}

test('every language has a file, and every file a language', () => {
  const files = readdirSync(join(REPO, FOLDER)).sort()
  expect(files).toEqual(LANGUAGES.map(({ code }) => `${code}.json`).sort())
  expect(Object.keys(ENGLISH).length).toBeGreaterThan(250)
  expect(COUNTED.length).toBeGreaterThan(10)
})

test('categories of plurals are those of whole numbers', () => {
  expect([...numbersOf('en').keys()]).toEqual(['one', 'other'])
  expect(numbersOf('fr').get('one')).toEqual([0, 1])
  expect([...numbersOf('pl').keys()]).toEqual(['one', 'few', 'many'])
  expect([...numbersOf('ar').keys()]).toEqual(CATEGORIES)
})

describe.each(LANGUAGES)('$name', ({ code, direction }) => {
  const sentences = sentencesOf(code)

  test('has the sentences of English in their order, with its own plurals', () => {
    expect(Object.keys(sentences).sort()).toEqual(keysFor(code))
    expect(shapeOf(code)).toEqual(shapeOf('en'))
    const written = linesOf(code).filter((line) => /^\s+"/.test(line))
    expect(written.length).toBe(Object.keys(sentences).length)
  })

  test('puts in what English puts in', () => {
    const wrong = faults(sentences, (sentence, key) => {
      const english = placeholdersOf(ENGLISH[englishKeyOf(key)] ?? '')
      const category = categoryOf(key)
      const own = placeholdersOf(sentence)
      if (category === null) return own.join() !== english.join()
      // A form for one number may say it in words; one for several must show which.
      const isOne = (numbersOf(code).get(category) ?? []).filter((each) => each > 0).length < 2
      const withoutCount = (names: readonly string[]) => names.filter((name) => name !== 'count')
      const hasCount = own.includes('count') || isOne || !english.includes('count')
      return !hasCount || withoutCount(own).join() !== withoutCount(english).join()
    })
    expect(wrong).toEqual([])
  })

  test('has no empty sentence and no stray blanks', () => {
    expect(faults(sentences, (sentence) => !/\p{L}|\{row\}/u.test(sentence))).toEqual([])
    expect(faults(sentences, (sentence) => sentence !== sentence.trim())).toEqual([])
    expect(faults(sentences, (sentence) => /\s\s|[^\S \u00a0\u202f]/.test(sentence))).toEqual([])
  })

  test('fits where English fits', () => {
    const long = faults(sentences, (sentence, key) => {
      const { times, plus } = roomOf(key)
      const english = lengthOf(ENGLISH[englishKeyOf(key)] ?? '')
      return lengthOf(sentence) > Math.floor(times * english) + plus
    })
    expect(long).toEqual([])
    const unbreakable = faults(
      sentences,
      (sentence, key) =>
        isButton(key) && sentence.split(' ').some((word) => lengthOf(word) > BUTTON_WORD_MAX),
    )
    expect(unbreakable).toEqual([])
  })

  test('is set in its own signs', () => {
    expect(faults(sentences, (sentence) => /['"`´]|\.\.\./.test(sentence))).toEqual([])
    const [opening, closing] = QUOTES[code]
    const quoted = new RegExp(`${opening}([^“”„«»]*)${closing}`, 'gu')
    const rest = (sentence: string) => sentence.replaceAll(quoted, '')
    expect(faults(sentences, (sentence) => /[“”„«»‚‘‹›]/.test(rest(sentence)))).toEqual([])
    const labels = Object.keys(sentences).filter(isButton)
    const named = Object.values(sentences).flatMap((sentence) =>
      [...sentence.matchAll(quoted)].map(([, label]) => label),
    )
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter((name) => labels.every((key) => sentences[key] !== name))).toEqual([])
  })

  test('is written in its own script, from its own side', () => {
    const words = (sentence: string) => sentence.replaceAll(/\{\w+\}|\bPIN\b/g, '')
    const foreign = direction === 'rtl' ? /[A-Za-z,;?]/ : /\p{Script=Arabic}/u
    expect(faults(sentences, (sentence) => foreign.test(words(sentence)))).toEqual([])
    const isRight = (sentence: string) => /\p{Script=Arabic}/u.test(sentence)
    expect(faults(sentences, (sentence) => isRight(sentence) !== (direction === 'rtl'))).toEqual([])
    // The pad shows 0-9, so the sentences do as well; and nobody reads vowel marks at a kiosk.
    expect(faults(sentences, (sentence) => /[\u0660-\u0669\u064b-\u0652]/.test(sentence))).toEqual(
      [],
    )
  })
})

describe('signs that one language alone has', () => {
  test('French keeps its double signs on the line of the word before', () => {
    const bare = /(?<!\u202f)[;!?]|(?<!\u00a0):|[;!?:«»] (?=[;!?:»])| [;!?:»]|« /
    expect(faults(sentencesOf('fr'), (sentence) => bare.test(sentence))).toEqual([])
  })

  test('Spanish opens what it asks and calls', () => {
    const count = (sentence: string, sign: string) => sentence.split(sign).length
    const unopened = faults(
      sentencesOf('es'),
      (sentence) =>
        count(sentence, '¿') !== count(sentence, '?') ||
        count(sentence, '¡') !== count(sentence, '!'),
    )
    expect(unopened).toEqual([])
  })
})

test('what is put into Arabic keeps its own direction', () => {
  expect(fill('Call {phone}.', { phone: '0800 555' })).toBe('Call 0800 555.')
  expect(fill('هاتف {phone}.', { phone: '0800 555' })).toBe('هاتف \u20680800 555\u2069.')
  expect(fill('صفحة {page}', { page: 3 })).toBe('صفحة 3')
  expect(fill('هاتف {phone}', {})).toBe('هاتف \u2068…\u2069')
})

describe('the page', () => {
  const page = TEXTS.filter(
    ({ path }) => path.startsWith('src/screen/web/') && /\.(tsx?|html)$/.test(path),
  )
  const views = TEXTS.filter(({ path }) => /^src\/kiosk\/(view|facts)\.ts$/.test(path))
  const found = (pattern: RegExp, files = page) =>
    files.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, what = '']) => what))
  const literals = new Set(found(/['"]([\w.-]+)['"]/g))
  const parts = new Set([...literals, ...found(/'([\w-]+)'/g, views)])
  const stems = new Set(found(/`([a-z-]+\.)\$\{[^{}`]+\}`/g))
  const written = new Set(found(/\{\{([\w-]+\.[\w.-]+)\}\}/g))

  test('uses every sentence', () => {
    // For what is spoken; that is not there yet.
    const awaited = /^ease\.(?:listen|on|off)$/
    const isUsed = (key: string) => {
      const [stem = '', ...rest] = key.split(/(?<=^[a-z-]+\.)/)
      const part = rest.join('')
      const isBuilt = stems.has(stem) && (parts.has(part) || /^\d+$/.test(part))
      const isCounted = categoryOf(key) !== null && literals.has(stemOf(key))
      return literals.has(key) || written.has(key) || isBuilt || isCounted
    }
    expect(stems.size).toBeGreaterThan(6)
    const unused = Object.keys(ENGLISH).filter((key) => !isUsed(key) && !awaited.test(key))
    expect(unused).toEqual([])
  })

  test('asks for no sentence that is missing', () => {
    // Keys that are written out the compiler compares itself.
    const counted = found(/\bcountText\(\s*'([^']+)'/g)
    expect(counted.length).toBeGreaterThan(10)
    expect(counted.filter((key) => !COUNTED.includes(key))).toEqual([])
    const buttons = found(/<ActionButton\b((?:=>|[^>])*?)\/>/g)
    const bare = buttons.filter((attributes) => !attributes.includes('label='))
    const named = bare.flatMap((attributes) => /action="([^"]+)"/.exec(attributes)?.[1] ?? [])
    const barred = found(/^type (?:Left|Right)Action = (.+)$/gm).flatMap((type) =>
      [...type.matchAll(/'([^']+)'/g)].map(([, action = '']) => action),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(barred.length).toBeGreaterThan(5)
    const missing = [...named, ...barred].filter((action) => !(`action.${action}` in ENGLISH))
    expect(missing).toEqual([])
  })
})
