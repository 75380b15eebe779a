-- The first schema. Times are INTEGER milliseconds since 1970 UTC; money is INTEGER minor units;
-- providers' ids are TEXT. Enums that the domain fixes are checked here.

CREATE TABLE settings (            -- the shop's own settings
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
  id            INTEGER PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE,             -- lower case
  name          TEXT NOT NULL,
  role          TEXT NOT NULL CHECK (role IN ('owner','admin','agent','counter','viewer')),
  password_hash TEXT NOT NULL DEFAULT '',
  theme         TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto','light','dark')),
  undo_seconds  INTEGER NOT NULL DEFAULT 5 CHECK (undo_seconds IN (0,5,10,30)),
  disabled_at   INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id           INTEGER PRIMARY KEY,
  token_hash   BLOB NOT NULL UNIQUE,              -- sha256 of the cookie's value
  user_id      INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  csrf         TEXT NOT NULL,
  ip           TEXT NOT NULL DEFAULT '',
  user_agent   TEXT NOT NULL DEFAULT '',
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions(user_id);

CREATE TABLE api_tokens (
  id           INTEGER PRIMARY KEY,
  token_hash   BLOB NOT NULL UNIQUE,
  user_id      INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  scope        TEXT NOT NULL CHECK (scope IN ('read','write','admin')),
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at   INTEGER
) STRICT;
CREATE INDEX api_tokens_user ON api_tokens(user_id);

CREATE TABLE links (                              -- one-time links: set-up, invitation, password reset
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('setup','invite','reset')),
  token_hash BLOB NOT NULL UNIQUE,
  user_id    INTEGER REFERENCES users(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT;
CREATE INDEX links_user ON links(user_id);

CREATE TABLE channels (
  id         INTEGER PRIMARY KEY,
  type       TEXT NOT NULL,
  name       TEXT NOT NULL,
  key        TEXT NOT NULL UNIQUE,                -- public: the widget's data-channel
  settings   TEXT NOT NULL DEFAULT '{}',          -- JSON of the fields that are no secrets
  secrets    BLOB,                                -- AES-256-GCM over JSON of those that are
  paused     INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0,1)),
  removed_at INTEGER,                             -- kept for its events; its secrets are gone
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE channel_health (
  channel_id    INTEGER PRIMARY KEY REFERENCES channels(id) ON DELETE CASCADE,
  state         TEXT NOT NULL DEFAULT '',
  problem       TEXT NOT NULL DEFAULT '',
  progress_done INTEGER NOT NULL DEFAULT 0,
  progress_all  INTEGER NOT NULL DEFAULT 0,
  rejected      INTEGER NOT NULL DEFAULT 0,       -- calls without a good signature
  changed_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE cursors (                            -- a receiver's place in its source
  channel_id INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (channel_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL DEFAULT '',
  name_source TEXT NOT NULL DEFAULT '',
  language    TEXT NOT NULL DEFAULT '',
  notes       TEXT NOT NULL DEFAULT '',
  merged_into INTEGER REFERENCES customers(id) ON DELETE SET NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX customers_merged ON customers(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX customers_updated ON customers(updated_at, id);

CREATE TABLE identities (
  id          INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  kind        TEXT NOT NULL,
  scope       TEXT NOT NULL DEFAULT '',
  value       TEXT NOT NULL,                      -- normalised
  display     TEXT NOT NULL,                      -- as first received
  evidence    TEXT NOT NULL CHECK (evidence IN ('typed','asserted','proved')),
  reason      TEXT NOT NULL DEFAULT '',
  shared      INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0,1)),
  channel_id  INTEGER REFERENCES channels(id) ON DELETE SET NULL,
  created_at  INTEGER NOT NULL
) STRICT;
-- One owner for what is known; what was merely typed, and what is shared, may stand with several.
CREATE UNIQUE INDEX identities_owner ON identities(kind, scope, value) WHERE evidence <> 'typed' AND shared = 0;
CREATE UNIQUE INDEX identities_once ON identities(customer_id, kind, scope, value);
CREATE INDEX identities_value ON identities(kind, scope, value);

CREATE TABLE suggestions (
  id          INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  other_id    INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  kind        TEXT NOT NULL,
  value       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','rejected')),
  created_at  INTEGER NOT NULL,
  decided_at  INTEGER,
  decided_by  INTEGER REFERENCES users(id) ON DELETE SET NULL,
  CHECK (customer_id < other_id),
  UNIQUE (customer_id, other_id)
) STRICT;
CREATE INDEX suggestions_other ON suggestions(other_id);
CREATE INDEX suggestions_open ON suggestions(id) WHERE state = 'open';

CREATE TABLE merges (
  id         INTEGER PRIMARY KEY,
  from_id    INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  into_id    INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  reason     TEXT NOT NULL,
  user_id    INTEGER REFERENCES users(id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL,
  undone_at  INTEGER,
  undone_by  INTEGER REFERENCES users(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX merges_into ON merges(into_id);
CREATE INDEX merges_from ON merges(from_id);

CREATE TABLE merge_items (                        -- what a merge moved and no anchor would bring back
  merge_id INTEGER NOT NULL REFERENCES merges(id) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('identity','conversation','event','order','dropped_identity')),
  item_id  INTEGER NOT NULL,
  detail   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (merge_id, kind, item_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
  id             INTEGER PRIMARY KEY,
  customer_id    INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  status         TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open','snoozed','closed')),
  assignee_id    INTEGER REFERENCES users(id) ON DELETE SET NULL,
  priority       TEXT NOT NULL DEFAULT '' CHECK (priority IN ('','low','high','urgent')),
  subject        TEXT NOT NULL DEFAULT '',
  opened_at      INTEGER NOT NULL,
  closed_at      INTEGER,
  snoozed_until  INTEGER,
  waiting_since  INTEGER,
  first_reply_at INTEGER,
  last_event_id  INTEGER,
  last_at        INTEGER NOT NULL,
  channel_types  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX conversations_list ON conversations(status, last_at DESC, id DESC);
CREATE INDEX conversations_mine ON conversations(assignee_id, status, last_at DESC, id DESC);
CREATE INDEX conversations_all ON conversations(last_at DESC, id DESC);
CREATE INDEX conversations_customer ON conversations(customer_id, status, last_at DESC, id DESC);
CREATE INDEX conversations_wake ON conversations(snoozed_until) WHERE status = 'snoozed';

CREATE TABLE labels (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  hue  INTEGER NOT NULL DEFAULT 0 CHECK (hue BETWEEN 0 AND 11)
) STRICT;

CREATE TABLE conversation_labels (
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  label_id        INTEGER NOT NULL REFERENCES labels(id) ON DELETE CASCADE,
  PRIMARY KEY (conversation_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_labels_label ON conversation_labels(label_id, conversation_id);

CREATE TABLE events (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id        INTEGER REFERENCES customers(id) ON DELETE CASCADE,
  conversation_id    INTEGER REFERENCES conversations(id) ON DELETE SET NULL,
  channel_id         INTEGER REFERENCES channels(id) ON DELETE SET NULL,
  anchor_identity_id INTEGER REFERENCES identities(id) ON DELETE SET NULL,
  kind               TEXT NOT NULL,
  direction          TEXT NOT NULL DEFAULT '' CHECK (direction IN ('','in','out')),
  user_id            INTEGER REFERENCES users(id) ON DELETE SET NULL,
  ref_id             INTEGER REFERENCES events(id) ON DELETE CASCADE,
  silent             INTEGER NOT NULL DEFAULT 0 CHECK (silent IN (0,1)),
  hidden             INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0,1)),
  occurred_at        INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  data               TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX events_thread ON events(customer_id, occurred_at DESC, id DESC) WHERE hidden = 0;
CREATE INDEX events_unread ON events(customer_id, id) WHERE direction = 'in' AND silent = 0 AND kind IN ('message','call','voicemail');
CREATE INDEX events_conversation ON events(conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX events_anchor ON events(anchor_identity_id, id) WHERE anchor_identity_id IS NOT NULL;
CREATE INDEX events_ref ON events(ref_id) WHERE ref_id IS NOT NULL;
CREATE INDEX events_unreadable ON events(channel_id, id) WHERE kind = 'unreadable';

-- Events are append-only: what an event says never changes, and none is deleted.
CREATE TRIGGER events_immutable BEFORE UPDATE OF id, channel_id, anchor_identity_id, kind, direction, user_id,
  ref_id, silent, hidden, occurred_at, created_at, data ON events
BEGIN SELECT RAISE(ABORT, 'events are immutable'); END;
CREATE TRIGGER events_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

CREATE TABLE messages (
  event_id    INTEGER PRIMARY KEY REFERENCES events(id) ON DELETE CASCADE,
  subject     TEXT NOT NULL DEFAULT '',
  text        TEXT NOT NULL DEFAULT '',
  reply_text  TEXT NOT NULL DEFAULT '',
  html        TEXT NOT NULL DEFAULT '',
  message_id  TEXT NOT NULL DEFAULT '',
  client_id   TEXT UNIQUE,
  automatic   TEXT NOT NULL DEFAULT '',
  warning     TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL DEFAULT '' CHECK (state IN ('','queued','sending','sent','delivered','read','failed','canceled','bounced')),
  error       TEXT NOT NULL DEFAULT '',
  provider_id TEXT NOT NULL DEFAULT '',
  to_address  TEXT NOT NULL DEFAULT '',
  cc          TEXT NOT NULL DEFAULT '',
  has_remote  INTEGER NOT NULL DEFAULT 0 CHECK (has_remote IN (0,1)),
  redacted_at INTEGER
) STRICT;
CREATE INDEX messages_message_id ON messages(message_id) WHERE message_id <> '';
CREATE INDEX messages_provider_id ON messages(provider_id) WHERE provider_id <> '';

CREATE TABLE attachments (
  id          INTEGER PRIMARY KEY,
  event_id    INTEGER REFERENCES events(id) ON DELETE CASCADE,
  token       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL DEFAULT '',
  type        TEXT NOT NULL,
  size        INTEGER NOT NULL,
  sha256      TEXT NOT NULL,
  content_id  TEXT NOT NULL DEFAULT '',
  inline      INTEGER NOT NULL DEFAULT 0 CHECK (inline IN (0,1)),
  uploaded_by TEXT NOT NULL DEFAULT '',           -- 'user:7' or 'visitor:…' while no message carries it
  created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_event ON attachments(event_id) WHERE event_id IS NOT NULL;
CREATE INDEX attachments_loose ON attachments(created_at) WHERE event_id IS NULL;

CREATE TABLE receipts (                           -- the duplicate key of every inbound event
  id          INTEGER PRIMARY KEY,
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  external_id TEXT NOT NULL,
  event_id    INTEGER REFERENCES events(id) ON DELETE CASCADE,
  received_at INTEGER NOT NULL,
  UNIQUE (channel_id, external_id)
) STRICT;
CREATE INDEX receipts_event ON receipts(event_id) WHERE event_id IS NOT NULL;

CREATE TABLE raws (                               -- the inbound event as it came
  receipt_id INTEGER PRIMARY KEY REFERENCES receipts(id) ON DELETE CASCADE,
  type       TEXT NOT NULL,
  encoding   TEXT NOT NULL CHECK (encoding IN ('deflate','file')),  -- file: body holds the hex SHA-256
  body       BLOB NOT NULL
) STRICT;

CREATE TABLE reads (                              -- how far each user has read each thread
  user_id     INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  event_id    INTEGER NOT NULL,
  PRIMARY KEY (user_id, customer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
  user_id     INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  kind        TEXT NOT NULL CHECK (kind IN ('reply','note')),
  subject     TEXT NOT NULL DEFAULT '',
  text        TEXT NOT NULL,
  updated_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, customer_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_customer ON drafts(customer_id);

CREATE TABLE orders (
  id                 INTEGER PRIMARY KEY,
  channel_id         INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  customer_id        INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  anchor_identity_id INTEGER REFERENCES identities(id) ON DELETE SET NULL,
  event_id           INTEGER REFERENCES events(id) ON DELETE SET NULL,
  external_id        TEXT NOT NULL,
  number             TEXT NOT NULL,
  status             TEXT NOT NULL,
  currency           TEXT NOT NULL,
  total              INTEGER NOT NULL,
  subtotal           INTEGER NOT NULL DEFAULT 0,
  shipping           INTEGER NOT NULL DEFAULT 0,
  tax                INTEGER NOT NULL DEFAULT 0,
  discount           INTEGER NOT NULL DEFAULT 0,
  refunded           INTEGER NOT NULL DEFAULT 0,
  note               TEXT NOT NULL DEFAULT '',
  ship_to            TEXT NOT NULL DEFAULT '',
  url                TEXT NOT NULL DEFAULT '',
  placed_at          INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL,            -- the store's clock: newest version wins
  UNIQUE (channel_id, external_id)
) STRICT;
CREATE INDEX orders_customer ON orders(customer_id, placed_at DESC, id DESC);
CREATE INDEX orders_list ON orders(placed_at DESC, id DESC);
CREATE INDEX orders_number ON orders(number);
CREATE INDEX orders_anchor ON orders(anchor_identity_id) WHERE anchor_identity_id IS NOT NULL;

CREATE TABLE order_lines (
  id       INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  title    TEXT NOT NULL,
  sku      TEXT NOT NULL DEFAULT '',
  quantity INTEGER NOT NULL,
  price    INTEGER NOT NULL
) STRICT;
CREATE INDEX order_lines_order ON order_lines(order_id, position);

CREATE TABLE tracking (
  id       INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  carrier  TEXT NOT NULL DEFAULT '',
  number   TEXT NOT NULL DEFAULT '',
  url      TEXT NOT NULL DEFAULT '',
  status   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX tracking_order ON tracking(order_id);

CREATE TABLE refunds (                            -- may arrive before its order: joined by number
  id           INTEGER PRIMARY KEY,
  channel_id   INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  order_number TEXT NOT NULL,
  external_id  TEXT NOT NULL,
  amount       INTEGER NOT NULL,
  currency     TEXT NOT NULL,
  status       TEXT NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  occurred_at  INTEGER NOT NULL,
  UNIQUE (channel_id, external_id)
) STRICT;
CREATE INDEX refunds_order ON refunds(channel_id, order_number);

CREATE TABLE outbox (
  id          INTEGER PRIMARY KEY,
  event_id    INTEGER NOT NULL UNIQUE REFERENCES events(id) ON DELETE CASCADE,
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  state       TEXT NOT NULL CHECK (state IN ('queued','sending','done','failed','canceled')),
  key         TEXT NOT NULL UNIQUE,               -- idempotency key
  content     TEXT NOT NULL,                      -- JSON of what the message row does not hold
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER NOT NULL,
  lease_until INTEGER,
  error       TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox(next_at, id) WHERE state IN ('queued','sending');
CREATE INDEX outbox_waiting ON outbox(state, next_at) WHERE state IN ('queued','sending');
CREATE INDEX outbox_channel ON outbox(channel_id, id);

CREATE TABLE idempotency (                        -- answers to API writes that carried an Idempotency-Key
  token_id     INTEGER NOT NULL REFERENCES api_tokens(id) ON DELETE CASCADE,
  key          TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  status       INTEGER NOT NULL,
  body         BLOB NOT NULL,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (token_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency(created_at);

-- What search reads for a customer (name and every address) and for an order; store.IndexCustomer and IndexOrder keep them.
CREATE TABLE customer_words (
  customer_id INTEGER PRIMARY KEY REFERENCES customers(id) ON DELETE CASCADE,
  words       TEXT NOT NULL
) STRICT;

CREATE TABLE order_words (
  order_id INTEGER PRIMARY KEY REFERENCES orders(id) ON DELETE CASCADE,
  words    TEXT NOT NULL
) STRICT;
