-- What people touch of "who is this?": the history of evidence, addresses that were taken away or moved,
-- entries that were moved, ranked suggestions with several pieces of evidence, and what they match by.

CREATE TABLE identity_evidence (                  -- append-only: why an address is somebody's
  id          INTEGER PRIMARY KEY,
  identity_id INTEGER NOT NULL REFERENCES identities(id) ON DELETE CASCADE,
  evidence    TEXT NOT NULL CHECK (evidence IN ('typed','asserted','proved')),
  reason      TEXT NOT NULL DEFAULT '',
  event_id    INTEGER REFERENCES events(id) ON DELETE SET NULL,  -- what brought it
  user_id     INTEGER REFERENCES users(id) ON DELETE SET NULL,   -- who said so, where staff did
  at          INTEGER NOT NULL
) STRICT;
INSERT INTO identity_evidence(identity_id, evidence, reason, at) SELECT id, evidence, reason, created_at FROM identities ORDER BY id;
CREATE INDEX identity_evidence_identity ON identity_evidence(identity_id, id);
CREATE INDEX identity_evidence_event ON identity_evidence(event_id) WHERE event_id IS NOT NULL;
CREATE TRIGGER identity_evidence_immutable BEFORE UPDATE OF identity_id, evidence, reason, at ON identity_evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;

ALTER TABLE identities ADD COLUMN retired_at INTEGER;             -- taken from its customer: old events keep it, new ones do not find it
ALTER TABLE identities ADD COLUMN single_at INTEGER;              -- staff said that it is one person's, whatever names orders carry
ALTER TABLE identities ADD COLUMN mailbox TEXT NOT NULL DEFAULT '';  -- of an email: without plus-tag, and dots at Gmail; suggests only
DROP INDEX identities_owner;
DROP INDEX identities_once;
CREATE UNIQUE INDEX identities_owner ON identities(kind, scope, value) WHERE evidence <> 'typed' AND shared = 0 AND retired_at IS NULL;
CREATE UNIQUE INDEX identities_once ON identities(coalesce(home_id, customer_id), kind, scope, value) WHERE retired_at IS NULL;
UPDATE identities SET mailbox = substr(value, 1, instr(value, '@') - 1) WHERE kind = 'email' AND instr(value, '@') > 1;
UPDATE identities SET mailbox = substr(mailbox, 1, instr(mailbox, '+') - 1) WHERE instr(mailbox, '+') > 1;
UPDATE identities SET mailbox = CASE WHEN substr(value, instr(value, '@') + 1) IN ('gmail.com','googlemail.com') THEN replace(mailbox, '.', '') || '@gmail.com'
  ELSE mailbox || substr(value, instr(value, '@')) END WHERE mailbox <> '';
CREATE INDEX identities_mailbox ON identities(mailbox) WHERE mailbox <> '';

CREATE INDEX events_split ON events(customer_id, id) WHERE kind = 'split';

ALTER TABLE orders ADD COLUMN buyer TEXT NOT NULL DEFAULT '';       -- the name on it
ALTER TABLE orders ADD COLUMN ship_parts TEXT NOT NULL DEFAULT '';  -- JSON of the address's parts
ALTER TABLE orders ADD COLUMN ship_key TEXT NOT NULL DEFAULT '';    -- name and postal address, made comparable; suggests only
CREATE INDEX orders_ship_key ON orders(ship_key) WHERE ship_key <> '';

ALTER TABLE suggestions ADD COLUMN score INTEGER NOT NULL DEFAULT 0;  -- the sum of its evidence; the likeliest first
CREATE TABLE suggestion_evidence (                -- each thing that speaks for a pair
  suggestion_id INTEGER NOT NULL REFERENCES suggestions(id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  value         TEXT NOT NULL,
  reason        TEXT NOT NULL,
  weight        INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  PRIMARY KEY (suggestion_id, kind, value)
) STRICT, WITHOUT ROWID;
INSERT INTO suggestion_evidence(suggestion_id, kind, value, reason, weight, at) SELECT id, kind, value, reason, 40, created_at FROM suggestions WHERE kind <> '';
UPDATE suggestions SET score = 40 WHERE kind <> '';
CREATE INDEX suggestions_ranked ON suggestions(score DESC, id DESC) WHERE state = 'open';
CREATE INDEX events_contact ON events(customer_id, id) WHERE kind = 'contact' AND user_id IS NOT NULL;
