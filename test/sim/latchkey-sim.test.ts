// Goal: the simulator's parts end well when nobody reads them any more, as before `| head`.
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { Simulator } from '../support/simulator.ts'

it('the world ends without a word', async () => {
  const world = new Simulator(['world', '--seed', '1', '--count', '100000'])
  await world.until('seed 2')
  world.child.stdout?.destroy()
  expect(await world.exit).toBe(0)
  expect(world.err).toBe('')
})

it('boards end, and their port is closed', async () => {
  const boards = new Simulator(['boards', '--dialect', 'kerong-cu16', '--tcp', '0'])
  const port = Number((await boards.until('port ')).split(':')[1])
  boards.child.stdout?.destroy()
  const host = connect({ host: '127.0.0.1', port })
  host.on('error', () => {})
  host.write(Buffer.from('0200300335', 'hex'))
  await new Promise((settle) => host.once('close', settle))
  expect(await boards.exit).toBe(0)
  expect(boards.err).toBe('')
})
