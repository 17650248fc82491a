// Every limit of the screen's server, by name.

/** Largest message that a page may send. */
export const MESSAGE_BYTES_MAX = 4_096
/** From here on the socket itself is closed: nobody types that much by mistake. */
export const FRAME_BYTES_MAX = 65_536
/** Pages connected at once: the touchscreen, a technician's laptop, and some to spare. */
export const SOCKETS_MAX = 8
/** Messages of one socket per window; what comes above is refused, and nothing changes. */
export const MESSAGES_PER_WINDOW = 60
export const RATE_WINDOW_MS = 5_000
/** A page that does not read what it is sent is closed at this much. */
export const BUFFERED_BYTES_MAX = 262_144
/** Answers kept for pages that ask again, and questions still waiting for the rules' answer. */
export const ANSWERS_MAX = 64
/** How long a page may take to say goodbye when the server stops. */
export const CLOSE_MS = 200

/** Without any page for so long, there is no screen. */
export const GONE_MS = 15_000

/** Digits that nobody completes are forgotten: the next person must not inherit them. */
export const TYPED_FORGET_MS = 30_000
/** Typing counts as a sign of life, but not every key needs telling. */
export const STAY_EVERY_MS = 4_000
/** After this long without an answer a person may type again. */
export const TYPED_ANSWER_MAX_MS = 4_000
/** An Enter so soon after a PIN, which is sent already, presses nothing on the next screen. */
export const ENTER_HABIT_MS = 2_000
/** Scans and keys of the daemon's own devices per window; what comes above is not heard. */
export const INPUTS_PER_WINDOW = 60
