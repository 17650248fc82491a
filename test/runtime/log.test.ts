// The log: lines that stay searchable, and secrets that never reach one.
import { describe, expect, it } from 'vitest'
import { createLog, event } from '../../src/runtime/log.ts'

function lines(write: (log: ReturnType<typeof createLog>) => void): readonly string[] {
  const written: string[] = []
  const destination = { write: (line: string) => void written.push(line) }
  write(createLog({ level: 'info', kioskId: 'k1', destination }))
  return written
}

describe('a log line', () => {
  it('is JSON with a level, a time, the kiosk and a stable event', () => {
    const [line = ''] = lines((log) => log.info(event('board-lost', { boardId: 'a' }), 'Lost.'))
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      kiosk: 'k1',
      event: 'board-lost',
      boardId: 'a',
      msg: 'Lost.',
    })
    expect(JSON.parse(line).time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  })

  it.each<[string, object]>([
    ['a PIN', { pin: '13572468' }],
    ['digits, deep inside', { intent: { list: [{ digits: '13572468' }] } }],
    ['a token', { headers: { token: '13572468' } }],
    ['a sealed PIN', { fact: { data: { sealedPin: '13572468' } } }],
    ['a typed access code', { 'access-code': '13572468' }],
    ['an index', { parcel: { pinIndex: '13572468' } }],
  ])('does not hold %s', (_what, fields) => {
    const [line = ''] = lines((log) => log.info(fields, 'x'))
    expect(line).toContain('[redacted]')
    expect(line).not.toContain('13572468')
  })

  it('does not hold what a child logger binds', () => {
    const [line = ''] = lines((log) => log.child({ pin: '13572468' }).info('x'))
    expect(line).not.toContain('13572468')
  })

  it('keeps stable codes and the stack of an error', () => {
    const [line = ''] = lines((log) => log.error({ code: 'LK-DOOR-01', err: new Error('e') }, 'x'))
    expect(JSON.parse(line)).toMatchObject({ code: 'LK-DOOR-01', err: { message: 'e' } })
    expect(JSON.parse(line).err.stack).toContain('log.test.ts')
  })

  it('ends where a thing is too deep or contains itself', () => {
    const ring: { self?: object } = {}
    ring.self = ring
    expect(lines((log) => log.info({ ring }, 'x'))).toHaveLength(1)
  })
})
