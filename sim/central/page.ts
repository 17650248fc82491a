// Central's page for whoever integrates: kiosks and how they stand, what somebody has to see, the
// mailbox, and what could not be read. Plain HTML without a script; it looks again by itself.
import type { Central } from './central.ts'
import type { Letter } from './fact-store.ts'

const LOOK_AGAIN_S = 3
const LETTERS_MAX = 50
const MS_PER_S = 1_000

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
         color: #1a1a1a; background: #fff }
  h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
           border-bottom: 1px solid #ccc }
  th { font-weight: 600 } .good { color: #0a5c2b } .bad { color: #9b1c1c; font-weight: 600 }
  p.none { color: #555 }
`

export function centralPage(central: Central, nowMs: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="${LOOK_AGAIN_S}">
<meta name="viewport" content="width=device-width">
<title>Latchkey: reference central</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Reference central</h1>
${kiosks(central, nowMs)}
${upkeep(central)}
${alarms(central)}
${mailbox(central)}
${deadLetters(central)}
</body>
</html>
`
}

function kiosks(central: Central, nowMs: number): string {
  const rows = central
    .kiosks()
    .map((kiosk) => [
      text(kiosk.kioskId),
      kiosk.isOnline ? mark('good', 'online') : mark('bad', 'offline'),
      kiosk.heardAtMs === null ? 'not yet' : `${agoText(nowMs - kiosk.heardAtMs)} ago`,
      String(kiosk.facts),
      kiosk.behind.length === 0 ? 'all' : mark('bad', `lacks ${kiosk.behind.join(', ')}`),
      kiosk.troubles.length === 0 ? 'none' : mark('bad', kiosk.troubles.join('; ')),
    ])
  const heads = ['Kiosk', 'Presence', 'Heard', 'Facts', 'Has what is wanted', 'Troubles']
  return section('Kiosks', heads, rows, 'No kiosk is known.')
}

function upkeep(central: Central): string {
  const rows = central.upkeep().flatMap(({ kioskId, configuration, firmware }) => {
    if (configuration === null && firmware.length === 0) return []
    const { values = [], refused = [], furtherRefused = 0 } = configuration ?? {}
    const holds = values.map(({ key, value }) => `${key} ${value}`)
    const not = refused.map(({ key, code }) => `${key}: ${code}`)
    if (furtherRefused > 0) not.push(`${furtherRefused} more`)
    const programs = firmware.map(({ component, wanted, running, sinceMs }) => {
      const isSame = running.length > 0 && running.every((version) => version === wanted)
      const words = `${component} ${running.join(', ') || 'unknown'}`
      return isSame
        ? mark('good', words)
        : mark('bad', `${words}, not ${wanted}, since ${timeText(sinceMs)}`)
    })
    return [
      [
        text(kioskId),
        text(holds.join(', ') || 'nothing'),
        not.length === 0 ? 'nothing' : mark('bad', not.join(', ')),
        programs.join('<br>') || 'nothing wanted',
      ],
    ]
  })
  const heads = ['Kiosk', 'Set from here', 'Refused', 'Programs']
  return section('Configuration and programs', heads, rows, 'Nothing is set from here.')
}

function alarms(central: Central): string {
  const told = central.alarms().map((alarm) => ({ ...alarm, what: alarm.kind }))
  const filed = central.exceptions().map(({ kind, parcelId, ...exception }) => ({
    ...exception,
    what: kind,
    about: parcelId,
  }))
  const rows = [...told, ...filed]
    .toSorted((one, other) => other.atWallMs - one.atWallMs)
    .map(({ kioskId, seq, what, about, atWallMs }) => [
      timeText(atWallMs),
      text(kioskId),
      text(what.replaceAll('-', ' ')),
      text(about),
      String(seq),
    ])
  const heads = ['When', 'Kiosk', 'What', 'About', 'Fact']
  return section('Somebody has to see this', heads, rows, 'Nothing.')
}

function mailbox(central: Central): string {
  const mails = new Map(central.mails().map((mail) => [mail.letter, mail]))
  const rows = central
    .letters()
    .toReversed()
    .slice(0, LETTERS_MAX)
    .map((letter) => {
      const mail = mails.get(letter.id)
      const failed = mark('bad', `${mail?.tries ?? 0} tries: ${mail?.problem ?? 'not yet'}`)
      const way = mail === undefined ? 'shown here' : text(mail.to)
      return [
        timeText(letter.atWallMs),
        text(letter.recipientId),
        text(letter.text) + tokenOf(letter),
        mail === undefined || mail.isSent ? way : `${way} ${failed}`,
      ]
    })
  return section('Mailbox', ['When', 'To', 'Letter', 'Way'], rows, 'No letters yet.')
}

/** On a page of its own: this one looks again every few seconds. */
function tokenOf({ id, token }: Letter): string {
  return token === null ? '' : ` <a href="/letters/${id}/token.svg">For the scanner</a>`
}

function deadLetters(central: Central): string {
  const facts = central
    .deadLetters()
    .map(({ kioskId, seq, problem }) => [text(kioskId), `fact ${seq}`, text(problem)])
  const refused = central
    .rejections()
    .map(({ kioskId, leaf, code, detail }) => [
      text(kioskId),
      `${text(leaf)} was refused: ${text(code)}`,
      text(detail),
    ])
  const heads = ['Kiosk', 'What', 'Why']
  return section('Not understood', heads, [...facts, ...refused], 'Everything was understood.')
}

function section(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): string {
  const head = `<h2>${title}</h2>`
  if (rows.length === 0) return `${head}<p class="none">${none}</p>`
  const first = heads.map((word) => `<th scope="col">${word}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
  return `${head}<table><thead><tr>${first}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function mark(look: 'good' | 'bad', words: string): string {
  return `<span class="${look}">${text(words)}</span>`
}

/** What comes from a kiosk or an operator may hold anything. */
function text(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function timeText(atWallMs: number): string {
  return new Date(atWallMs).toISOString().slice(0, 19).replace('T', ' ')
}

function agoText(ms: number): string {
  return `${Math.max(0, Math.round(ms / MS_PER_S))} s`
}
