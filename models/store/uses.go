package store

import (
	"encoding/json"

	"onethread/models"
)

// Use is how an address was last used over a channel.
type Use struct {
	At      models.Time // when it was last written from
	CC      string      // who else was on the newest message from it
	Trouble string      // the state of the newest message to it that failed or came back, if nothing lifted that since
	Soft    bool        // the trouble may have passed by itself
	Error   string      // why
}

// lastUse reads the newest 200 messages. The trouble of an address is its newest failure, unless it wrote
// to us since (a machine's report about it is not that, nor what somebody in copy wrote), or a later
// message arrived there; where the provider had refused one, a later one that it took is enough.
const lastUse = `WITH used AS (SELECT channel_id, anchor_identity_id AS identity_id, max(CASE WHEN direction = 'in' THEN occurred_at ELSE 0 END) AS at
	FROM (SELECT channel_id, anchor_identity_id, direction, occurred_at FROM events WHERE customer_id = ? AND hidden = 0 AND kind = 'message' ORDER BY occurred_at DESC, id DESC LIMIT 200)
	WHERE anchor_identity_id IS NOT NULL GROUP BY channel_id, anchor_identity_id),
troubled AS (SELECT u.*, (SELECT t.id FROM events t INDEXED BY events_trouble WHERE t.anchor_identity_id = u.identity_id AND t.kind = 'delivery'
	AND json_extract(t.data, '$.state') IN ('failed','bounced') AND json_extract(t.data, '$.copy') IS NULL ORDER BY t.id DESC LIMIT 1) AS trouble_id FROM used u)
SELECT u.channel_id, u.identity_id, u.at, coalesce(t.data, '') AS trouble,
	coalesce((SELECT m.error FROM messages m WHERE m.event_id = t.ref_id), '') AS error,
	coalesce((SELECT m.cc FROM events x JOIN messages m ON m.event_id = x.id WHERE x.anchor_identity_id = u.identity_id AND x.direction = 'in' AND x.kind = 'message'
		ORDER BY x.id DESC LIMIT 1), '') AS cc
FROM troubled u LEFT JOIN events t ON t.id = u.trouble_id AND NOT EXISTS (SELECT 1 FROM events l WHERE l.anchor_identity_id = u.identity_id AND l.id > u.trouble_id AND (
	(l.kind = 'message' AND l.direction = 'in' AND l.occurred_at > t.created_at AND json_extract(l.data, '$.participant') IS NULL
		AND coalesce(json_extract(l.data, '$.automatic'), '') NOT IN ('bounce','delayed','complaint','delivered'))
	OR (l.kind = 'delivery' AND (json_extract(l.data, '$.state') IN ('delivered','read') OR (json_extract(l.data, '$.state') = 'sent' AND json_extract(t.data, '$.state') = 'failed')))))`

// LastUse tells how a customer's addresses were last used, by channel and identity.
func LastUse(q Q, customer models.ID) (map[[2]models.ID]Use, error) {
	var rows []struct {
		ChannelID, IdentityID models.ID
		At                    models.Time
		Trouble, Error        string
		CC                    string `gorm:"column:cc"`
	}
	if err := raw(q.db(), lastUse, customer).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := map[[2]models.ID]Use{}
	for _, r := range rows {
		u := Use{At: r.At, CC: r.CC}
		if r.Trouble != "" {
			var d models.DeliveryData
			if err := json.Unmarshal([]byte(r.Trouble), &d); err != nil {
				return nil, err
			}
			u.Trouble, u.Soft, u.Error = d.State, d.Soft, r.Error
		}
		out[[2]models.ID{r.ChannelID, r.IdentityID}] = u
	}
	return out, nil
}
