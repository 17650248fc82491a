// What the shell is told when a command ends. Scripts and monitoring depend on these numbers.
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** It works, but something wants attention. */
  degraded: 3,
  unreachable: 4,
  /** Not permitted, or not now. */
  refused: 5,
  hardware: 6,
  /** By Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends a command with one message on stderr. */
export class Failure extends Error {
  readonly exit: ExitCode
  readonly code: string
  readonly hint: string | null
  /** As JSON its story has been written already. */
  readonly isTold: boolean

  constructor({
    exit,
    code,
    message,
    hint = null,
    isTold = false,
  }: {
    readonly exit: ExitCode
    readonly code: string
    readonly message: string
    readonly hint?: string | null
    readonly isTold?: boolean
  }) {
    super(message)
    this.exit = exit
    this.code = code
    this.hint = hint
    this.isTold = isTold
  }
}
