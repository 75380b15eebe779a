-- Filters that few rows pass begin at those rows now, instead of walking the whole list.

CREATE INDEX orders_status ON orders(status, placed_at DESC, id DESC);
CREATE INDEX customers_name ON customers(name COLLATE NOCASE);

CREATE TABLE conversation_channels (              -- conversations.channel_types, one row for each; the triggers keep it
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  type            TEXT NOT NULL,
  PRIMARY KEY (conversation_id, type)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_channels_type ON conversation_channels(type, conversation_id);

INSERT INTO conversation_channels(conversation_id, type)
  SELECT DISTINCT c.id, t.value FROM conversations c JOIN json_each('["' || replace(c.channel_types, ' ', '","') || '"]') t WHERE t.value <> '';

-- Most conversations have one channel: nothing is to be cut apart then.
CREATE TRIGGER conversation_channels_one AFTER INSERT ON conversations WHEN new.channel_types <> '' AND instr(new.channel_types, ' ') = 0 BEGIN
  INSERT INTO conversation_channels(conversation_id, type) VALUES (new.id, new.channel_types);
END;
CREATE TRIGGER conversation_channels_first AFTER UPDATE OF channel_types ON conversations
WHEN old.channel_types = '' AND new.channel_types <> '' AND instr(new.channel_types, ' ') = 0 BEGIN
  INSERT INTO conversation_channels(conversation_id, type) VALUES (new.id, new.channel_types);
END;
CREATE TRIGGER conversation_channels_several AFTER INSERT ON conversations WHEN instr(new.channel_types, ' ') > 0 BEGIN
  INSERT INTO conversation_channels(conversation_id, type)
    SELECT DISTINCT new.id, t.value FROM json_each('["' || replace(new.channel_types, ' ', '","') || '"]') t WHERE t.value <> '';
END;
CREATE TRIGGER conversation_channels_change AFTER UPDATE OF channel_types ON conversations
WHEN old.channel_types <> new.channel_types AND NOT (old.channel_types = '' AND instr(new.channel_types, ' ') = 0) BEGIN
  DELETE FROM conversation_channels WHERE conversation_id = new.id;
  INSERT INTO conversation_channels(conversation_id, type)
    SELECT DISTINCT new.id, t.value FROM json_each('["' || replace(new.channel_types, ' ', '","') || '"]') t WHERE t.value <> '';
END;
