// Every limit and every time of the bus master.

/** Unlocks that may wait; one more is refused. A kiosk asks for one, a technician for all. */
export const UNLOCKS_MAX = 64

/** Lights and buzzers that may wait; the oldest gives way to one more. */
export const SIGNALS_MAX = 8
/** So long a signal lets polls pass; then it goes before one of them. */
export const SIGNAL_PATIENCE_MS = 300

/** Frames for one request: the first one and its repetitions. */
export const ATTEMPTS_MAX = 3
/** The restart sequence has no stored reply to ask for again; the next probe is its repetition. */
export const HELLO_ATTEMPTS_MAX = 1

/** Boards that answer no repetition from memory are asked once; so many misses lose them. */
export const MISSES_OBEYED_MAX = 5

/** What board and adapters may take beside the time on the line: USB timers are 16 ms a way. */
export const REPLY_GRACE_MS = 80
/** Boards that answer when the pulse is over: 350 to 450 ms were seen (field capture, WKLY). */
export const AFTER_PULSE_GRACE_MS = 600
/**
 * An alarm that rings so late rang in a busy process, which has not looked at its port either: the
 * reply may lie there, and is waited for a little longer, once.
 */
export const ALARM_LATE_MS = 10
export const LOOK_AGAIN_MS = 30
/** What a gateway and the network on the way to it add. */
export const GATEWAY_GRACE_MS = 120
/** Within a frame, characters follow each other faster than this. */
export const STILL_CHARACTERS = 4
/**
 * A line on which something came that nobody asked for is given more silence for a while: boards
 * that say things twice are heard out, also where a port or a gateway tells of it late.
 */
export const TALKATIVE_GAP_MS = 20
export const TALKATIVE_MS = 5_000
/** Bytes that nobody asked for hold the next request back, but no longer than this. */
export const BABBLE_MAX_MS = 200
/** No reply is longer, leading noise included; what is older is forgotten. */
export const HEARD_LENGTH_MAX = 512
/** A gateway has to have passed something on this recently to be given a pulse. */
export const GATEWAY_FRESH_MS = 50

/** How often each board is asked for its doors. */
export const POLL_ATTENDED_MS = 50
export const POLL_IDLE_MS = 250

/** So many requests in a row without a reply, and the board counts as lost. */
export const MISSES_MAX = 3
/** One that is not known, or answers again, is not waited for as long. */
export const MISSES_UNKNOWN_MAX = 2
/** Of so many replies, and rounds, of a board it is remembered how long they took. */
export const SAMPLES_MAX = 200

/** How slowly a lost board is looked for: also one that starts slowly is back within 10 s. */
export const PROBE_MIN_MS = 1_000
export const PROBE_MAX_MS = 4_000

/** What a solenoid can take, whatever the configuration says. */
export const PULSE_MIN_MS = 50
export const PULSE_MAX_MS = 1_500
/** Longest pulse that is ended by a second frame: the line adds its delays to it. */
export const HOST_TIMED_PULSE_MAX_MS = 1_000
/** Frames to end such a pulse; then the board counts as lost, and is switched off when back. */
export const RELEASE_ATTEMPTS_MAX = 5
/** From the end of one pulse to the next one on this bus: two inrush currents never add up. */
export const PULSE_SPACING_MS = 100
/** From the end of a pulse to the next one of the same channel: a solenoid must cool. */
export const CHANNEL_REST_MS = 500
/** How long an unlock waits after its board said that it is busy. */
export const REFUSED_WAIT_MS = 100

/** A link that says neither opened nor closed for so long is closed. */
export const OPEN_TIMEOUT_MS = 10_000
/** An opened port may reset its boards, and noise comes first. */
export const SETTLE_MS = 100
export const REOPEN_MIN_MS = 500
export const REOPEN_MAX_MS = 4_000
/** An open link on which nobody answers for so long is opened anew: adapters wedge. */
export const LINK_SILENCE_MS = 60_000
