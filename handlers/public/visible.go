package public

import (
	"context"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// message is a message as the widget gets it.
type message struct {
	S     models.ID   `json:"s"`
	ID    string      `json:"id,omitempty"` // the browser's own name of it
	Me    bool        `json:"me"`
	Text  string      `json:"text"`
	Name  string      `json:"name,omitempty"`
	At    models.Time `json:"at"`
	Read  bool        `json:"read,omitempty"`
	Files []file      `json:"files,omitempty"`
}

type file struct {
	Token string `json:"token"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Size  int64  `json:"size"`
}

// visible turns rows into what the visitor may see, and says how far the cursor may move: not
// past a message of ours that has yet to leave, which becomes visible later under its old number.
// The widget passes over what it has seen.
func (h *Chat) visible(ctx context.Context, who call, rows []store.VisitorMessage) (list []message, after models.ID, err error) {
	after = rows[len(rows)-1].ID
	held := false
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		pending := row.State == models.DeliveryQueued || row.State == models.DeliverySending
		if pending && !held {
			held, after = true, row.ID-1
		}
		if m, ok := show(who, row); ok {
			list = append(list, m)
			ids = append(ids, row.ID)
		}
	}
	attached, err := store.AttachmentsOf(h.Store.Read(ctx), ids)
	for _, a := range attached {
		for i := range list {
			if list[i].S == a.EventID && (!a.Inline || a.ContentID == "") {
				list[i].Files = append(list[i].Files, file{Token: a.Token, Name: a.Name, Type: a.Type, Size: a.Size})
			}
		}
	}
	return list, after, err
}

func show(who call, row store.VisitorMessage) (message, bool) {
	m := message{S: row.ID, Text: row.Text, At: row.OccurredAt, Me: row.Direction == models.In, Name: row.Author}
	if m.Me {
		if id, mine := strings.CutPrefix(row.ExternalID, who.visitor+":"); mine {
			m.ID = id
		}
		return m, true
	}
	m.Read = row.Shared // it came by mail, or was shown elsewhere: no read mark of this browser is asked for
	switch row.State {
	case models.DeliverySent, models.DeliveryDelivered:
		return m, true
	case models.DeliveryRead:
		m.Read = true
		return m, true
	}
	return m, false
}
