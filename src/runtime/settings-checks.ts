// What no single value can tell: whether wall, boards and times fit together.
import { boardProblems, isSpare } from '../bus/board-options.ts'
import { mixProblems } from '../bus/config.ts'
import type { LockerConfig, SizeConfig } from '../kiosk/config.ts'
import { policyProblems } from '../kiosk/setting-limits.ts'
import type { Settings } from './settings.ts'
import type { ValueProblem } from './settings-values.ts'

type Report = (problem: ValueProblem) => void

/** The kernel's limit for the path of a Unix socket, without the closing zero byte. */
const SOCKET_PATH_BYTES_MAX = 107
/** Sheet metal between two doors, and rounding. */
const OVERLAP_MAX_MM = 0

interface Placed {
  readonly locker: LockerConfig
  readonly path: string
}

export function checkTogether(settings: Settings, report: Report): void {
  const placed = settings.kiosk.columns.flatMap((column, c) =>
    column.lockers.map((locker, l) => ({ locker, path: `wall.columns[${c}].lockers[${l}]` })),
  )
  checkSizes(settings.kiosk.sizes, report)
  checkLockers({ settings, placed, report })
  checkGeometry(settings, report)
  checkBuses(settings, report)
  checkInputs(settings, report)
  checkTimes(settings, report)
  checkPaths(settings, report)
}

/** Reports every later holder of a key, and names the first one. */
function unique<T>(
  entries: readonly { readonly key: T; readonly path: string }[],
  report: (path: string, firstPath: string) => void,
): void {
  const first = new Map<T, string>()
  for (const { key, path } of entries) {
    const holder = first.get(key)
    if (holder === undefined) first.set(key, path)
    else report(path, holder)
  }
}

function checkSizes(sizes: readonly SizeConfig[], report: Report): void {
  const entries = sizes.map(({ name }, index) => ({ key: name, path: `wall.sizes[${index}].name` }))
  unique(entries, (path, first) =>
    report({ path, message: `is taken by ${first}`, hint: 'give every size a name of its own' }),
  )
  for (const [index, size] of sizes.entries()) {
    const before = sizes[index - 1]
    if (before === undefined || volumeOf(before) <= volumeOf(size)) continue
    report({
      path: `wall.sizes[${index}]`,
      message: `(${size.name}) is smaller than ${before.name} before it`,
      hint: 'list the sizes smallest first: parcels are tried in this order',
    })
  }
}

function volumeOf({ widthMm, heightMm, depthMm }: SizeConfig): number {
  return widthMm * heightMm * depthMm
}

function checkLockers({
  settings,
  placed,
  report,
}: {
  readonly settings: Settings
  readonly placed: readonly Placed[]
  readonly report: Report
}): void {
  const ids = placed.map(({ locker, path }) => ({ key: locker.id, path: `${path}.id` }))
  unique(ids, (path, first) =>
    report({ path, message: `is taken by ${first}`, hint: 'give every locker a label of its own' }),
  )
  const locks = placed.map(({ locker, path }) => ({
    key: `${locker.boardId} channel ${locker.channel}`,
    path: `${path}.channel`,
  }))
  unique(locks, (path, first) =>
    report({
      path,
      message: `shares its board and channel with ${first}`,
      hint: 'one lock output opens one locker',
    }),
  )
  const sizes = settings.kiosk.sizes.map(({ name }) => name)
  const boards = new Map(settings.buses.flatMap((bus) => bus.boards).map((b) => [b.id, b]))
  for (const { locker, path } of placed) {
    if (!sizes.includes(locker.size)) {
      const hint = `write one of ${sizes.join(', ')}, or add it to wall.sizes`
      report({ path: `${path}.size`, message: `names the unknown size ${locker.size}`, hint })
    }
    const board = boards.get(locker.boardId)
    if (board === undefined) {
      const hint = `write one of ${[...boards.keys()].join(', ')}, or add it to a bus`
      report({ path: `${path}.boardId`, message: `names no board (${locker.boardId})`, hint })
    } else if (locker.channel > board.channels) {
      report({
        path: `${path}.channel`,
        message: `is ${locker.channel}, but board ${board.id} has ${board.channels}`,
        hint: `write a channel from 1 to ${board.channels}`,
      })
    } else if (isSpare(board, locker.channel)) {
      const message = `is in the senses or signals of board ${board.id}`
      report({ path: `${path}.channel`, message, hint: 'what is no lock has its own channel' })
    }
  }
}

function checkGeometry({ kiosk }: Settings, report: Report): void {
  const heights = new Map(kiosk.sizes.map((size) => [size.name, size.heightMm]))
  for (const [c, { lockers }] of kiosk.columns.entries()) {
    for (const [l, locker] of lockers.entries()) {
      const above = lockers[l - 1]
      const topMm = locker.bottomMm + (heights.get(locker.size) ?? 0)
      if (above === undefined || topMm - above.bottomMm <= OVERLAP_MAX_MM) continue
      report({
        path: `wall.columns[${c}].lockers[${l}].bottomMm`,
        message: `puts the top of ${locker.id} at ${topMm}, above the lower edge of ${above.id}`,
        hint: `lockers go from top to bottom; ${above.id} ends at ${above.bottomMm}`,
      })
    }
  }
}

function checkBuses({ buses }: Settings, report: Report): void {
  const busIds = buses.map(({ id }, b) => ({ key: id, path: `buses[${b}].id` }))
  unique(busIds, (path, first) =>
    report({ path, message: `is taken by ${first}`, hint: 'give every bus an id of its own' }),
  )
  const links = buses.map(({ link }, b) =>
    link.kind === 'serial'
      ? { key: link.path, path: `buses[${b}].link.path` }
      : { key: `${link.host}:${link.port}`, path: `buses[${b}].link.host` },
  )
  unique(links, (path, first) =>
    report({ path, message: `is the line of ${first} too`, hint: 'one line is one bus' }),
  )
  const boards = buses.flatMap(({ boards: own }, b) =>
    own.map((board, n) => ({ key: board.id, path: `buses[${b}].boards[${n}].id` })),
  )
  unique(boards, (path, first) =>
    report({ path, message: `is taken by ${first}`, hint: 'a board sits on exactly one bus' }),
  )
  for (const [b, bus] of buses.entries()) {
    const addresses = bus.boards.map(({ address }, n) => ({
      key: address,
      path: `buses[${b}].boards[${n}].address`,
    }))
    unique(addresses, (path, first) =>
      report({ path, message: `is taken by ${first}`, hint: 'two boards would answer at once' }),
    )
    for (const [n, board] of bus.boards.entries()) {
      for (const { key, ...problem } of boardProblems(board)) {
        report({ path: `buses[${b}].boards[${n}].${key}`, ...problem })
      }
    }
    for (const message of mixProblems(bus)) {
      report({ path: `buses[${b}]`, message: `cannot be run: ${message}`, hint: 'use two buses' })
    }
  }
}

function checkInputs({ buses, inputs }: Settings, report: Report): void {
  const ids = inputs.map(({ id }, i) => ({ key: id, path: `inputs[${i}].id` }))
  unique(ids, (path, first) =>
    report({ path, message: `is taken by ${first}`, hint: 'give every device an id of its own' }),
  )
  const lines = buses.flatMap(({ link }, b) =>
    link.kind === 'serial' ? [{ key: link.path, path: `buses[${b}].link.path` }] : [],
  )
  const devices = inputs.map(({ link }, i) => ({ key: link.path, path: `inputs[${i}].link.path` }))
  unique([...lines, ...devices], (path, first) => {
    // Two buses on one line are told of with the buses.
    if (!path.startsWith('inputs')) return
    report({ path, message: `is the device of ${first} too`, hint: 'one device is one input' })
  })
  for (const [i, input] of inputs.entries()) {
    const keys = input.kind === 'keypad' ? (input.keys ?? []) : []
    const codes = keys.map(({ code }, k) => ({ key: code, path: `inputs[${i}].keys[${k}].code` }))
    unique(codes, (path, first) =>
      report({ path, message: `is taken by ${first}`, hint: 'a key does one thing' }),
    )
  }
}

function checkTimes({ kiosk: { policy }, uplink }: Settings, report: Report): void {
  for (const { keys, message, hint } of policyProblems(policy)) {
    report({ path: `policy.${keys[0]}`, message, hint })
  }
  if (uplink.reconnectMaxMs < uplink.reconnectSpreadMs) {
    report({
      path: 'uplink.reconnectMaxMs',
      message: `is ${uplink.reconnectMaxMs}, less than uplink.reconnectSpreadMs`,
      hint: 'the longest wait cannot be shorter than the first one',
    })
  }
}

function checkPaths({ control }: Settings, report: Report): void {
  const bytes = Buffer.byteLength(control.path)
  if (bytes <= SOCKET_PATH_BYTES_MAX) return
  report({
    path: 'control.path',
    message: `is ${bytes} bytes long as ${control.path}`,
    hint: `a Unix socket's path has at most ${SOCKET_PATH_BYTES_MAX} bytes`,
  })
}
