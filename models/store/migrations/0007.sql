-- What became of mail, as staff see it: which copies came back, which address is in doubt.

ALTER TABLE messages ADD COLUMN lost TEXT NOT NULL DEFAULT '';   -- JSON: who in copy it did not reach, and why
UPDATE messages SET error = substr(error, 42) WHERE state = 'bounced' AND error LIKE 'The receiving server sent the mail back: %';

-- The newest failure of an address is looked for with every thread: only failures stand here.
CREATE INDEX events_trouble ON events(anchor_identity_id, id)
  WHERE kind = 'delivery' AND json_extract(data, '$.state') IN ('failed','bounced');

ALTER TABLE delivery_reports ADD COLUMN soft INTEGER NOT NULL DEFAULT 0 CHECK (soft IN (0,1));
ALTER TABLE delivery_reports ADD COLUMN recipients TEXT NOT NULL DEFAULT '';  -- whom a mail's report is about, separated by spaces

-- How big pictures are (pixels; 0 = not known): those inside a mail's text are shown below it, tiny ones are not.
ALTER TABLE attachments ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachments ADD COLUMN height INTEGER NOT NULL DEFAULT 0;

-- When something last came in over a channel is shown live.
CREATE INDEX receipts_last ON receipts(channel_id, id);
