-- What staff keep about a customer. Labels, fields and addresses stay with the record they were put on,
-- also after a merge, and are read through all records below the one that stands: an un-merge has
-- nothing to part.

CREATE TABLE companies (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
  created_at INTEGER NOT NULL
) STRICT;

ALTER TABLE customers ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';   -- IANA name
ALTER TABLE customers ADD COLUMN company_id INTEGER REFERENCES companies(id) ON DELETE SET NULL;
ALTER TABLE customers ADD COLUMN blocked_at INTEGER;                   -- their messages are taken for spam since
CREATE INDEX customers_company ON customers(company_id) WHERE company_id IS NOT NULL;
ALTER TABLE identities ADD COLUMN blocked_at INTEGER;

CREATE TABLE customer_labels (
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  label_id    INTEGER NOT NULL REFERENCES labels(id) ON DELETE CASCADE,
  PRIMARY KEY (customer_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_labels_label ON customer_labels(label_id, customer_id);

CREATE TABLE custom_fields (                      -- what this shop wants to know of its customers
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE custom_values (
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  field_id    INTEGER NOT NULL REFERENCES custom_fields(id) ON DELETE CASCADE,
  value       TEXT NOT NULL,
  PRIMARY KEY (customer_id, field_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX custom_values_field ON custom_values(field_id);

CREATE TABLE addresses (                          -- that staff wrote down; those of orders stand with the orders
  id          INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE,
  text        TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX addresses_customer ON addresses(customer_id);

ALTER TABLE consents ADD COLUMN purpose TEXT NOT NULL DEFAULT 'service' CHECK (purpose IN ('service','marketing'));
ALTER TABLE consents ADD COLUMN proof TEXT NOT NULL DEFAULT '';        -- where it can be seen: a form, a receipt, a call
ALTER TABLE consents ADD COLUMN user_id INTEGER REFERENCES users(id) ON DELETE SET NULL;
CREATE INDEX consents_user ON consents(user_id) WHERE user_id IS NOT NULL;
DROP TRIGGER consents_immutable;
CREATE TRIGGER consents_immutable BEFORE UPDATE OF identity_id, channel_id, state, source, created_at, purpose, proof, user_id ON consents
BEGIN SELECT RAISE(ABORT, 'consents are immutable'); END;
