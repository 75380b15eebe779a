-- What the composer needs: drafts kept whole, messages that go out later, blind copies.

ALTER TABLE drafts ADD COLUMN cc TEXT;                                 -- NULL: not touched, the answer goes to all
ALTER TABLE drafts ADD COLUMN bcc TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN way TEXT NOT NULL DEFAULT '';            -- "CHANNEL-IDENTITY" that was chosen by hand
ALTER TABLE drafts ADD COLUMN files TEXT NOT NULL DEFAULT '[]';        -- JSON of the uploads it holds: [{"id": 7, "inline": true}]
ALTER TABLE drafts ADD COLUMN client_id TEXT NOT NULL DEFAULT '';      -- of the message it becomes

ALTER TABLE messages ADD COLUMN send_at INTEGER;                       -- when it was to go out, where that was not at once
ALTER TABLE messages ADD COLUMN bcc TEXT NOT NULL DEFAULT '';
