-- When the present round of attempts began and how many it has, apart from all that ever were: a message is given
-- up a day after that, not after it was written. doubt: an earlier attempt may have been accepted.
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN tries_from INTEGER;
ALTER TABLE outbox ADD COLUMN doubt INTEGER NOT NULL DEFAULT 0 CHECK (doubt IN (0,1));
UPDATE outbox SET tries = attempts, tries_from = first_at, doubt = (state = 'sending') WHERE state IN ('queued','sending') AND attempts > 0;

-- Why the provider refuses to send for us (credentials); reading has a state of its own.
ALTER TABLE channel_health ADD COLUMN send_problem TEXT NOT NULL DEFAULT '';

CREATE TABLE message_aliases (                    -- Message-IDs that a provider put in the place of ours
  message_id TEXT NOT NULL,
  event_id   INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  PRIMARY KEY (message_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_aliases_event ON message_aliases(event_id);
