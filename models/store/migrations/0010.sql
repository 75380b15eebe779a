-- Privacy: a person can be erased, a message stripped of its words, and what is old removed by rule;
-- and nothing that was erased comes back by itself.

ALTER TABLE customers ADD COLUMN erased_at INTEGER;   -- since when nothing of this person is kept: a nameless record, for old links and the bare figures of orders
CREATE INDEX customers_erased ON customers(id) WHERE erased_at IS NOT NULL;

-- A customer's record in a store leads to no event: whose it was stands here.
ALTER TABLE receipts ADD COLUMN customer_id INTEGER REFERENCES customers(id) ON DELETE SET NULL;
CREATE INDEX receipts_customer ON receipts(customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX receipts_nothing ON receipts(id) WHERE event_id IS NULL;  -- led to no event

-- What was erased, as keyed hashes: nobody can read out of them what it was, without the secret key not even by trying.
CREATE TABLE tombstones (
  mac        BLOB NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('receipt','message','address','opted_out')),
  channel_id INTEGER NOT NULL DEFAULT 0,              -- of an opt-out
  at         INTEGER NOT NULL,
  PRIMARY KEY (mac, kind, channel_id)
) STRICT, WITHOUT ROWID;

-- The events that the running transaction may erase or strip. It is empty outside of one.
CREATE TABLE erasing (event_id INTEGER PRIMARY KEY) STRICT;

DROP TRIGGER events_immutable;
DROP TRIGGER events_kept;
-- Events are append-only: what an event says never changes, and none is deleted, but by an erasure.
CREATE TRIGGER events_immutable BEFORE UPDATE OF id, channel_id, kind, direction, user_id, ref_id, silent, hidden, occurred_at, created_at ON events
BEGIN SELECT RAISE(ABORT, 'events are immutable'); END;
-- An erasure takes words out and puts none in; an event of somebody else keeps its address, or loses it.
CREATE TRIGGER events_said BEFORE UPDATE OF anchor_identity_id, data ON events
WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE event_id = old.id)
  OR new.data NOT IN (old.data, '{}', json_remove(old.data, '$.name'), json_remove(old.data, '$.from', '$.address'),
    json_remove(old.data, '$.from'), json_remove(old.data, '$.to'), json_remove(old.data, '$.value', '$.before'))
  OR new.anchor_identity_id IS NOT old.anchor_identity_id AND new.anchor_identity_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM identities a JOIN identities b ON b.kind = a.kind AND b.scope = a.scope AND b.value = a.value
    WHERE a.id = old.anchor_identity_id AND b.id = new.anchor_identity_id)
BEGIN SELECT RAISE(ABORT, 'events are immutable'); END;
CREATE TRIGGER events_kept BEFORE DELETE ON events WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE event_id = old.id)
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

-- What rules for forgetting look for.
CREATE INDEX events_pages ON events(occurred_at) WHERE kind = 'page_view';
CREATE INDEX conversations_closed ON conversations(closed_at) WHERE status = 'closed';
