-- What SMS and real stores need: files fetched after the commit, consent, reports that come before
-- what they report on, refunds before their orders, orders deleted before they were seen, products.

-- A refund belongs to the order with the store's own id; the number people say may come later.
ALTER TABLE refunds ADD COLUMN order_external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE refunds ADD COLUMN event_id INTEGER REFERENCES events(id) ON DELETE SET NULL;  -- NULL: waits for its order
UPDATE refunds SET order_external_id = order_number, event_id = (SELECT max(e.id) FROM events e
  WHERE e.kind = 'refund' AND e.channel_id = refunds.channel_id AND json_extract(e.data, '$.order_number') = refunds.order_number);
DROP INDEX refunds_order;
CREATE INDEX refunds_order ON refunds(channel_id, order_external_id);

CREATE TABLE gone_orders (                        -- deleted in the store, perhaps before we saw them
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  external_id TEXT NOT NULL,
  gone_at     INTEGER NOT NULL,                   -- the store's clock, as good as it tells
  PRIMARY KEY (channel_id, external_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
  id          INTEGER PRIMARY KEY,
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  external_id TEXT NOT NULL,
  title       TEXT NOT NULL,
  url         TEXT NOT NULL DEFAULT '',
  updated_at  INTEGER NOT NULL,                   -- the store's clock: newest version wins
  UNIQUE (channel_id, external_id)
) STRICT;

ALTER TABLE order_lines ADD COLUMN product_id TEXT NOT NULL DEFAULT '';
ALTER TABLE order_lines ADD COLUMN url TEXT NOT NULL DEFAULT '';

ALTER TABLE attachments ADD COLUMN state TEXT NOT NULL DEFAULT '' CHECK (state IN ('','fetching','failed'));
ALTER TABLE attachments ADD COLUMN problem TEXT NOT NULL DEFAULT '';

CREATE TABLE fetches (                            -- files that their provider still holds
  attachment_id INTEGER PRIMARY KEY REFERENCES attachments(id) ON DELETE CASCADE,
  channel_id    INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  url           TEXT NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  next_at       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX fetches_due ON fetches(next_at, attachment_id);
CREATE INDEX fetches_channel ON fetches(channel_id);

CREATE TABLE consents (                           -- append-only: the newest row of an address on a channel counts
  id          INTEGER PRIMARY KEY,
  identity_id INTEGER NOT NULL REFERENCES identities(id) ON DELETE CASCADE,
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  state       TEXT NOT NULL CHECK (state IN ('opted_out','opted_in')),
  source      TEXT NOT NULL,                      -- the word that was written, or who says so
  event_id    INTEGER REFERENCES events(id) ON DELETE SET NULL,
  created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_address ON consents(identity_id, channel_id, id);
CREATE INDEX consents_channel ON consents(channel_id);
CREATE TRIGGER consents_immutable BEFORE UPDATE OF identity_id, channel_id, state, source, created_at ON consents
BEGIN SELECT RAISE(ABORT, 'consents are immutable'); END;

CREATE TABLE delivery_reports (                   -- about messages whose provider id we do not know yet
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  provider_id TEXT NOT NULL,
  state       TEXT NOT NULL,
  error       TEXT NOT NULL DEFAULT '',
  opted_out   INTEGER NOT NULL DEFAULT 0 CHECK (opted_out IN (0,1)),
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (channel_id, provider_id, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_reports_age ON delivery_reports(created_at);

ALTER TABLE channel_health ADD COLUMN called_at INTEGER;  -- the last call with a good signature

ALTER TABLE outbox ADD COLUMN first_at INTEGER;           -- when the first attempt began
UPDATE outbox SET first_at = created_at WHERE attempts > 0;
