// Asks a running daemon over its control socket, as the technician's program does.
import { request } from 'node:http'

export interface ControlReply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly body: any
}

/** @param body an object, or a text that is sent as it stands */
export function askControl(
  socketPath: string,
  path: string,
  body?: object | string,
): Promise<ControlReply> {
  const payload = typeof body === 'object' ? JSON.stringify(body) : body
  const method = payload === undefined ? 'GET' : 'POST'
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, headers }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      reply.on('end', () => {
        const isJson = /json/u.test(reply.headers['content-type'] ?? '')
        resolve({ status: reply.statusCode ?? 0, body: isJson ? JSON.parse(text) : text })
      })
    })
    sent.on('error', reject).end(payload)
  })
}
