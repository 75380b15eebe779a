-- Conversations: what a snoozed one waits for besides its time.
ALTER TABLE conversations ADD COLUMN snoozed_for TEXT NOT NULL DEFAULT '' CHECK (snoozed_for IN ('','reply','order'));
CREATE INDEX conversations_for_order ON conversations(customer_id) WHERE snoozed_for = 'order';
