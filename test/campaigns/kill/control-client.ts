// A technician's side of the control socket.
import { request } from 'node:http'
import type { KioskStatus } from '../../../src/kiosk/events.ts'

export interface ControlReply {
  readonly status: number
  readonly body: string
}

export async function askStatus(socketPath: string): Promise<KioskStatus> {
  const { status, body } = await ask(socketPath, { method: 'GET', path: '/v1/status' })
  if (status !== 200) throw new Error(`the status was refused: ${body}`)
  return JSON.parse(body) as KioskStatus
}

export function inspectLocker(
  socketPath: string,
  lockerId: string,
  found: 'empty' | 'parcel',
): Promise<ControlReply> {
  const path = `/v1/lockers/${lockerId}/inspect`
  return ask(socketPath, { method: 'POST', path, body: { found, reason: 'looked into it' } })
}

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
}

function ask(socketPath: string, { method, path, body }: Asked): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request({ socketPath, path, method, headers }, (response) => {
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        received += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: received }))
    })
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
