package store

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"

	"onethread/models"
)

// ClaimReceipt claims the duplicate key (channel, external id). When another copy claimed it
// before, seen is true and event is that copy's event (zero if it led to
// none), and receipt that copy's receipt.
func ClaimReceipt(tx *Tx, channel models.ID, externalID string) (receipt, event models.ID, seen bool, err error) {
	var ids []models.ID
	err = raw(tx.g, "INSERT INTO receipts(channel_id, external_id, received_at) VALUES (?,?,?) ON CONFLICT(channel_id, external_id) DO NOTHING RETURNING id",
		channel, externalID, tx.Now()).Scan(&ids).Error
	if err != nil || len(ids) == 1 {
		if len(ids) == 1 {
			receipt = ids[0]
		}
		return receipt, 0, false, err
	}
	var first struct{ ID, EventID models.ID }
	err = raw(tx.g, "SELECT id, event_id FROM receipts WHERE channel_id = ? AND external_id = ?", channel, externalID).Take(&first).Error
	return first.ID, first.EventID, true, err
}

// SettleReceipt says which event a receipt led to.
func SettleReceipt(tx *Tx, receipt, event models.ID) error {
	return exec(tx.g, "UPDATE receipts SET event_id = ? WHERE id = ?", event, receipt).Error
}

// HasReceipt tells whether a duplicate key was claimed.
func HasReceipt(q Q, channel models.ID, externalID string) (bool, error) {
	id, err := firstID(q, "SELECT id FROM receipts WHERE channel_id = ? AND external_id = ?", channel, externalID)
	return id != 0, err
}

// OwnReceipt says whose record a receipt told of that led to no event.
func OwnReceipt(tx *Tx, receipt, customer models.ID) error {
	return exec(tx.g, "UPDATE receipts SET customer_id = ? WHERE id = ? AND event_id IS NULL", customer, receipt).Error
}

// Raw is an inbound event as it came, ready to be stored: pack it before the transaction.
type Raw struct {
	Type     string
	encoding string
	body     []byte
}

// largeRaw is where raw bodies (bytes) become files of their own instead of rows.
const largeRaw = 256 << 10

// packers are kept: a new one takes half a megabyte, which was a fifth of an arriving mail's cost.
var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic(err) // only a level that does not exist
	}
	return w
}}

// PackRaw compresses a raw body, or puts a large one among the files (fsynced), before the
// transaction that refers to it.
func (s *Store) PackRaw(mediaType string, body []byte) (*Raw, error) {
	if body == nil {
		return nil, nil
	}
	if len(body) > largeRaw {
		sum, _, err := s.Files.Put(bytes.NewReader(body))
		return &Raw{Type: mediaType, encoding: "file", body: []byte(sum)}, err
	}
	var b bytes.Buffer
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(&b)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &Raw{Type: mediaType, encoding: "deflate", body: b.Bytes()}, nil
}

// File is the hash of the content where it lies in a file of its own; empty where it does not.
func (r *Raw) File() string {
	if r == nil || r.encoding != "file" {
		return ""
	}
	return string(r.body)
}

// AddRaw keeps a packed raw body with its receipt; nil keeps nothing.
func AddRaw(tx *Tx, receipt models.ID, raw *Raw) error {
	if raw == nil {
		return nil
	}
	if err := tx.Holds(raw.File()); err != nil {
		return err
	}
	return exec(tx.g, "INSERT INTO raws(receipt_id, type, encoding, body) VALUES (?,?,?,?)", receipt, raw.Type, raw.encoding, raw.body).Error
}

// RawOf opens what an event was made from, as it came. The caller closes it.
func (s *Store) RawOf(q Q, event models.ID) (mediaType string, body io.ReadCloser, err error) {
	var row struct {
		Type, Encoding string
		Body           []byte
	}
	err = raw(q.db(), "SELECT b.type, b.encoding, b.body FROM receipts r JOIN raws b ON b.receipt_id = r.id WHERE r.event_id = ? ORDER BY r.id LIMIT 1", event).Take(&row).Error
	if err != nil {
		return "", nil, notFound(err, "original")
	}
	body, err = s.unpack(row.Encoding, row.Body)
	return row.Type, body, err
}

func (s *Store) unpack(encoding string, body []byte) (io.ReadCloser, error) {
	if encoding == "file" {
		return s.Files.Open(string(body))
	}
	return flate.NewReader(bytes.NewReader(body)), nil
}

// KeptReceipt is an inbound event that is kept as it came, and what it led to.
type KeptReceipt struct {
	ID         models.ID
	ChannelID  models.ID
	EventID    models.ID
	ReceivedAt models.Time
	Kind       models.Kind // of the event
	Direction  models.Direction
	Redacted   bool
}

// KeptReceipts lists inbound events of a media type that are kept and led to a message, or to nothing
// readable, after the given receipt, in the order they came. Of several copies of one event only the first is listed.
func KeptReceipts(q Q, mediaType string, channel, after models.ID, limit int) ([]KeptReceipt, error) {
	var out []KeptReceipt
	err := raw(q.db(), `SELECT r.id, r.channel_id, r.event_id, r.received_at, e.kind, e.direction, m.redacted_at IS NOT NULL AS redacted
		FROM receipts r JOIN raws b ON b.receipt_id = r.id JOIN events e ON e.id = r.event_id LEFT JOIN messages m ON m.event_id = e.id
		WHERE r.id > @after AND b.type = @type AND e.kind IN ('message','unreadable') AND (@channel = 0 OR r.channel_id = @channel)
		AND NOT EXISTS (SELECT 1 FROM receipts o WHERE o.event_id = r.event_id AND o.id < r.id) ORDER BY r.id LIMIT @limit`,
		map[string]any{"after": int64(after), "type": mediaType, "channel": int64(channel), "limit": limit}).Scan(&out).Error
	return out, err
}

// Cursor reads a receiver's place; empty at first.
func Cursor(q Q, channel models.ID, name string) (string, error) {
	var v []string
	err := raw(q.db(), "SELECT value FROM cursors WHERE channel_id = ? AND name = ?", channel, name).Scan(&v).Error
	if err != nil || len(v) == 0 {
		return "", err
	}
	return v[0], nil
}

// SetCursor moves a receiver's place, in the transaction of the event before it.
func SetCursor(tx *Tx, channel models.ID, c *models.Cursor) error {
	if c == nil {
		return nil
	}
	return exec(tx.g, "INSERT INTO cursors(channel_id, name, value) VALUES (?,?,?) ON CONFLICT(channel_id, name) DO UPDATE SET value = excluded.value",
		channel, c.Name, c.Value).Error
}
