-- The first kiosk: one hash-chained log of facts, and the tables that follow from it.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- An epoch is one life of the database: a copy that was put back begins another one, and its
-- numbers go on.
CREATE TABLE epochs (
  first_seq INTEGER PRIMARY KEY,
  epoch     TEXT NOT NULL UNIQUE,
  -- Of the epoch before, the newest fact that is known to have been there.
  known_seq INTEGER
) STRICT;

-- The custody chain and the outbox in one: `body` is the exact text that is sent and hashed.
CREATE TABLE facts (
  seq  INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- Where older facts were cut off: the last one's link, and what they had made of the tables.
CREATE TABLE cut (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash TEXT NOT NULL,
  boot INTEGER NOT NULL,
  rows TEXT NOT NULL
) STRICT;

-- What a locker is given to: one recipient, as long as anything lies in it, or may lie there.
CREATE TABLE assignments (
  -- The locker's.
  id           TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  PRIMARY KEY (id, recipient_id)
) STRICT, WITHOUT ROWID;

-- Instead of a second index, which every deposit would have to write.
CREATE TRIGGER assignments_once BEFORE INSERT ON assignments
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'a locker never holds two assignments');
END;

CREATE TABLE parcels (
  id           TEXT PRIMARY KEY,
  state        TEXT NOT NULL CHECK (state IN ('announced', 'depositing', 'unconfirmed', 'deposited',
                                              'collecting', 'collected', 'missing',
                                              'recalled', 'handing-in', 'handed-in',
                                              'withdrawn')),
  tracking     TEXT,
  size         TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  -- Where it lies, or may lie until somebody has looked.
  locker_id    TEXT,
  courier_id   TEXT,
  is_announced INTEGER NOT NULL,
  -- Order of arrival, for lists.
  place        INTEGER NOT NULL,
  -- What the choice of a locker has to heed; NULL when nobody weighed it.
  weight_grams INTEGER,
  needs_reach  INTEGER NOT NULL,
  -- The fact with which its newest deposit or hand-in began: there stands why it got its locker.
  deposit_seq  INTEGER,
  -- Whose couriers may see it; NULL: all of them.
  carrier_id   TEXT,
  -- Its recipient hands it in.
  is_return    INTEGER NOT NULL DEFAULT 0,
  -- Parcels of two recipients are never in one locker, and none is in a locker that is free.
  FOREIGN KEY (locker_id, recipient_id) REFERENCES assignments (id, recipient_id)
) STRICT, WITHOUT ROWID;

-- What is over is left out: a million past parcels must not make the next one slower.
CREATE INDEX parcels_by_state ON parcels (state, place)
  WHERE state NOT IN ('collected', 'withdrawn');
-- What one PIN opens, in order.
CREATE INDEX parcels_by_recipient ON parcels (recipient_id, place) WHERE state = 'deposited';
-- What keeps a PIN alive although it opens nothing.
CREATE INDEX parcels_missing ON parcels (recipient_id) WHERE state = 'missing';
-- Over every state that lasts: a deposit then leaves this index as it is.
CREATE INDEX parcels_by_tracking ON parcels (tracking)
  WHERE state NOT IN ('collected', 'withdrawn');
CREATE INDEX parcels_by_locker ON parcels (locker_id) WHERE locker_id IS NOT NULL;

CREATE TRIGGER parcels_in_one_locker BEFORE UPDATE OF locker_id ON parcels
WHEN OLD.locker_id <> NEW.locker_id
BEGIN
  SELECT RAISE(ABORT, 'a parcel leaves one locker before it goes into another');
END;

-- Parcels whose way has ended, and when; NULL while the clock was not believed.
CREATE TABLE ended_parcels (
  parcel_id  TEXT PRIMARY KEY,
  at_wall_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX ended_parcels_by_time ON ended_parcels (at_wall_ms);

-- Parcels whose recipients have not been reminded, and since when they wait; NULL while the clock
-- was not believed.
CREATE TABLE waits (
  parcel_id     TEXT PRIMARY KEY,
  since_wall_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX waits_by_time ON waits (since_wall_ms);

CREATE TABLE lockers (
  id              TEXT PRIMARY KEY,
  state           TEXT NOT NULL CHECK (state IN ('free', 'reserved', 'occupied', 'clearing',
                                                 'unverified', 'disputed',
                                                 'awaiting-courier')),
  courier_id      TEXT,
  -- The return whose hand-in goes on here, or was left undone.
  return_id       TEXT,
  is_proven_empty INTEGER NOT NULL,
  -- The board's count of this door's openings as last read, and the board's run it belongs to: what
  -- moves while nobody reads is seen by comparing.
  board_boot      INTEGER,
  opens           INTEGER,
  -- Why it is out of service; NULL while it is not.
  withdrawn_for   TEXT,
  -- Why its door's sensor is not believed; NULL while it is. And what speaks against it so far.
  distrusted_for  TEXT,
  misses          INTEGER NOT NULL DEFAULT 0,
  denials         INTEGER NOT NULL DEFAULT 0,
  -- How its newest opening ended; NULL before the first one.
  last_outcome    TEXT,
  -- What is said of it comes from an older copy, and nobody has confirmed it.
  is_in_doubt     INTEGER NOT NULL DEFAULT 0,
  -- Of the sensor inside: whether it is asked no more, has seen a parcel that was put in, and how
  -- often people have found it wrong since.
  is_contents_distrusted INTEGER NOT NULL DEFAULT 0,
  has_contents_agreed    INTEGER NOT NULL DEFAULT 0,
  contradictions         INTEGER NOT NULL DEFAULT 0,
  -- The newest fact that changed what is known of its contents.
  changed_seq     INTEGER NOT NULL DEFAULT 0,
  -- The newest fact in which somebody says what is inside.
  looked_seq      INTEGER NOT NULL DEFAULT 0,
  -- The newest fact with which something was to be put in.
  filled_seq      INTEGER NOT NULL DEFAULT 0,
  -- Lockers that are alike are in one group; `place` is the order within it. NULL: not in the wall.
  group_key       TEXT,
  place           INTEGER,
  -- How its openings went: counts for people, points and their verdict for the choice.
  retried         INTEGER NOT NULL DEFAULT 0,
  slow            INTEGER NOT NULL DEFAULT 0,
  failed          INTEGER NOT NULL DEFAULT 0,
  points          INTEGER NOT NULL DEFAULT 0,
  is_shaky        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The choice reads the first of these, however long the wall is.
CREATE INDEX lockers_free ON lockers (group_key, is_shaky, place)
  WHERE state = 'free' AND withdrawn_for IS NULL AND distrusted_for IS NULL;

CREATE INDEX lockers_in_doubt ON lockers (id) WHERE is_in_doubt = 1;

CREATE INDEX lockers_left ON lockers (courier_id) WHERE state = 'unverified';

CREATE INDEX lockers_left_by_return ON lockers (return_id)
  WHERE state = 'unverified' AND return_id IS NOT NULL;

-- Cabinets that are open and mains that are lost, as told last: a restart tells only changes.
CREATE TABLE senses (
  -- Board, channel and what it senses.
  id       TEXT PRIMARY KEY,
  board_id TEXT NOT NULL,
  channel  INTEGER NOT NULL,
  what     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What keeps parcels from being collected, and since when: their deadlines stand still.
CREATE TABLE standstills (
  -- Cause and place.
  id            TEXT PRIMARY KEY,
  cause         TEXT NOT NULL,
  board_id      TEXT,
  locker_id     TEXT,
  since_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Guided audits: the one that runs, and the newest of those that are over.
CREATE TABLE audits (
  -- The fact that began it.
  id            INTEGER PRIMARY KEY,
  choice        TEXT NOT NULL CHECK (choice IN ('all', 'column', 'doubtful', 'oldest')),
  column_number INTEGER,
  -- Starts of the kiosk since somebody went on with it.
  starts        INTEGER NOT NULL,
  ended_seq     INTEGER,
  ended_for     TEXT CHECK (ended_for IN ('completed', 'stopped', 'overdue'))
) STRICT;

CREATE UNIQUE INDEX audits_running ON audits (ended_seq IS NULL) WHERE ended_seq IS NULL;

-- The lockers of an audit, and what was found in them; NULL where nobody has come to it.
CREATE TABLE audit_steps (
  -- Audit and locker.
  id              TEXT PRIMARY KEY,
  audit_id        INTEGER NOT NULL,
  place           INTEGER NOT NULL,
  locker_id       TEXT NOT NULL,
  told_seq        INTEGER,
  believed        TEXT,
  state           TEXT,
  -- A JSON list.
  parcel_ids      TEXT,
  answer          TEXT,
  healing         TEXT,
  found_parcel_id TEXT,
  other_locker_id TEXT,
  opening_id      INTEGER,
  code            TEXT,
  by_role         TEXT,
  by_id           TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_steps_in_order ON audit_steps (audit_id, place);

-- Openings whose end is not stored yet. The chain keeps all of them for ever.
CREATE TABLE openings (
  id           INTEGER NOT NULL,
  -- One at a time; a handful of rows, so that `id` needs no index of its own.
  locker_id    TEXT PRIMARY KEY,
  purpose      TEXT NOT NULL,
  -- A JSON list.
  parcel_ids   TEXT NOT NULL,
  by_role      TEXT NOT NULL,
  by_id        TEXT,
  is_opened    INTEGER NOT NULL,
  is_left_open INTEGER NOT NULL,
  board_boot   INTEGER,
  opens_before INTEGER
) STRICT, WITHOUT ROWID;

-- Keyed indexes of PINs, and of the codes with which parcels are handed in: one is never like
-- another. A PIN lives for a recipient and opens every parcel that waits for them, a code lets one
-- return in; dead ones are kept a while, so that "used" and "expired" can be told.
CREATE TABLE pins (
  pin_index       TEXT PRIMARY KEY,
  recipient_id    TEXT NOT NULL,
  -- The return that it lets in; NULL: it is a PIN.
  return_id       TEXT,
  state           TEXT NOT NULL CHECK (state IN ('live', 'spent', 'expired', 'replaced')),
  reference_index TEXT NOT NULL,
  -- NULL while no clock was believed.
  expires_at      INTEGER,
  -- Order of dying, for pruning; NULL while it lives.
  ended_place     INTEGER,
  -- Standstills before this moment moved `expires_at` already, by so much in all, and why.
  counted_until   INTEGER,
  moved_ms        INTEGER NOT NULL DEFAULT 0,
  moved_for       TEXT NOT NULL DEFAULT '',
  -- Its end has come while nothing could be collected.
  is_held         INTEGER NOT NULL DEFAULT 0,
  -- An older copy of the ledger tells of it, and nobody has said since that it was not replaced.
  is_of_copy      INTEGER NOT NULL DEFAULT 0,
  -- What was taken out with it, as a JSON list, so that whoever comes back can say what was wrong.
  uses            TEXT NOT NULL DEFAULT '[]',
  -- By which tokens of central name it; NULL for the code of a return.
  token_subject   TEXT,
  -- Tokens that were used for it, and what waited then, as a JSON list.
  tokens          TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX pins_by_recipient ON pins (recipient_id)
  WHERE state = 'live' AND return_id IS NULL;
CREATE UNIQUE INDEX pins_by_return ON pins (return_id)
  WHERE state = 'live' AND return_id IS NOT NULL;
CREATE INDEX pins_by_expiry ON pins (expires_at)
  WHERE state = 'live' AND return_id IS NULL AND is_held = 0;
CREATE INDEX pins_by_token ON pins (token_subject) WHERE token_subject IS NOT NULL;
CREATE INDEX pins_held ON pins (recipient_id) WHERE is_held = 1;
CREATE INDEX return_codes_by_expiry ON pins (expires_at)
  WHERE state = 'live' AND return_id IS NOT NULL;
CREATE INDEX pins_by_end ON pins (ended_place) WHERE ended_place IS NOT NULL;

-- Recipients whose old PIN is dead and whose new one is still to be made.
CREATE TABLE owed_pins (
  recipient_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- When PINs were made anew, by both clocks, to count those of one day.
CREATE TABLE reissues (
  id           INTEGER PRIMARY KEY,
  recipient_id TEXT NOT NULL,
  boot         INTEGER NOT NULL,
  mono_ms      INTEGER NOT NULL,
  -- NULL when the clock was not believed.
  wall_ms      INTEGER
) STRICT;

CREATE INDEX reissues_by_recipient ON reissues (recipient_id, id);

-- What central wants of a recipient's parcels, and what of it has been done.
CREATE TABLE pickups (
  id              TEXT PRIMARY KEY,
  reissue         INTEGER NOT NULL,
  expires_at      INTEGER,
  reissue_done    INTEGER NOT NULL DEFAULT 0,
  expires_at_done INTEGER,
  is_open         INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE INDEX pickups_open ON pickups (id) WHERE is_open = 1;

-- What central wants of lockers, and which of its words have been done.
CREATE TABLE locker_wishes (
  id            TEXT PRIMARY KEY,
  revision      INTEGER NOT NULL,
  service       TEXT NOT NULL CHECK (service IN ('in', 'out', 'unsafe')),
  reason        TEXT NOT NULL,
  revision_done INTEGER NOT NULL DEFAULT 0,
  is_open       INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE INDEX locker_wishes_open ON locker_wishes (id) WHERE is_open = 1;

-- What central wants of the configuration, by key.
CREATE TABLE settings_wanted (
  id    TEXT PRIMARY KEY,
  -- As JSON.
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which versions central wants, and what was told of them.
CREATE TABLE firmware_wanted (
  id      TEXT PRIMARY KEY,
  version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE firmware_compared (
  component TEXT PRIMARY KEY,
  -- Of the fact that told it.
  seq       INTEGER NOT NULL,
  wanted    TEXT NOT NULL,
  -- As JSON.
  running   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Commands of central, by their ids: none is done twice, and each is answered again alike.
CREATE TABLE commands (
  place      INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  type       TEXT NOT NULL,
  target     TEXT NOT NULL,
  opening_id INTEGER,
  -- As JSON; NULL while it is under way.
  end        TEXT
) STRICT;

CREATE INDEX commands_by_opening ON commands (opening_id) WHERE end IS NULL;

-- When central had doors opened from afar, by both clocks.
CREATE TABLE remote_openings (
  id      INTEGER PRIMARY KEY,
  boot    INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL,
  -- NULL when the clock was not believed.
  wall_ms INTEGER
) STRICT;

-- What central wants to be handed in. Its parcel comes into being with its first hand-in.
CREATE TABLE returns (
  id           TEXT PRIMARY KEY,
  state        TEXT NOT NULL CHECK (state IN ('announced', 'expected', 'handed-in', 'expired')),
  recipient_id TEXT NOT NULL,
  tracking     TEXT,
  -- NULL: chosen at the screen.
  size         TEXT,
  carrier_id   TEXT,
  weight_grams INTEGER,
  needs_reach  INTEGER NOT NULL,
  expires_at   INTEGER,
  -- 0: central has deleted it, and its code is not settled yet.
  is_wanted    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX returns_by_state ON returns (state);
CREATE INDEX returns_unwanted ON returns (id) WHERE is_wanted = 0;

CREATE TABLE staff (
  id              TEXT PRIMARY KEY,
  role            TEXT NOT NULL CHECK (role IN ('courier', 'technician', 'operator',
                                                'break-glass')),
  label           TEXT NOT NULL,
  verifier        TEXT NOT NULL UNIQUE,
  badge_verifier  TEXT UNIQUE,
  reference_index TEXT,
  carrier_id      TEXT,
  valid_from      INTEGER,
  valid_until     INTEGER,
  -- By which tokens of central name this person.
  token_subject   TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- Tokens with which a courier signed in. The oldest go; `meta` says from when on all are known.
CREATE TABLE courier_tokens (
  id         TEXT PRIMARY KEY,
  not_before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX courier_tokens_by_time ON courier_tokens (not_before);

-- Sealed codes that were used. They stay burned whatever central sends.
CREATE TABLE burned_codes (
  verifier TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE recipients (
  id          TEXT PRIMARY KEY,
  label       TEXT NOT NULL,
  needs_reach INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX recipients_by_label ON recipients (label, id);

CREATE TABLE streams (
  stream  TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  -- Of its rows as central sent them: that of each, added up without carry.
  hash    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The rows of the streams, by their hashes: one version can have two contents when central was
-- restored.
CREATE TABLE wanted_rows (
  stream TEXT NOT NULL,
  id     TEXT NOT NULL,
  hash   TEXT NOT NULL,
  PRIMARY KEY (stream, id)
) STRICT, WITHOUT ROWID;
