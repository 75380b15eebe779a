-- What follows a visitor out of the chat, one-time codes, and which browser may see what beyond its own words.

CREATE TABLE chat_waits (                         -- browsers whose visitor may not have seen an answer
  identity_id INTEGER PRIMARY KEY REFERENCES identities(id) ON DELETE CASCADE,
  channel_id  INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
  since_id    INTEGER NOT NULL,                   -- the first answer that it may be
  due_at      INTEGER                             -- NULL: no address is known to send it to
) STRICT;
CREATE INDEX chat_waits_due ON chat_waits(due_at, identity_id) WHERE due_at IS NOT NULL;
CREATE INDEX chat_waits_channel ON chat_waits(channel_id);

CREATE TABLE carried (                            -- answers in the chat that went by email or SMS as well: once
  event_id INTEGER PRIMARY KEY REFERENCES events(id) ON DELETE CASCADE,
  by_id    INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE
) STRICT;
CREATE INDEX carried_by ON carried(by_id);

CREATE TABLE chat_shares (                        -- the only messages besides its own that a browser's chat shows
  identity_id INTEGER NOT NULL REFERENCES identities(id) ON DELETE CASCADE,
  event_id    INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  shown       INTEGER NOT NULL CHECK (shown IN (0,1)),  -- 0: carries what it has already; its answers will be shown
  PRIMARY KEY (identity_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_shares_event ON chat_shares(event_id);

CREATE TABLE chat_viewers (                       -- browsers proved to be a customer's: they see a conversation's chat on others
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  identity_id     INTEGER NOT NULL REFERENCES identities(id) ON DELETE CASCADE,
  PRIMARY KEY (conversation_id, identity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_viewers_identity ON chat_viewers(identity_id);

CREATE TABLE codes (                              -- one-time codes; the code itself is kept nowhere but sealed in the outbox until it is sent
  id              INTEGER PRIMARY KEY,
  identity_id     INTEGER NOT NULL REFERENCES identities(id) ON DELETE CASCADE,  -- the address it proves
  browser_id      INTEGER REFERENCES identities(id) ON DELETE CASCADE,           -- the browser that asked for it
  conversation_id INTEGER REFERENCES conversations(id) ON DELETE CASCADE,        -- the one it opens
  purpose         TEXT NOT NULL CHECK (purpose IN ('chat','continue','verify')),
  hash            BLOB NOT NULL,                  -- keyed
  attempts        INTEGER NOT NULL DEFAULT 0,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  used_at         INTEGER
) STRICT;
CREATE INDEX codes_identity ON codes(identity_id, created_at);
CREATE INDEX codes_browser ON codes(browser_id) WHERE browser_id IS NOT NULL;
CREATE INDEX codes_conversation ON codes(conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX codes_age ON codes(created_at);
