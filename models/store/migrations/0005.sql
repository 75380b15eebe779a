-- Every address, conversation, order and event knows its home: the customer's record that it belonged
-- to before any merge. Undoing a merge sends home what belongs below the record that stands alone
-- again, in whatever order merges are undone. NULL: at home where it stands.

ALTER TABLE identities ADD COLUMN home_id INTEGER REFERENCES customers(id) ON DELETE SET NULL;
ALTER TABLE conversations ADD COLUMN home_id INTEGER REFERENCES customers(id) ON DELETE SET NULL;
ALTER TABLE orders ADD COLUMN home_id INTEGER REFERENCES customers(id) ON DELETE SET NULL;  -- NULL: its address's home
ALTER TABLE events ADD COLUMN home_id INTEGER REFERENCES customers(id) ON DELETE SET NULL;  -- NULL: its address's home, else its conversation's
ALTER TABLE merges ADD COLUMN last_event_id INTEGER NOT NULL DEFAULT 0;  -- the newest event when it was made

CREATE TABLE merge_marks (                        -- read marks that a merge changed, on the thread that stayed
  merge_id INTEGER NOT NULL REFERENCES merges(id) ON DELETE CASCADE,
  user_id  INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  was      INTEGER NOT NULL,                      -- 0 = there was none
  became   INTEGER NOT NULL,
  PRIMARY KEY (merge_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_marks_user ON merge_marks(user_id);

ALTER TABLE drafts RENAME TO drafts_old;
CREATE TABLE drafts (
  user_id     INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  kind        TEXT NOT NULL CHECK (kind IN ('reply','note')),
  home_id     INTEGER NOT NULL DEFAULT 0,         -- 0: at home where it stands
  subject     TEXT NOT NULL DEFAULT '',
  text        TEXT NOT NULL,
  updated_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, customer_id, kind, home_id)
) STRICT, WITHOUT ROWID;
INSERT INTO drafts(user_id, customer_id, kind, subject, text, updated_at) SELECT user_id, customer_id, kind, subject, text, updated_at FROM drafts_old;
DROP TABLE drafts_old;
CREATE INDEX drafts_customer ON drafts(customer_id);

DROP INDEX identities_once;
UPDATE identities SET home_id = (SELECT m.from_id FROM merge_items x JOIN merges m ON m.id = x.merge_id
  WHERE x.kind IN ('identity','dropped_identity') AND x.item_id = identities.id AND m.undone_at IS NULL ORDER BY m.id LIMIT 1)
  WHERE id IN (SELECT item_id FROM merge_items WHERE kind IN ('identity','dropped_identity'));
UPDATE identities SET value = substr(value, 1, instr(value, char(31)) - 1) WHERE instr(value, char(31)) > 0;
UPDATE conversations SET home_id = (SELECT m.from_id FROM merge_items x JOIN merges m ON m.id = x.merge_id
  WHERE x.kind = 'conversation' AND x.item_id = conversations.id AND m.undone_at IS NULL ORDER BY m.id LIMIT 1)
  WHERE id IN (SELECT item_id FROM merge_items WHERE kind = 'conversation');
UPDATE orders SET home_id = (SELECT m.from_id FROM merge_items x JOIN merges m ON m.id = x.merge_id
  WHERE x.kind = 'order' AND x.item_id = orders.id AND m.undone_at IS NULL ORDER BY m.id LIMIT 1)
  WHERE id IN (SELECT item_id FROM merge_items WHERE kind = 'order');
UPDATE events SET home_id = (SELECT m.from_id FROM merge_items x JOIN merges m ON m.id = x.merge_id
  WHERE x.kind = 'event' AND x.item_id = events.id AND m.undone_at IS NULL ORDER BY m.id LIMIT 1)
  WHERE id IN (SELECT item_id FROM merge_items WHERE kind = 'event');
DROP TABLE merge_items;

-- Two records may each have had an address before they became one customer.
CREATE UNIQUE INDEX identities_once ON identities(coalesce(home_id, customer_id), kind, scope, value);
CREATE INDEX identities_customer ON identities(customer_id);
CREATE INDEX identities_home ON identities(home_id) WHERE home_id IS NOT NULL;
CREATE INDEX conversations_home ON conversations(home_id) WHERE home_id IS NOT NULL;
CREATE INDEX orders_home ON orders(home_id) WHERE home_id IS NOT NULL;
CREATE INDEX events_home ON events(home_id) WHERE home_id IS NOT NULL;
