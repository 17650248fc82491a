// Talks to the daemon: HTTP over its control socket, with nothing but node:http.
import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Problem } from '../diagnostics/problem.ts'
import { EXIT, type ExitCode, Failure } from './exit.ts'

const SOCKET = '/run/latchkey/control.sock'
/** The demonstration of a clone listens here. */
const DEMO_SOCKET = fileURLToPath(new URL('../../.demo/run/control.sock', import.meta.url))
/** A little longer than the daemon takes to give up by itself. */
const ANSWER_MAX_MS = 25_000
/** A wall of a thousand lockers has room; anything more is not our daemon. */
const ANSWER_BYTES_MAX = 1_048_576

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
}

export function defaultSocket(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['LATCHKEY_SOCKET']
  if (named !== undefined && named !== '') return named
  return existsSync(DEMO_SOCKET) ? DEMO_SOCKET : SOCKET
}

/**
 * @returns the parsed body of a success
 * @throws Failure with the exit code that fits
 */
export async function callDaemon<T>(socket: string, call: Call): Promise<T> {
  const { status, text } = await exchange(socket, call)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Failure({
      exit: EXIT.failed,
      code: 'LK-CTL-04',
      message: `Something else than the daemon answered on ${socket}.`,
    })
  }
  if (status < 300) return body as T
  throw refusal(status, body)
}

function refusal(status: number, body: unknown): Failure {
  const { title, code, detail, outcome } = body as Partial<Record<keyof Problem, string>>
  return new Failure({
    exit: exitOf({ status, code: code ?? '' }),
    code: code ?? 'LK-CTL-04',
    message: [
      title ?? `The daemon answered ${status}.`,
      detail,
      outcome === undefined ? '' : `Outcome: ${outcome}.`,
    ]
      .filter(Boolean)
      .join(' '),
    hint: code === 'LK-CTL-02' ? 'See the labels with: latchkey doors' : null,
  })
}

export interface Stream {
  readonly path: string
  readonly signal: AbortSignal
  /** Of each line; the next one is not read before it has been dealt with. */
  readonly take: (line: string) => Promise<void>
}

/** Resolves when the daemon ends the stream, or when it is aborted. @throws Failure */
export async function followDaemon(
  socketPath: string,
  { path, signal, take }: Stream,
): Promise<void> {
  try {
    const reply = await opened(socketPath, { path, signal })
    reply.setEncoding('utf8')
    let rest = ''
    for await (const chunk of reply) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > ANSWER_BYTES_MAX) throw new Error('a line is too long')
      if ((reply.statusCode ?? 0) >= 300) continue
      for (const line of lines) await take(line)
    }
    if ((reply.statusCode ?? 0) >= 300) throw refusal(reply.statusCode ?? 0, JSON.parse(rest))
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof Failure ? error : unreachable(socketPath, error as NodeJS.ErrnoException)
  }
}

function opened(
  socketPath: string,
  { path, signal }: Pick<Stream, 'path' | 'signal'>,
): Promise<IncomingMessage> {
  return new Promise((settle, reject) => {
    request({ socketPath, path, signal }, settle).on('error', reject).end()
  })
}

/** Something was asked for that is not there. */
const UNKNOWN_NAMES: ReadonlySet<string> = new Set([
  'LK-CTL-01',
  'LK-CTL-02',
  'LK-CTL-06',
  'LK-CTL-09',
  'LK-CTL-10',
  'LK-AUDIT-03',
])

function exitOf({ status, code }: { readonly status: number; readonly code: string }): ExitCode {
  if (code.startsWith('LK-BUS-') || code.startsWith('LK-DOOR-0')) {
    return status >= 500 ? EXIT.hardware : EXIT.refused
  }
  if (UNKNOWN_NAMES.has(code)) return EXIT.usage
  if (code === 'LK-CTL-07') return EXIT.refused
  if (code === 'LK-CTL-04') return EXIT.unreachable
  return status === 409 ? EXIT.refused : EXIT.failed
}

function exchange(
  socketPath: string,
  { method, path, body }: Call,
): Promise<{ status: number; text: string }> {
  const payload = body === undefined ? null : JSON.stringify(body)
  const headers = payload === null ? {} : { 'content-type': 'application/json' }
  return new Promise((settle, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(unreachable(socketPath, error))
    const asked = request(
      { socketPath, method, path, headers, timeout: ANSWER_MAX_MS },
      (reply) => {
        let text = ''
        reply.setEncoding('utf8')
        reply.on('data', (chunk: string) => {
          text += chunk
          if (text.length > ANSWER_BYTES_MAX) reply.destroy(new Error('the answer is too long'))
        })
        reply.on('error', fail)
        reply.on('end', () => settle({ status: reply.statusCode ?? 0, text }))
      },
    )
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_MAX_MS / 1_000} s`)))
    asked.on('error', fail)
    asked.end(payload ?? undefined)
  })
}

function unreachable(socket: string, error: NodeJS.ErrnoException): Failure {
  if (error.code === 'EACCES') {
    return new Failure({
      exit: EXIT.refused,
      code: 'LK-CTL-04',
      message: `You may not use the control socket ${socket}.`,
      hint: 'Use sudo, or join the group that owns it.',
    })
  }
  return new Failure({
    exit: EXIT.unreachable,
    code: 'LK-CTL-04',
    message: `The daemon does not answer on ${socket} (${error.code ?? error.message}).`,
    hint: 'Is it running? systemctl status latchkeyd; another socket: --socket PATH',
  })
}
