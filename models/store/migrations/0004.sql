-- What mail needs: where its copies lie, who takes part besides the customer, what it quotes of
-- others, spam, names of files in search, and a signature for each member of staff.

ALTER TABLE users ADD COLUMN signature TEXT NOT NULL DEFAULT '';

ALTER TABLE conversations ADD COLUMN spam INTEGER NOT NULL DEFAULT 0 CHECK (spam IN (0,1));
CREATE INDEX conversations_spam ON conversations(last_at DESC, id DESC) WHERE spam = 1;

ALTER TABLE messages ADD COLUMN files TEXT NOT NULL DEFAULT '';   -- names of its files, for search
ALTER TABLE messages ADD COLUMN quotes_id INTEGER REFERENCES events(id) ON DELETE SET NULL;  -- another customer's message that it refers to
CREATE INDEX messages_quotes ON messages(quotes_id) WHERE quotes_id IS NOT NULL;

CREATE TABLE participants (                       -- who may write into a conversation besides its customer: they were in copy
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  address         TEXT NOT NULL,                  -- normalised
  PRIMARY KEY (conversation_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_places (                        -- where each copy of a mail lies on its server
  channel_id INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  folder     TEXT NOT NULL,
  validity   INTEGER NOT NULL,                    -- UIDVALIDITY
  uid        INTEGER NOT NULL,
  receipt_id INTEGER NOT NULL REFERENCES receipts(id) ON DELETE CASCADE,
  gone_at    INTEGER,                             -- since when it does not lie there any more
  PRIMARY KEY (channel_id, folder, validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_places_receipt ON mail_places(receipt_id);

-- Search knows the names of files from now on: every message is indexed anew (store.ensureSearch).
DROP TRIGGER IF EXISTS messages_fts_new;
DROP TRIGGER IF EXISTS messages_fts_out;
DROP TRIGGER IF EXISTS messages_fts_gone;
DROP TRIGGER IF EXISTS messages_fts_change;
DROP TABLE IF EXISTS messages_fts;
UPDATE messages SET files = coalesce((SELECT group_concat(a.name, ' ') FROM attachments a WHERE a.event_id = messages.event_id), '')
  WHERE event_id IN (SELECT event_id FROM attachments WHERE event_id IS NOT NULL);
CREATE TABLE IF NOT EXISTS messages_unindexed (event_id INTEGER PRIMARY KEY) STRICT;
INSERT OR IGNORE INTO messages_unindexed(event_id) SELECT event_id FROM messages;
