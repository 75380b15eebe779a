package store

import (
	"fmt"

	"onethread/models"
)

// Tombstones tell what an erasure took away, as keyed hashes (Vault.MAC): they keep it from coming back
// with a backfill, a repeated webhook or an old mail, and cannot be read.
const (
	tombReceipt  = "receipt"   // an inbound event by its duplicate key
	tombMessage  = "message"   // a message by its Message-ID or its provider's id
	tombAddress  = "address"   // an address; what was sent from it before is kept out
	tombOptedOut = "opted_out" // an address that wants no messages of a channel, whoever it belongs to later
)

// traces are hashes by what they stand for.
type traces map[string]map[string]models.ID

func (t traces) add(kind string, mac []byte, channel models.ID) {
	if t[kind] == nil {
		t[kind] = map[string]models.ID{}
	}
	t[kind][string(mac)] = channel
}

// ReceiptMAC is the trace of an inbound event by its duplicate key. place is the channel's id, or its
// type for what says the same on every channel of that type.
func (v *Vault) ReceiptMAC(place, externalID string) []byte {
	return v.MAC("erased receipt", []byte(place+"\x00"+externalID))
}

// MessageMAC is the trace of a message by its Message-ID, or by its provider's id.
func (v *Vault) MessageMAC(id string) []byte { return v.MAC("erased message", []byte(id)) }

// AddressMAC is the trace of a normalised address.
func (v *Vault) AddressMAC(kind models.IdentityKind, scope, value string) []byte {
	return v.MAC("erased address", []byte(string(kind)+"\x00"+scope+"\x00"+value))
}

// AnyErased tells whether anything was ever erased: where nothing was, nothing has to be kept out.
func AnyErased(q Q) (bool, error) {
	return scalar[bool](raw(q.db(), "SELECT EXISTS (SELECT 1 FROM tombstones)"))
}

// ErasedAmong tells which of the traces were erased, and when last.
func ErasedAmong(q Q, macs [][]byte) (map[string]models.Time, error) {
	var rows []struct {
		MAC []byte `gorm:"column:mac"`
		At  models.Time
	}
	out := map[string]models.Time{}
	if len(macs) == 0 {
		return out, nil
	}
	err := raw(q.db(), "SELECT mac, max(at) AS at FROM tombstones WHERE mac IN ? AND kind <> 'opted_out' GROUP BY mac", macs).Scan(&rows).Error
	for _, r := range rows {
		out[string(r.MAC)] = r.At
	}
	return out, err
}

func bury(tx *Tx, all traces) error {
	for kind, macs := range all {
		for mac, channel := range macs {
			err := exec(tx.g, "INSERT INTO tombstones(kind, mac, channel_id, at) VALUES (?,?,?,?) ON CONFLICT(mac, kind, channel_id) DO UPDATE SET at = excluded.at",
				kind, []byte(mac), int64(channel), tx.Now()).Error
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tracesOf collects what must not come back of what stands in "erasing" and of the customers.
func tracesOf(tx *Tx, ids, receipts []models.ID) (traces, error) {
	out := traces{}
	var came []struct {
		ChannelID        models.ID
		Type, ExternalID string
		Mail             bool
	}
	err := raw(tx.g, `SELECT r.channel_id, c.type, r.external_id, coalesce(b.type = 'message/rfc822', 0) AS mail FROM receipts r JOIN channels c ON c.id = r.channel_id LEFT JOIN raws b ON b.receipt_id = r.id
		WHERE r.event_id IN (SELECT event_id FROM erasing) OR r.customer_id IN ? OR r.id IN ?`, ids, some(receipts)).Scan(&came).Error
	if err != nil {
		return nil, err
	}
	v := tx.store.Vault
	for _, r := range came {
		out.add(tombReceipt, v.ReceiptMAC(r.ChannelID.String(), r.ExternalID), 0)
		if r.Mail {
			out.add(tombReceipt, v.ReceiptMAC(r.Type, r.ExternalID), 0)
		}
	}
	var named []string
	err = raw(tx.g, `SELECT message_id FROM messages WHERE event_id IN (SELECT event_id FROM erasing) AND message_id <> ''
		UNION SELECT provider_id FROM messages WHERE event_id IN (SELECT event_id FROM erasing) AND provider_id <> ''`).Scan(&named).Error
	for _, id := range named {
		out.add(tombMessage, v.MessageMAC(id), 0)
	}
	if err != nil {
		return nil, err
	}
	return out, addressTraces(tx, out, ids)
}

// addressTraces adds the customers' own addresses, but for those that others have as well, and who wants
// no messages.
func addressTraces(tx *Tx, out traces, ids []models.ID) error {
	var own []models.Identity
	err := raw(tx.g, `SELECT * FROM identities i WHERE customer_id IN @ids AND evidence <> 'typed'
		AND NOT EXISTS (SELECT 1 FROM identities o WHERE o.kind = i.kind AND o.scope = i.scope AND o.value = i.value AND o.customer_id NOT IN @ids AND o.evidence <> 'typed')`,
		map[string]any{"ids": ids}).Scan(&own).Error
	if err != nil {
		return err
	}
	for _, i := range own {
		out.add(tombAddress, tx.store.Vault.AddressMAC(i.Kind, i.Scope, i.Value), 0)
	}
	var refused []struct {
		models.Identity
		Refused models.ID
	}
	err = raw(tx.g, `SELECT i.*, c.channel_id AS refused FROM consents c JOIN identities i ON i.id = c.identity_id WHERE i.customer_id IN ? AND c.state = 'opted_out'
		AND NOT EXISTS (SELECT 1 FROM consents n WHERE n.identity_id = c.identity_id AND n.channel_id = c.channel_id AND n.id > c.id)`, ids).Scan(&refused).Error
	for _, r := range refused {
		mac := tx.store.Vault.MAC(fmt.Sprintf("opted out of %d", r.Refused), []byte(string(r.Kind)+"\x00"+r.Scope+"\x00"+r.Value))
		if err := bury(tx, traces{tombOptedOut: {string(mac): r.Refused}}); err != nil {
			return err
		}
	}
	return err
}

// recallOptOuts writes into the ledger of a new identity what was left of one that was erased at the same
// address: it still wants no messages.
func recallOptOuts(tx *Tx, id models.ID, i models.Identity) error {
	var channels []models.ID
	if err := raw(tx.g, "SELECT DISTINCT channel_id FROM tombstones WHERE kind = 'opted_out'").Scan(&channels).Error; err != nil {
		return err
	}
	for _, c := range channels {
		mac := tx.store.Vault.MAC(fmt.Sprintf("opted out of %d", c), []byte(string(i.Kind)+"\x00"+i.Scope+"\x00"+i.Value))
		left, err := scalar[models.Time](raw(tx.g, "SELECT at FROM tombstones WHERE mac = ? AND kind = 'opted_out' AND channel_id = ?", mac, int64(c)))
		if err == nil && left != 0 {
			err = AddConsent(tx, Consent{IdentityID: id, ChannelID: c, State: models.OptedOutState, Source: "before an erasure"}, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// some makes a list fit for IN: an empty one is no SQL.
func some(ids []models.ID) []models.ID { return append([]models.ID{-1}, ids...) }
