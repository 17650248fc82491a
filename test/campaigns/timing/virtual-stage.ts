// The line in virtual time: the same figures on every machine.
import { Doors } from '../../../sim/boards/doors.ts'
import { Wire } from '../../../sim/boards/wire.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { Timeline } from '../../../sim/world/timeline.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { BusLink, LinkHost } from '../../../src/bus/links/link.ts'
import type { Clock } from '../../../src/kiosk/time.ts'
import type { LineSetup } from './line-limits.ts'
import { boardConfigs, Notes, type Stage, wireBoards } from './measure.ts'

const STEPS_MAX = 10_000_000

/** Exact to the fraction of a millisecond, unlike the clock of a process. */
function exactClock(timeline: Timeline): Clock {
  return {
    now: () => ({ monoMs: timeline.nowMs, wallMs: 0, isWallBelieved: false }),
    alarm: (wake) => {
      let current = 0
      return {
        set: (atMs) => {
          current += 1
          const mine = current
          if (atMs !== null) timeline.at(atMs, () => (mine === current ? wake() : undefined))
        },
      }
    },
  }
}

export function virtualStage(setup: LineSetup): Stage {
  const timeline = new Timeline()
  const notes = new Notes(() => timeline.nowMs)
  const random = createRandom('timing')
  let host: LinkHost | null = null
  let heard = ''
  const isLine = setup.family.dialect === 'latchkey-line'
  const wire = new Wire({
    schedule: timeline,
    random,
    baudRate: setup.baudRate,
    boards: wireBoards(setup),
    host: {
      heard: (byte) => {
        heard += String.fromCharCode(byte)
        if (isLine && byte !== LINE_FEED) return
        const text = isLine ? heard.slice(0, -1) : heard
        heard = ''
        host?.frame(text)
      },
      coilChanged: (change) => {
        notes.coilChanged(change)
        doors.coilChanged(change)
      },
      frameSent: (frame) => notes.frameSent(frame),
    },
  })
  const boards = boardConfigs(setup)
  const doors = new Doors({ schedule: timeline, random, contacts: wire, boards })
  const createLink = (_: unknown, linkHost: LinkHost): BusLink => ({
    open: () => {
      host = linkHost
      timeline.after(1, () => linkHost.opened())
    },
    send: (text) => wire.send(Buffer.from(text, 'latin1')),
    close: () => {
      host = null
    },
  })
  const runner = new BusRunner({
    config: {
      id: 'timing',
      link: { kind: 'serial', path: '/dev/null', baudRate: setup.baudRate },
      boards,
    },
    clock: exactClock(timeline),
    createLink,
    report: (event) => notes.reported(event),
  })
  return {
    nowMs: () => timeline.nowMs,
    pass: async (ms) => timeline.runUntil(timeline.nowMs + ms, STEPS_MAX),
    runner,
    closeDoor: (at) => doors.close(at),
    notes,
  }
}

const LINE_FEED = 0x0a
