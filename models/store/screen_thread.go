package store

import (
	"encoding/json"

	"onethread/models"
)

// About is everything the screen shows around a customer's thread, for one reader.
type About struct {
	Customer     models.Customer
	ReadMark     models.ID
	Conversation models.Conversation // the one asked for, else the current one, else the latest; zero ID when there is none
	Open         []OpenConversation  // all that are open or snoozed, newest first
	Assignee     string
	Labels       []models.Label // all of the shop's
	On           []models.Label // those on the conversation
	Staff        []models.User  // who can be assigned: ID and Name only
	Drafts       []Draft        // the reader's own
	Identities   []models.Identity
	Spend        []Spend
	Orders       []OrderGlance // newest first
	Suggestions  []Pairing
	Merges       []Merged
	Buyers       []Buyer           // names on orders, by the address that they came under
	Gone         []models.ID       // identities that staff removed
	Away         []models.ID       // the newest event about each address that was moved
	Splits       []models.ID       // split events that can be taken back
	Records      []models.Customer // merged ones with notes or a language of their own, which stay theirs
	Kept         RecordGlance      // of the record, what the panel tells
	Steps        []models.Event    // what the journey ribbon is made of, oldest first
}

// OrderGlance is an order as the panel shows it.
type OrderGlance struct {
	Number   string    `json:"number"`
	Status   string    `json:"status"`
	Currency string    `json:"currency"`
	Total    int64     `json:"total"`
	Items    string    `json:"items"`
	Placed   int64     `json:"placed"` // milliseconds
	EventID  models.ID `json:"event_id"`
	URL      string    `json:"url"`
}

// OpenConversation is one of several that a customer has open or snoozed.
type OpenConversation struct {
	ID       models.ID `json:"id"`
	Subject  string    `json:"subject"`
	Status   string    `json:"status"`
	Assignee string    `json:"assignee"`
	Channels string    `json:"channels"` // the types of channel seen in it, separated by spaces
}

// RecordGlance is what the panel tells of a customer's record.
type RecordGlance struct {
	TimeZone string   `json:"zone"`
	Company  string   `json:"company"`
	Blocked  int      `json:"blocked"`
	Labels   []string `json:"-"`
}

// Pairing is an open suggestion seen from one of its two customers.
type Pairing struct {
	ID     models.ID `json:"id"`
	Other  models.ID `json:"other"`
	Name   string    `json:"name"`
	Value  string    `json:"value"`
	Reason string    `json:"reason"`
}

// Buyer is a name that orders under an address carry.
type Buyer struct {
	ID   models.ID // of the identity
	Name string
}

// Merged is a merge that still stands, into this customer or into a record that was merged with them.
type Merged struct {
	ID     models.ID `json:"id"`
	Name   string    `json:"name"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     int64     `json:"at"` // milliseconds
}

// aboutParts reads many small things in one round trip: each row is one part as JSON.
// (json_object is SQLite's name of it; PostgreSQL calls it json_build_object.)
var aboutParts = `WITH RECURSIVE below(id) AS (SELECT @customer UNION SELECT c.id FROM customers c JOIN below b ON c.merged_into = b.id)
SELECT 'customer' AS part, json_object('ID', id, 'Name', name, 'Language', language, 'Notes', notes, 'MergedInto', coalesce(merged_into, 0)) AS data FROM customers WHERE id = @customer AND erased_at IS NULL
UNION ALL SELECT 'since', json(created_at) FROM customers WHERE id = @customer
UNION ALL SELECT 'read', json(event_id) FROM reads WHERE user_id = @viewer AND customer_id = @customer
UNION ALL SELECT 'conversation', json_object('id', c.id, 'status', c.status, 'assignee', coalesce(c.assignee_id, 0), 'name', coalesce(u.name, ''), 'subject', c.subject,
	'spam', c.spam, 'snoozed', coalesce(c.snoozed_until, 0), 'for', c.snoozed_for, 'last', coalesce(c.last_event_id, 0), 'waiting', coalesce(c.waiting_since, 0)) FROM (SELECT * FROM conversations WHERE customer_id = @customer
	ORDER BY id = @conversation DESC, status = 'closed', last_at DESC, id DESC LIMIT 1) c LEFT JOIN users u ON u.id = c.assignee_id
UNION ALL SELECT 'label', json_object('ID', l.id, 'Name', l.name, 'Hue', l.hue) FROM (SELECT * FROM labels ORDER BY name LIMIT 200) l
UNION ALL SELECT 'on', json_object('ID', l.id, 'Name', l.name, 'Hue', l.hue) FROM conversation_labels cl JOIN labels l ON l.id = cl.label_id
	WHERE cl.conversation_id = (SELECT id FROM conversations WHERE customer_id = @customer ORDER BY id = @conversation DESC, status = 'closed', last_at DESC, id DESC LIMIT 1)
UNION ALL SELECT 'open', json_object('id', c.id, 'subject', c.subject, 'status', c.status, 'assignee', coalesce(u.name, ''), 'channels', c.channel_types) FROM (SELECT * FROM conversations
	WHERE customer_id = @customer AND status IN ('open','snoozed') ORDER BY last_at DESC, id DESC LIMIT 20) c LEFT JOIN users u ON u.id = c.assignee_id
UNION ALL SELECT 'user', json_object('ID', id, 'Name', name) FROM (SELECT * FROM users WHERE disabled_at IS NULL AND role IN ('owner','admin','agent') ORDER BY name LIMIT 200)
UNION ALL SELECT 'draft', json_object('Kind', kind, 'Subject', subject, 'CC', cc, 'BCC', bcc, 'Text', text, 'Way', way, 'ClientID', client_id, 'Files',
	json((SELECT json_group_array(json_object('id', a.id, 'name', a.name, 'type', a.type, 'size', a.size, 'token', a.token, 'inline', json(CASE WHEN json_extract(f.value, '$.inline') THEN 'true' ELSE 'false' END)))
		FROM json_each(files) f JOIN attachments a ON a.id = json_extract(f.value, '$.id') AND a.event_id IS NULL))) FROM (SELECT * FROM drafts WHERE user_id = @viewer AND customer_id = @customer ORDER BY home_id = 0, updated_at) -- the last one is shown
UNION ALL SELECT 'identity', json_object('ID', id, 'Kind', kind, 'Scope', scope, 'Value', value, 'Display', display, 'Evidence', evidence, 'Reason', reason, 'Shared', json(CASE shared WHEN 1 THEN 'true' ELSE 'false' END))
	FROM (SELECT * FROM identities WHERE customer_id = @customer AND retired_at IS NULL ORDER BY id LIMIT 100)
UNION ALL SELECT 'buyer', json_object('ID', anchor_identity_id, 'Name', buyer) FROM (SELECT DISTINCT o.anchor_identity_id, o.buyer FROM orders o JOIN identities i ON i.id = o.anchor_identity_id
	AND i.shared = 0 AND i.single_at IS NULL AND i.retired_at IS NULL WHERE o.customer_id = @customer AND o.buyer <> '' LIMIT 30)
UNION ALL SELECT 'gone', json(id) FROM (SELECT id FROM identities WHERE customer_id = @customer AND retired_at IS NOT NULL ORDER BY id DESC LIMIT 50)
UNION ALL SELECT 'away', json(max(id)) FROM events WHERE customer_id = @customer AND kind = 'contact' AND user_id IS NOT NULL AND json_extract(data, '$.action') IN ('moved','moved_back') GROUP BY json_extract(data, '$.identity_id')
UNION ALL SELECT 'kept', json_object('blocked', c.blocked_at IS NOT NULL,
	'zone', coalesce((SELECT x.time_zone FROM customers x WHERE x.id IN (SELECT id FROM below) AND x.time_zone <> '' ORDER BY x.id <> @customer, x.id LIMIT 1), ''),
	'company', coalesce((SELECT y.name FROM customers x JOIN companies y ON y.id = x.company_id WHERE x.id IN (SELECT id FROM below) ORDER BY x.id <> @customer, x.id LIMIT 1), ''))
	FROM customers c WHERE c.id = @customer
UNION ALL SELECT 'mark', json_quote(l.name) FROM (SELECT DISTINCT label_id FROM customer_labels WHERE customer_id IN (SELECT id FROM below)) k JOIN labels l ON l.id = k.label_id
UNION ALL SELECT 'spend', json_object('Currency', currency, 'Orders', count(*), 'Net', sum(CASE WHEN status IN ('pending','cancelled','failed','authorized') THEN 0 ELSE total - refunded END))
	FROM orders WHERE customer_id = @customer GROUP BY currency
UNION ALL SELECT 'order', json_object('number', o.number, 'status', o.status, 'currency', o.currency, 'total', o.total, 'placed', o.placed_at, 'event_id', coalesce(o.event_id, 0), 'url', o.url,
	'items', coalesce((SELECT group_concat(CASE WHEN l.quantity > 1 THEN l.quantity || ' × ' ELSE '' END || l.title, ', ') FROM order_lines l WHERE l.order_id = o.id), ''))
	FROM (SELECT * FROM orders WHERE customer_id = @customer ORDER BY placed_at DESC, id DESC LIMIT @orders) o
UNION ALL SELECT 'suggestion', json_object('id', s.id, 'other', o.id, 'value', s.value, 'reason', s.reason,
	'name', CASE WHEN o.name <> '' THEN o.name ELSE coalesce((SELECT i.display FROM identities i WHERE i.customer_id = o.id AND i.kind IN ('email','phone') AND i.retired_at IS NULL LIMIT 1), '') END)
	FROM (SELECT id, value, reason, max(CASE WHEN customer_id IN (SELECT id FROM below) THEN other_id ELSE customer_id END) AS other FROM suggestions
		WHERE state = 'open' AND (customer_id IN (SELECT id FROM below) OR other_id IN (SELECT id FROM below)) GROUP BY id) s
	JOIN customers o ON o.id = ` + standing("s.other") + ` WHERE o.id <> @customer
UNION ALL SELECT 'merge', json_object('id', m.id, 'name', c.name, 'reason', m.reason, 'by', coalesce(u.name, ''), 'at', m.created_at)
	FROM merges m JOIN customers c ON c.id = m.from_id LEFT JOIN users u ON u.id = m.user_id WHERE m.into_id IN (SELECT id FROM below) AND m.undone_at IS NULL
UNION ALL SELECT 'record', json_object('ID', id, 'Name', name, 'Language', language, 'Notes', notes) FROM customers
	WHERE id IN (SELECT id FROM below) AND id <> @customer AND (notes <> '' OR language <> '')
UNION ALL SELECT 'split', json(e.id) FROM (SELECT id, ref_id, data FROM events WHERE customer_id = @customer AND kind = 'split' ORDER BY id DESC LIMIT 50) e
	WHERE json_extract(e.data, '$.action') = 'moved' AND NOT EXISTS (SELECT 1 FROM events b WHERE b.ref_id = coalesce(e.ref_id, e.id) AND b.kind = 'split' AND json_extract(b.data, '$.action') = 'back')
UNION ALL SELECT 'step', json_object('ID', e.id, 'Kind', e.kind, 'Data', e.data, 'at', e.occurred_at) FROM (SELECT * FROM events WHERE customer_id = @customer AND hidden = 0
	AND kind IN ('order','refund','return','visit','cart','product_saved','product_unsaved') ORDER BY occurred_at DESC, id DESC LIMIT 30) e`

// AboutCustomer reads what stands around a thread in one statement. A merged customer answers
// with MergedInto set and little else; orders limits how many of the newest are read. conversation is the
// one of theirs to show; zero = the current one.
func AboutCustomer(q Q, customer, viewer, conversation models.ID, orders int) (About, error) {
	var rows []struct{ Part, Data string }
	err := raw(q.db(), aboutParts, map[string]any{"customer": int64(customer), "viewer": int64(viewer), "conversation": int64(conversation), "orders": orders}).Scan(&rows).Error
	if err != nil {
		return About{}, err
	}
	var a About
	for _, r := range rows {
		if err := a.take(r.Part, []byte(r.Data)); err != nil {
			return a, err
		}
	}
	if a.Customer.ID == 0 {
		_, err := Customer(q, customer)
		return a, err
	}
	a.Identities = onceEach(a.Identities)
	for i, j := 0, len(a.Steps)-1; i < j; i, j = i+1, j-1 {
		a.Steps[i], a.Steps[j] = a.Steps[j], a.Steps[i]
	}
	return a, nil
}

func (a *About) take(part string, data []byte) error {
	switch part {
	case "customer":
		return json.Unmarshal(data, &a.Customer)
	case "since":
		return number(data, &a.Customer.CreatedAt)
	case "read":
		return json.Unmarshal(data, &a.ReadMark)
	case "conversation":
		return a.conversation(data)
	case "kept":
		return json.Unmarshal(data, &a.Kept)
	case "mark":
		return add(&a.Kept.Labels, data)
	case "open":
		return add(&a.Open, data)
	case "label":
		return add(&a.Labels, data)
	case "on":
		return add(&a.On, data)
	case "user":
		return add(&a.Staff, data)
	case "draft":
		return add(&a.Drafts, data)
	case "identity":
		return add(&a.Identities, data)
	case "spend":
		return add(&a.Spend, data)
	case "order":
		return add(&a.Orders, data)
	case "suggestion":
		return add(&a.Suggestions, data)
	case "merge":
		return add(&a.Merges, data)
	case "buyer":
		return add(&a.Buyers, data)
	case "gone":
		return add(&a.Gone, data)
	case "away":
		return add(&a.Away, data)
	case "split":
		return add(&a.Splits, data)
	case "record":
		return add(&a.Records, data)
	}
	return a.step(data)
}

func add[T any](list *[]T, data []byte) error {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

// number reads milliseconds: a Time's own JSON form is RFC 3339.
func number(data []byte, t *models.Time) error {
	var n int64
	err := json.Unmarshal(data, &n)
	*t = models.Time(n)
	return err
}

func (a *About) conversation(data []byte) error {
	var c struct {
		ID, Assignee, Last         models.ID
		Status, Name, Subject, For string
		Snoozed, Waiting           int64
		Spam                       int
	}
	err := json.Unmarshal(data, &c)
	a.Conversation = models.Conversation{ID: c.ID, CustomerID: a.Customer.ID, Status: c.Status, AssigneeID: c.Assignee, Subject: c.Subject,
		SnoozedUntil: models.Time(c.Snoozed), SnoozedFor: c.For, LastEventID: c.Last, WaitingSince: models.Time(c.Waiting), Spam: c.Spam == 1}
	a.Assignee = c.Name
	return err
}

func (a *About) step(data []byte) error {
	var s struct {
		models.Event
		At int64 `json:"at"`
	}
	err := json.Unmarshal(data, &s)
	s.Event.OccurredAt = models.Time(s.At)
	a.Steps = append(a.Steps, s.Event)
	return err
}
