// Writes docs/codes.md, the manual's page of error codes, from the list in src/kiosk/codes.ts.
import { writeFileSync } from 'node:fs'
import { CODES, type Code } from '../src/kiosk/codes.ts'
import { table } from './table.ts'

export const CODES_PAGE = new URL('../docs/codes.md', import.meta.url)

type AreaOf<C extends string> = C extends `LK-${infer Area}-${string}` ? Area : never
type Area = AreaOf<Code>

interface Chapter {
  readonly title: string
  readonly seenBy: string
}

/** In the order of the page. An area that is not told here does not compile. */
const CHAPTERS: Readonly<Record<Area, Chapter>> = {
  PIN: { title: 'PINs', seenBy: 'The person at the screen. `LK-PIN-02` also for couriers.' },
  TOKEN: {
    title: 'Tokens',
    seenBy: 'Whoever shows one to the scanner; central reads it in `token-refused`.',
  },
  STAFF: { title: 'Access codes', seenBy: 'The courier, at the screen.' },
  SCAN: { title: 'Scanned parcels', seenBy: 'Whoever scans, at the screen.' },
  ASSIGN: { title: 'Choice of a locker', seenBy: 'The courier, at the screen.' },
  DOOR: {
    title: 'Doors',
    seenBy:
      'Whoever waits for the door: at the screen, or the technician at the command line.' +
      ' Central reads it in the fact `opening-failed`.',
  },
  BUS: {
    title: 'Boards',
    seenBy:
      'Whoever waits for the door: at the screen, or the technician at the command line.' +
      ' Central reads it in the fact `opening-failed`, when an opening had begun.',
  },
  LOCKER: { title: 'Lockers', seenBy: 'The technician, at the command line.' },
  AUDIT: {
    title: 'Guided audits',
    seenBy: 'The technician, at the screen or at the command line.',
  },
  CHAIN: {
    title: 'The custody chain',
    seenBy: 'Whoever checks a ledger or an export with `latchkey verify` or `desk receipt`.',
  },
  DESK: {
    title: 'The help desk',
    seenBy: 'The operator’s desk, at the command line; the last two the person at the screen.',
  },
  CTL: {
    title: 'Control socket and command line',
    seenBy: 'The technician, at the command line, and programs that use the control socket.',
  },
  SCR: {
    title: 'The screen’s server',
    seenBy: 'No person at a working kiosk: a program or a browser that talks to the screen’s port.',
  },
  INPUT: {
    title: 'Scanners and keypads',
    seenBy: 'The technician, in `latchkey status` and in the log.',
  },
  CMD: {
    title: 'Commands of central',
    seenBy: 'Central, on `up/res`, the last one on `up/rej`; the technician in `latchkey status`.',
  },
  CLAIM: {
    title: 'Claims',
    seenBy: 'Whoever sets a kiosk up, with `latchkey claim`.',
  },
  LINK: {
    title: 'The connection to the broker',
    seenBy:
      'The technician, in `latchkey sync status` and in the log (`uplink-lost`); the kiosk' +
      ' works on, and tries again by itself.',
  },
  SYNC: {
    title: 'Messages of central',
    seenBy: 'Central, on `up/rej`; [the contract](contract/README.md#refusals) says more.',
  },
  CFG: {
    title: 'Configuration',
    seenBy: 'Whoever starts the daemon: on stderr, all problems at once, then exit code 2.',
  },
  STORE: {
    title: 'The ledger',
    seenBy:
      'Whoever starts the daemon: on stderr, then exit code 70. Also whoever reads a ledger with' +
      ' `latchkey verify`, `export` or `desk`.',
  },
  RUN: { title: 'Starting', seenBy: 'Whoever starts a program: on stderr.' },
}

export function codesPage(): string {
  const codes = Object.entries(CODES)
  const chapters = Object.entries(CHAPTERS).map(([area, { title, seenBy }]) => {
    const rows = codes
      .filter(([code]) => code.startsWith(`LK-${area}-`))
      .map(([code, sentence]) => [`\`${code}\``, sentence])
    return [`## ${title}`, '', seenBy, '', ...table([['code', 'meaning'], ...rows])].join('\n')
  })
  return `# Error codes

A code is short, so that it can be read out on the phone, and stable: it is never reused and never
changes its meaning. This page is made from \`src/kiosk/codes.ts\` by \`npm run docs:codes\`.

${chapters.join('\n\n')}
`
}

if (import.meta.main) writeFileSync(CODES_PAGE, codesPage())
