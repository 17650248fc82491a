// What arrives at the screen's HTTP and WebSocket edge from a page that is not ours, or not well.
import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MESSAGE_BYTES_MAX, MESSAGES_PER_WINDOW, SOCKETS_MAX } from '../../src/screen/limits.ts'
import type { ServerMessage } from '../../src/screen/protocol.ts'
import arabic from '../../src/screen/web/texts/ar.json' with { type: 'json' }
import { type Client, connect } from '../support/client.ts'
import { buildPages, openScreen, removePages, type TestScreen } from '../support/screen.ts'
import { HELLO, screenNamed, viewOf } from '../support/views.ts'

const ID = 'a1b2c3d4-0000'
let kiosk: TestScreen

beforeAll(async () => {
  await buildPages()
  kiosk = await openScreen()
}, 60_000)

afterAll(async () => {
  await kiosk.screen.close()
  removePages()
})

beforeEach(() => {
  kiosk.sent.length = 0
})

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Not `fetch`: that would not let a test name another host. */
function ask(path: string, options: { method?: string; headers?: object; body?: string } = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const url = new URL(kiosk.screen.url)
    const { hostname, port } = url
    const sent = request({ hostname, port, path, method, headers: { ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      )
    })
    sent.on('error', reject).end(body)
  })
}

describe('the place', () => {
  test('is called anew on pages that are there, and on those that come', async () => {
    const own = await openScreen()
    try {
      const place = { siteName: 'Harbour <2>', helpPhone: '0800 123456' }
      const says =
        ({ helpPhone }: { helpPhone: string }) =>
        (message: ServerMessage) =>
          message.kind === 'hello' && message.helpPhone === helpPhone
      const url = `${own.screen.url}screen`
      const page = connect<ServerMessage>(url)
      await page.next(says(HELLO))
      own.screen.show(viewOf(screenNamed('welcome')))
      own.screen.rename(place)
      expect(await page.next(says(place))).toMatchObject(place)
      const later = connect<ServerMessage>(url)
      expect((await later.next(({ kind }) => kind === 'hello')) as object).toMatchObject(place)
      // A page shows the new name with the next view: it comes at once.
      const kinds = () => page.messages.map(({ kind }) => kind)
      await expect.poll(kinds).toEqual(['hello', 'view', 'hello', 'view'])
      const html = await (await fetch(own.screen.url)).text()
      expect(html).toContain('0800 123456')
      expect(html).not.toContain(HELLO.helpPhone)
    } finally {
      await own.screen.close()
    }
  })
})

describe('a port', () => {
  test('that another program has is told with its code, its place and a hint', async () => {
    const port = Number(new URL(kiosk.screen.url).port)
    const told = `LK-RUN-03: another program listens on 127.0.0.1:${port}; stop it, or set another`
    await expect(openScreen({ port })).rejects.toThrow(`${told} screen.port`)
  })

  test('on an address that is not this machine’s is told with its code', async () => {
    await expect(openScreen({ host: '192.0.2.1' })).rejects.toThrow(
      /^LK-RUN-03: 192\.0\.2\.1:0: .*EADDRNOTAVAIL.*; set another screen\.port$/,
    )
  })
})

describe('over HTTP', () => {
  test('the page has a strict policy, is never stored, names phone and kiosk', async () => {
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(body).toContain(HELLO.helpPhone)
    expect(body).toContain(HELLO.kioskId)
    expect(body).not.toContain('{{')
  })

  test('built files may be kept for ever', async () => {
    const { body } = await ask('/')
    const asset = /\/assets\/[\w.-]+\.js/.exec(body)?.[0] ?? ''
    const { status, headers } = await ask(asset)
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('names in the configuration are text, not markup', async () => {
    const hello = { ...HELLO, siteName: '<script>alert("a")</script>' }
    const other = await openScreen({ hello })
    const html = await (await fetch(other.screen.url)).text()
    await other.screen.close()
    expect(html).not.toContain('<script>alert')
    expect(html).toContain('&lt;script&gt;')
  })

  test('health is told', async () => {
    const { status, body } = await ask('/healthz')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({ ok: true })
  })

  test.each([
    ['an unknown path', '/nothing', {}, 404, 'LK-SCR-03'],
    ['a path out of the folder', '/assets/../index.html', {}, 404, 'LK-SCR-03'],
    ['an encoded path out of the folder', '/assets/..%2f..%2fpackage.json', {}, 404, 'LK-SCR-03'],
    ['the wall’s page', '/wall/wall.html', {}, 404, 'LK-SCR-03'],
    ['a malformed path', '/%zz', {}, 400, 'LK-SCR-01'],
    ['a POST', '/', { method: 'POST' }, 405, 'LK-SCR-01'],
    ['a DELETE', '/healthz', { method: 'DELETE' }, 405, 'LK-SCR-01'],
    [
      'a body',
      '/screen',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"digits":"1' },
      405,
      'LK-SCR-01',
    ],
    ['another host', '/', { headers: { host: 'evil.example' } }, 403, 'LK-SCR-02'],
    ['another port', '/healthz', { headers: { host: '127.0.0.1:1' } }, 403, 'LK-SCR-02'],
    ['another origin', '/', { headers: { origin: 'http://evil.example' } }, 403, 'LK-SCR-02'],
    ['a socket’s path without a socket', '/screen', {}, 404, 'LK-SCR-03'],
  ])('%s is refused by its code', async (_name, path, options, status, code) => {
    const reply = await ask(path, options)
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(reply.body)).toMatchObject({ status, code })
    expect(kiosk.sent).toEqual([])
  })

  test('the page says that it is out of service in the kiosk’s usual language', async () => {
    const languages = HELLO.languages.toReversed()
    const other = await openScreen({ hello: { ...HELLO, languages } })
    const html = await (await fetch(other.screen.url)).text()
    expect(languages[0]?.code).toBe('ar')
    expect(html).toContain('<main class="out-of-service" lang="ar" dir="rtl">')
    expect(html).toContain(`<h1>${arabic['out-of-service.title']}</h1>`)
    expect(html).not.toContain('{{')
    await other.screen.close()
  })

  test('a page that was not built is a missing page, and the daemon goes on', async () => {
    const other = await openScreen({ webRoot: '/nonexistent' })
    const reply = await fetch(other.screen.url)
    expect(reply.status).toBe(404)
    expect(other.logged.join()).toContain('not built')
    await other.screen.close()
  })
})

type Kind = ServerMessage['kind']
const isKind = (kind: Kind) => (message: ServerMessage) => message.kind === kind

function open(headers: Readonly<Record<string, string>> = {}): Client<ServerMessage> {
  return connect<ServerMessage>(`${kiosk.screen.url}screen`, headers)
}

const press = { kind: 'press', id: ID, rev: 1, action: 'help' }

describe('over the WebSocket', () => {
  test('hello comes first, then the view, with durations that have run on', async () => {
    const idle = { warnInMs: 40, endInMs: 60_000 }
    kiosk.screen.show(viewOf(screenNamed('welcome-waiting'), { rev: 7, idle }))
    const startMs = performance.now()
    while (performance.now() - startMs < 60) await new Promise(setImmediate)
    const client = open()
    const shown = await client.next(isKind('view'))
    expect(client.messages[0]).toMatchObject({ kind: 'hello', proto: 1, kioskId: HELLO.kioskId })
    if (shown.kind !== 'view') throw new Error('no view')
    expect(shown.view.rev).toBe(7)
    expect(shown.view.idle?.warnInMs).toBe(0)
    expect(shown.view.idle?.endInMs).toBeLessThan(59_960)
    expect('waitMs' in shown.view.screen && shown.view.screen.waitMs).toBeLessThan(29_960)
    client.close()
  })

  test('an intent reaches the rules, and its answer the page that asked', async () => {
    const [asking, other] = [open(), open()]
    asking.send({ ...press, id: 'ask-0001', action: 'page', value: '2' })
    asking.send({ kind: 'ping' })
    await asking.next(isKind('pong'))
    expect(kiosk.sent).toEqual([
      { intentId: 'ask-0001', rev: 1, intent: { kind: 'press', action: 'page', value: '2' } },
    ])
    kiosk.screen.answer('ask-0001', 'ok')
    expect(await asking.next(isKind('answer'))).toMatchObject({ id: 'ask-0001', result: 'ok' })
    other.send({ kind: 'ping' })
    await other.next(isKind('pong'))
    expect(other.messages.some(isKind('answer'))).toBe(false)
    asking.close()
    other.close()
  })

  test('a repeated intent is passed on until it is answered, then answered again', async () => {
    const client = open()
    client.send({ ...press, id: 'twice-001' })
    client.send({ ...press, id: 'twice-001' })
    client.send({ kind: 'ping' })
    await client.next(isKind('pong'))
    expect(kiosk.sent).toHaveLength(2)
    kiosk.screen.answer('twice-001', 'stale')
    await client.next(isKind('answer'))
    client.messages.length = 0
    client.send({ ...press, id: 'twice-001' })
    expect(await client.next(isKind('answer'))).toMatchObject({ result: 'stale' })
    expect(kiosk.sent).toHaveLength(2)
    client.close()
  })

  test('typed digits become indexes at the edge and are nowhere else', async () => {
    const client = open()
    client.send({ kind: 'digits', id: ID, rev: 1, digits: '86420975' })
    client.send({ kind: 'digits', id: ID, rev: 1, digits: '8642097x' })
    await client.next(isKind('error'))
    const intent = {
      kind: 'digits',
      digitCount: 8,
      pinIndex: 'pin-of-8',
      accessIndex: 'access-of-8',
    }
    expect(kiosk.sent).toEqual([{ intentId: ID, rev: 1, intent }])
    expect(JSON.stringify([kiosk.sent, kiosk.logged, client.messages])).not.toContain('8642097')
    client.close()
  })

  test.each([
    ['no JSON', 'hello'],
    ['JSON that is no object', '7'],
    ['an empty object', '{}'],
    ['an unknown kind', { ...press, kind: 'open-all' }],
    ['an unknown action', { ...press, action: 'open-all' }],
    ['a field too many', { ...press, role: 'technician' }],
    ['no revision', { kind: 'press', id: ID, action: 'help' }],
    ['a negative revision', { ...press, rev: -1 }],
    ['a broken revision', { ...press, rev: 1.5 }],
    ['a text for a revision', { ...press, rev: '1' }],
    ['an id too short', { ...press, id: 'a' }],
    ['an id with signs', { ...press, id: '<script>1' }],
    ['a value that is a number', { ...press, action: 'page', value: 2 }],
    ['a value too long', { ...press, value: 'x'.repeat(129) }],
    ['too few digits', { kind: 'digits', id: ID, rev: 1, digits: '123' }],
    ['too many digits', { kind: 'digits', id: ID, rev: 1, digits: '1234567890123' }],
    ['letters for digits', { kind: 'digits', id: ID, rev: 1, digits: 'abcdefgh' }],
    ['digits of another script', { kind: 'digits', id: ID, rev: 1, digits: '١٢٣٤٥٦٧٨' }],
    ['an empty scan', { kind: 'scan', id: ID, rev: 1, code: '' }],
    ['a scan too long', { kind: 'scan', id: ID, rev: 1, code: 'x'.repeat(65) }],
    ['a token too long', { kind: 'scan', id: ID, rev: 1, code: `LKT${'B'.repeat(318)}` }],
    ['a scan with control characters', { kind: 'scan', id: ID, rev: 1, code: 'a\u0000b' }],
    ['a ping with a load', { kind: 'ping', load: 1 }],
    ['a message too large', `${' '.repeat(MESSAGE_BYTES_MAX)}${JSON.stringify(press)}`],
  ])('%s changes nothing', async (_name, message) => {
    const client = open()
    client.sendText(typeof message === 'string' ? message : JSON.stringify(message))
    expect(await client.next(isKind('error'))).toEqual({
      kind: 'error',
      id: null,
      code: 'LK-SCR-01',
    })
    expect(kiosk.sent).toEqual([])
    client.send({ kind: 'ping' })
    await client.next(isKind('pong'))
    client.close()
  })

  test('a flood is refused above the limit, and only there', async () => {
    const client = open()
    for (let index = 0; index <= MESSAGES_PER_WINDOW; index += 1) client.send({ kind: 'ping' })
    await client.next(isKind('error'))
    expect(client.messages.filter(isKind('pong'))).toHaveLength(MESSAGES_PER_WINDOW)
    const other = open()
    other.send({ kind: 'ping' })
    await other.next(isKind('pong'))
    client.close()
    other.close()
  })

  test.each([
    ['another page', { origin: 'http://evil.example' }],
    ['a page on another port', { origin: 'http://127.0.0.1:1' }],
    ['a file', { origin: 'null' }],
  ])('%s gets no socket', async (_name, headers) => {
    const client = open(headers)
    expect(await client.closed).not.toBe(1000)
    expect(client.messages).toEqual([])
  })

  test('one page too many is turned away, the others stay', async () => {
    const other = await openScreen()
    const url = `${other.screen.url}screen`
    const clients = Array.from({ length: SOCKETS_MAX }, () => connect<ServerMessage>(url))
    await Promise.all(clients.map((client) => client.next(isKind('hello'))))
    expect(await connect<ServerMessage>(url).closed).toBe(1013)
    for (const client of clients) client.send({ kind: 'ping' })
    await Promise.all(clients.map((client) => client.next(isKind('pong'))))
    await other.screen.close()
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(clients.map(() => 1001))
  })

  test('a page that breaks off in the middle leaves the server whole', async () => {
    const client = open()
    client.send({ ...press, id: 'gone-0001' })
    client.send({ kind: 'ping' })
    await client.next(isKind('pong'))
    client.close()
    await client.closed
    kiosk.screen.answer('gone-0001', 'ok')
    kiosk.screen.show(viewOf(screenNamed('welcome')))
    const other = open()
    await other.next(isKind('view'))
    other.close()
  })

  test('a page that does not read is closed, and the others see everything', async () => {
    const { hostname, port, host, origin } = new URL(kiosk.screen.url)
    const stuck = connectTcp(Number(port), hostname)
    stuck.on('error', () => {})
    stuck.write(
      `GET /screen HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    await new Promise((resolve) => stuck.once('data', resolve))
    stuck.pause()
    const reading = open()
    await reading.next(isKind('hello'))
    const heavy = screenNamed('courier-menu')
    const courier = 'x'.repeat(100_000)
    const isClosed = () => kiosk.logged.some((line) => line.includes('does not read'))
    let rev = 100
    for (; rev < 400 && !isClosed(); rev += 1) {
      kiosk.screen.show(viewOf({ ...heavy, courier } as typeof heavy, { rev }))
      await new Promise(setImmediate)
    }
    expect(isClosed()).toBe(true)
    kiosk.screen.show(viewOf(screenNamed('welcome'), { rev }))
    await reading.next((message) => message.kind === 'view' && message.view.rev === rev)
    reading.close()
    stuck.destroy()
  })
})
