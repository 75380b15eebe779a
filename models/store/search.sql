-- Full-text search: run after every migration; every statement may run again. SQLite only.

CREATE VIRTUAL TABLE IF NOT EXISTS messages_fts USING fts5(
  subject, text, files, content='messages', content_rowid='event_id',
  tokenize="unicode61 remove_diacritics 2", prefix='2 3');

-- A new message's search row is written at the end of its transaction (store.indexMessages): FTS5
-- writes out what it holds in memory at every statement that follows, so that a commit of thirty
-- messages would write thirty small indexes and merge them. Until then the message stands here.
CREATE TABLE IF NOT EXISTS messages_unindexed (event_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER IF NOT EXISTS messages_fts_new AFTER INSERT ON messages BEGIN
  INSERT INTO messages_unindexed(event_id) VALUES (new.event_id);
END;
CREATE TRIGGER IF NOT EXISTS messages_fts_out AFTER DELETE ON messages
WHEN NOT EXISTS (SELECT 1 FROM messages_unindexed WHERE event_id = old.event_id) BEGIN
  INSERT INTO messages_fts(messages_fts, rowid, subject, text, files) VALUES ('delete', old.event_id, old.subject, old.text, old.files);
END;
CREATE TRIGGER IF NOT EXISTS messages_fts_gone AFTER DELETE ON messages BEGIN
  DELETE FROM messages_unindexed WHERE event_id = old.event_id;
END;
CREATE TRIGGER IF NOT EXISTS messages_fts_change AFTER UPDATE OF subject, text, files ON messages
WHEN NOT EXISTS (SELECT 1 FROM messages_unindexed WHERE event_id = old.event_id) BEGIN
  INSERT INTO messages_fts(messages_fts, rowid, subject, text, files) VALUES ('delete', old.event_id, old.subject, old.text, old.files);
  INSERT INTO messages_fts(rowid, subject, text, files) VALUES (new.event_id, new.subject, new.text, new.files);
END;

CREATE VIRTUAL TABLE IF NOT EXISTS customers_fts USING fts5(
  words, content='customer_words', content_rowid='customer_id', tokenize='trigram remove_diacritics 1');

CREATE TRIGGER IF NOT EXISTS customers_fts_in AFTER INSERT ON customer_words BEGIN
  INSERT INTO customers_fts(rowid, words) VALUES (new.customer_id, new.words);
END;
CREATE TRIGGER IF NOT EXISTS customers_fts_out AFTER DELETE ON customer_words BEGIN
  INSERT INTO customers_fts(customers_fts, rowid, words) VALUES ('delete', old.customer_id, old.words);
END;
CREATE TRIGGER IF NOT EXISTS customers_fts_change AFTER UPDATE OF words ON customer_words BEGIN
  INSERT INTO customers_fts(customers_fts, rowid, words) VALUES ('delete', old.customer_id, old.words);
  INSERT INTO customers_fts(rowid, words) VALUES (new.customer_id, new.words);
END;

CREATE VIRTUAL TABLE IF NOT EXISTS orders_fts USING fts5(
  words, content='order_words', content_rowid='order_id', tokenize="unicode61 remove_diacritics 2", prefix='2 3');

CREATE TRIGGER IF NOT EXISTS orders_fts_in AFTER INSERT ON order_words BEGIN
  INSERT INTO orders_fts(rowid, words) VALUES (new.order_id, new.words);
END;
CREATE TRIGGER IF NOT EXISTS orders_fts_out AFTER DELETE ON order_words BEGIN
  INSERT INTO orders_fts(orders_fts, rowid, words) VALUES ('delete', old.order_id, old.words);
END;
CREATE TRIGGER IF NOT EXISTS orders_fts_change AFTER UPDATE OF words ON order_words BEGIN
  INSERT INTO orders_fts(orders_fts, rowid, words) VALUES ('delete', old.order_id, old.words);
  INSERT INTO orders_fts(rowid, words) VALUES (new.order_id, new.words);
END;
