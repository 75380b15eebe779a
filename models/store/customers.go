package store

import (
	"onethread/models"
)

// AddCustomer creates a customer and its search row.
func AddCustomer(tx *Tx, name, nameSource, language string) (models.ID, error) {
	now := tx.Now()
	if name == "" {
		nameSource = ""
	}
	id, err := insert(tx, `INSERT INTO customers(name, name_source, language, created_at, updated_at) VALUES (?,?,?,?,?) RETURNING id`,
		name, nameSource, language, now, now)
	if err != nil {
		return 0, err
	}
	IndexCustomer(tx, id)
	return id, nil
}

// Customer finds a customer by id; a merged one too (see Living). One who was erased is NotFound, and
// the error says since when.
func Customer(q Q, id models.ID) (models.Customer, error) {
	var c models.Customer
	err := raw(q.db(), "SELECT * FROM customers WHERE id = ?", id).Take(&c).Error
	if err == nil && c.ErasedAt != 0 {
		return models.Customer{}, models.Errorf(models.NotFound, "This customer was erased on %s. Nothing of theirs is kept.", c.ErasedAt.Std().Format("2 January 2006"))
	}
	return c, notFound(err, "customer")
}

// Living follows merges from id to the customer that stands today.
func Living(q Q, id models.ID) (models.Customer, error) {
	for range 100 {
		c, err := Customer(q, id)
		if err != nil || c.MergedInto == 0 {
			return c, err
		}
		id = c.MergedInto
	}
	return models.Customer{}, models.Errorf(models.Internal, "Customer %d is merged in a circle. Run: onethread doctor", id)
}

// NameCustomer sets a name. source "staff" always wins, then the shop's own "list", then a "store"; any
// other only fills an empty name. A list may correct itself. A name that came by a merge weighs what it
// weighed on the record that brought it.
func NameCustomer(tx *Tx, id models.ID, name, source string) error {
	res := exec(tx.g, `UPDATE customers SET name = @name, name_source = @source, updated_at = @now WHERE id = @from AND name <> @name
		AND (@source = 'staff' OR name = '' OR CASE CASE name_source WHEN 'merge' THEN coalesce((`+nameBelow("name_source")+`), '') ELSE name_source END
			WHEN 'staff' THEN 0
			WHEN 'list' THEN @source = 'list'
			WHEN 'store' THEN @source = 'list'
			ELSE @source IN ('list', 'store') END)`,
		map[string]any{"name": name, "source": source, "now": tx.Now(), "from": int64(id)})
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	IndexCustomer(tx, id)
	return nil
}

// Learn keeps a customer's language (BCP 47) and time zone (IANA name) where none is known: what staff or an
// earlier contact said stays. Empty is not told.
func Learn(tx *Tx, id models.ID, language, zone string) error {
	return exec(tx.g, `UPDATE customers SET language = iif(language = '', @language, language), time_zone = iif(time_zone = '', @zone, time_zone), updated_at = @now
		WHERE id = @id AND (language = '' AND @language <> '' OR time_zone = '' AND @zone <> '')`,
		map[string]any{"language": language, "zone": zone, "now": tx.Now(), "id": int64(id)}).Error
}

// UpdateCustomer writes the fields that staff edit.
func UpdateCustomer(tx *Tx, c models.Customer) error {
	err := exec(tx.g, `UPDATE customers SET name = ?, name_source = ?, language = ?, notes = ?, updated_at = ? WHERE id = ?`,
		c.Name, c.NameSource, c.Language, c.Notes, tx.Now(), c.ID).Error
	if err != nil {
		return err
	}
	IndexCustomer(tx, c.ID)
	return nil
}

// SetMergedInto marks a customer as merged (into ≠ 0) or standing alone again (into = 0).
func SetMergedInto(tx *Tx, id, into models.ID) error {
	if err := exec(tx.g, "UPDATE customers SET merged_into = ?, updated_at = ? WHERE id = ?", into, tx.Now(), id).Error; err != nil {
		return err
	}
	IndexCustomer(tx, id)
	return nil
}

// listCustomers leaves out browsers that only looked around: no name, no address but that of a chat,
// nothing said by either side. The inner conditions go by indexes.
const listCustomers = `SELECT * FROM customers c WHERE merged_into IS NULL AND erased_at IS NULL AND (updated_at, id) < (?, ?)
	AND (name <> '' OR EXISTS (SELECT 1 FROM identities i WHERE i.customer_id = c.id AND i.kind <> 'chat')
		OR EXISTS (SELECT 1 FROM conversations v WHERE v.customer_id = c.id)
		OR EXISTS (SELECT 1 FROM events e WHERE e.customer_id = c.id AND e.direction = 'in' AND e.silent = 0 AND e.kind IN ('message','call','voicemail'))
		OR NOT EXISTS (SELECT 1 FROM identities i WHERE i.customer_id = c.id))
	ORDER BY updated_at DESC, id DESC LIMIT ?`

// Customers lists customers, latest change first, older than the given place (zero = from the top).
// A nameless browser that only looked at pages, products and carts is kept with its thread, but is
// listed only once it says something or leaves a name or an address; search, which knows names and
// addresses, does not find it before either.
func Customers(q Q, before models.Time, beforeID models.ID, limit int) ([]models.Customer, error) {
	if before == 0 {
		before, beforeID = 1<<62, 1<<62
	}
	var out []models.Customer
	err := raw(q.db(), listCustomers, before, beforeID, limit).Scan(&out).Error
	return out, err
}

// CustomersAfter lists all customers by id, after the given one.
func CustomersAfter(q Q, after models.ID, limit int) ([]models.Customer, error) {
	var out []models.Customer
	err := raw(q.db(), `SELECT * FROM customers c WHERE id > ? AND merged_into IS NULL AND erased_at IS NULL
		AND (name <> '' OR notes <> '' OR EXISTS (SELECT 1 FROM identities i WHERE i.customer_id = c.id AND i.kind <> 'chat')) ORDER BY id LIMIT ?`, int64(after), limit).Scan(&out).Error
	return out, err
}

// CustomersByID finds the customers with the given ids, in no order.
func CustomersByID(q Q, ids []models.ID) ([]models.Customer, error) {
	var out []models.Customer
	err := raw(q.db(), "SELECT * FROM customers WHERE id IN ? AND erased_at IS NULL", ids).Scan(&out).Error
	return out, err
}

// insert runs an INSERT … RETURNING id.
func insert(tx *Tx, sql string, args ...any) (models.ID, error) {
	return scalar[models.ID](raw(tx.g, sql, args...))
}
