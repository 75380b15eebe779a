package store

import (
	"onethread/models"
)

// belowAll are a customer's record and all that were merged into it, as a named subquery "below".
const belowAll = "WITH RECURSIVE below(id) AS (SELECT @customer UNION SELECT c.id FROM customers c JOIN below b ON c.merged_into = b.id) "

// contactKinds are those that count as contact between a customer and the shop.
var contactKinds = []models.Kind{models.KindMessage, models.KindCall, models.KindVoicemail, models.KindVisit, models.KindOrder, models.KindReturn}

// RecordOf reads what staff keep about a customer, and when the shop first and last had to do with them.
func RecordOf(q Q, customer models.ID) (models.Record, error) {
	var r models.Record
	var rows []struct {
		TimeZone, Company      string
		CompanyID              models.ID
		BlockedAt, First, Last models.Time
	}
	args := map[string]any{"customer": int64(customer), "kinds": contactKinds}
	err := raw(q.db(), belowAll+`SELECT c.blocked_at,
		coalesce((SELECT x.time_zone FROM customers x WHERE x.id IN (SELECT id FROM below) AND x.time_zone <> '' ORDER BY x.id <> @customer, x.id LIMIT 1), '') AS time_zone,
		(SELECT x.company_id FROM customers x WHERE x.id IN (SELECT id FROM below) AND x.company_id IS NOT NULL ORDER BY x.id <> @customer, x.id LIMIT 1) AS company_id,
		coalesce((SELECT y.name FROM customers x JOIN companies y ON y.id = x.company_id WHERE x.id IN (SELECT id FROM below) ORDER BY x.id <> @customer, x.id LIMIT 1), '') AS company,
		(SELECT occurred_at FROM events WHERE customer_id = @customer AND hidden = 0 AND kind IN @kinds ORDER BY occurred_at, id LIMIT 1) AS first,
		(SELECT occurred_at FROM events WHERE customer_id = @customer AND hidden = 0 AND kind IN @kinds ORDER BY occurred_at DESC, id DESC LIMIT 1) AS last
		FROM customers c WHERE c.id = @customer`, args).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return r, err
	}
	x := rows[0]
	r = models.Record{TimeZone: x.TimeZone, CompanyID: x.CompanyID, Company: x.Company, BlockedAt: x.BlockedAt, FirstContact: x.First, LastContact: x.Last}
	err = raw(q.db(), belowAll+"SELECT DISTINCT l.name FROM customer_labels c JOIN labels l ON l.id = c.label_id WHERE c.customer_id IN (SELECT id FROM below) ORDER BY l.name", args).Scan(&r.Labels).Error
	if err == nil {
		err = raw(q.db(), belowAll+`SELECT f.id AS field_id, f.name, coalesce((SELECT v.value FROM custom_values v WHERE v.field_id = f.id AND v.customer_id IN (SELECT id FROM below)
			ORDER BY v.customer_id <> @customer, v.customer_id LIMIT 1), '') AS value FROM custom_fields f ORDER BY f.name LIMIT 100`, args).Scan(&r.Fields).Error
	}
	if err == nil {
		err = raw(q.db(), belowAll+`SELECT text, '' AS "order" FROM addresses WHERE customer_id IN (SELECT id FROM below)
			UNION ALL SELECT ship_to, number FROM (SELECT ship_to, number FROM orders WHERE customer_id = @customer AND ship_to <> '' GROUP BY ship_to ORDER BY max(placed_at) DESC LIMIT 20)`, args).Scan(&r.Addresses).Error
	}
	return r, err
}

// SetTimeZone, and what follows, write one part of a customer's record.
func SetTimeZone(tx *Tx, customer models.ID, zone string) error {
	return exec(tx.g, "UPDATE customers SET time_zone = ?, updated_at = ? WHERE id = ?", zone, tx.Now(), customer).Error
}

// SetCompany ties a customer to the company of that name, making it where there is none; "" to none. A
// company that nobody belongs to any more is forgotten.
func SetCompany(tx *Tx, customer models.ID, name string) error {
	if name != "" {
		if err := exec(tx.g, "INSERT INTO companies(name, created_at) VALUES (?, ?) ON CONFLICT(name) DO NOTHING", name, tx.Now()).Error; err != nil {
			return err
		}
	}
	err := exec(tx.g, "UPDATE customers SET company_id = (SELECT id FROM companies WHERE name = ?), updated_at = ? WHERE id = ?", name, tx.Now(), customer).Error
	if err != nil {
		return err
	}
	return exec(tx.g, "DELETE FROM companies WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.company_id = companies.id)").Error
}

// SetCustomerLabels replaces a customer's labels, on all their records, by the named ones, creating new ones.
func SetCustomerLabels(tx *Tx, customer models.ID, names []string) error {
	args := map[string]any{"customer": int64(customer)}
	if err := exec(tx.g, belowAll+"DELETE FROM customer_labels WHERE customer_id IN (SELECT id FROM below)", args).Error; err != nil {
		return err
	}
	for _, name := range names {
		if err := addLabel(tx, name); err != nil {
			return err
		}
		if err := exec(tx.g, "INSERT OR IGNORE INTO customer_labels(customer_id, label_id) SELECT ?, id FROM labels WHERE name = ?", customer, name).Error; err != nil {
			return err
		}
	}
	return nil
}

// SetCustomValue writes one of the shop's own fields, on the record that stands; "" empties it on all.
func SetCustomValue(tx *Tx, customer, field models.ID, value string) error {
	if value == "" {
		return exec(tx.g, belowAll+"DELETE FROM custom_values WHERE field_id = @field AND customer_id IN (SELECT id FROM below)", map[string]any{"customer": int64(customer), "field": int64(field)}).Error
	}
	return exec(tx.g, "INSERT INTO custom_values(customer_id, field_id, value) VALUES (?,?,?) ON CONFLICT(customer_id, field_id) DO UPDATE SET value = excluded.value", customer, field, value).Error
}

// SetAddresses replaces the addresses that staff wrote down.
func SetAddresses(tx *Tx, customer models.ID, texts []string) error {
	if err := exec(tx.g, belowAll+"DELETE FROM addresses WHERE customer_id IN (SELECT id FROM below)", map[string]any{"customer": int64(customer)}).Error; err != nil {
		return err
	}
	for _, text := range texts {
		if err := exec(tx.g, "INSERT INTO addresses(customer_id, text, created_at) VALUES (?,?,?)", customer, text, tx.Now()).Error; err != nil {
			return err
		}
	}
	return nil
}

// SetBlocked blocks a customer since a moment; zero lets them in again.
func SetBlocked(tx *Tx, customer models.ID, since models.Time) error {
	return exec(tx.g, "UPDATE customers SET blocked_at = ?, updated_at = ? WHERE id = ?", since, tx.Now(), customer).Error
}

// SetIdentityBlocked blocks one address of a customer.
func SetIdentityBlocked(tx *Tx, identity models.ID, since models.Time) error {
	return exec(tx.g, "UPDATE identities SET blocked_at = ? WHERE id = ?", since, identity).Error
}

// Blocked tells whether staff blocked a customer, or the address that something came from.
func Blocked(q Q, customer, anchor models.ID) (bool, error) {
	n, err := scalar[int](raw(q.db(), `SELECT EXISTS (SELECT 1 FROM customers WHERE id = ? AND blocked_at IS NOT NULL)
		OR EXISTS (SELECT 1 FROM identities WHERE id = ? AND blocked_at IS NOT NULL)`, customer, anchor))
	return n != 0, err
}

// CustomField is a field of the shop's own.
type CustomField struct {
	ID   models.ID
	Name string
	Used int // customers who have a value in it
}

// CustomFields lists the shop's own fields by name.
func CustomFields(q Q) ([]CustomField, error) {
	var out []CustomField
	err := raw(q.db(), "SELECT f.id, f.name, (SELECT count(*) FROM custom_values v WHERE v.field_id = f.id) AS used FROM custom_fields f ORDER BY f.name LIMIT 100").Scan(&out).Error
	return out, err
}

// AddCustomField makes one.
func AddCustomField(tx *Tx, name string) (models.ID, error) {
	return insert(tx, "INSERT INTO custom_fields(name, created_at) VALUES (?, ?) RETURNING id", name, tx.Now())
}

// DropCustomField forgets one with what stands in it. It reports false when there is none.
func DropCustomField(tx *Tx, id models.ID) (bool, error) {
	res := exec(tx.g, "DELETE FROM custom_fields WHERE id = ?", id)
	return res.RowsAffected == 1, res.Error
}

// Colleagues are the living customers of a company, by name.
func Colleagues(q Q, company models.ID) ([]models.Customer, error) {
	var out []models.Customer
	err := raw(q.db(), "SELECT * FROM customers WHERE company_id = ? AND merged_into IS NULL ORDER BY name, id LIMIT 200", company).Scan(&out).Error
	return out, err
}
