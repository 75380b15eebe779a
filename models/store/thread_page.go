package store

import (
	"strings"

	"onethread/models"
)

// ThreadFilter picks a window of a thread. Before and After are event ids (keyset).
type ThreadFilter struct {
	CustomerID models.ID
	Before     models.ID
	After      models.ID
	Kinds      []models.Kind // empty = all that are shown
	AnchorID   models.ID     // only events of this identity (what a visitor may see)
	Limit      int
}

// Entry is an event of a thread with everything needed to show it.
type Entry struct {
	models.Event
	ChannelType string
	ChannelName string
	UserName    string
	Message     *models.Message
	Attachments []models.Attachment
	Beside      models.Beside
}

// Thread lists the newest events of the window that end before (or begin after) the given
// event, in the thread's own order: (occurred_at, id), oldest first. Three statements,
// whatever the number of rows.
func Thread(q Q, f ThreadFilter) ([]Entry, error) {
	where, order := []string{"e.customer_id = @customer", "e.hidden = 0"}, "DESC"
	args := map[string]any{"customer": int64(f.CustomerID), "limit": f.Limit, "before": int64(f.Before), "after": int64(f.After), "anchor": int64(f.AnchorID)}
	if f.Before != 0 {
		where = append(where, "(e.occurred_at, e.id) < (SELECT b.occurred_at, b.id FROM events b WHERE b.id = @before)")
	}
	if f.After != 0 {
		order = "ASC"
		where = append(where, "(e.occurred_at, e.id) > (SELECT b.occurred_at, b.id FROM events b WHERE b.id = @after)")
	}
	if len(f.Kinds) > 0 {
		where = append(where, "e.kind IN @kinds")
		args["kinds"] = f.Kinds
	}
	if f.AnchorID != 0 {
		where = append(where, "e.anchor_identity_id = @anchor")
	}
	rows, err := entries(q, strings.Join(where, " AND ")+" ORDER BY e.occurred_at "+order+", e.id "+order+" LIMIT @limit", args)
	if err == nil && order == "DESC" {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	return rows, err
}

// Entries loads events by id with everything needed to show them, in no order.
func Entries(q Q, ids []models.ID) ([]Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return entries(q, "e.id IN @ids", map[string]any{"ids": ids})
}

const entryRows = `SELECT e.*, coalesce(c.type,'') AS channel_type, coalesce(c.name,'') AS channel_name, coalesce(u.name,'') AS user_name
	FROM events e LEFT JOIN channels c ON c.id = e.channel_id LEFT JOIN users u ON u.id = e.user_id WHERE `

func entries(q Q, where string, args map[string]any) ([]Entry, error) {
	var rows []struct {
		models.Event
		ChannelType, ChannelName, UserName string
	}
	if err := raw(q.db(), entryRows+where, args).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	at := map[models.ID]int{}
	var worded []models.ID
	for i, r := range rows {
		out[i] = Entry{Event: r.Event, ChannelType: r.ChannelType, ChannelName: r.ChannelName, UserName: r.UserName}
		at[r.ID] = i
		if r.Kind == models.KindMessage || r.Kind == models.KindNote || r.Kind == models.KindCode {
			worded = append(worded, r.ID)
		}
	}
	return out, addWords(q, out, at, worded)
}

// wordRows reads messages with what stands beside them. A mail of which no copy lies in its folder is gone
// from there; one of which no place was ever told is not.
const wordRows = "SELECT " + messageColumns + `,
	coalesce((SELECT q.customer_id FROM events q WHERE q.id = messages.quotes_id), 0) AS quotes_customer,
	coalesce((SELECT CASE WHEN c.name <> '' THEN c.name ELSE (SELECT i.display FROM identities i WHERE i.customer_id = c.id AND i.kind IN ('email','phone') LIMIT 1) END
		FROM events q JOIN customers c ON c.id = q.customer_id WHERE q.id = messages.quotes_id), '') AS quotes_name,
	coalesce((SELECT CASE WHEN count(*) = count(p.gone_at) THEN max(p.folder) END FROM receipts r JOIN mail_places p ON p.receipt_id = r.id WHERE r.event_id = messages.event_id), '') AS gone_from,
	EXISTS (SELECT 1 FROM receipts r JOIN raws b ON b.receipt_id = r.id AND b.type = 'message/rfc822' WHERE r.event_id = messages.event_id) AS has_raw,
	CASE WHEN state = 'bounced' OR lost <> '' THEN coalesce((SELECT max(d.id) FROM events d JOIN receipts r ON r.event_id = d.id JOIN raws b ON b.receipt_id = r.id AND b.type = 'message/rfc822'
		WHERE d.ref_id = messages.event_id AND d.kind = 'delivery'), 0) ELSE 0 END AS report_id
	FROM messages WHERE event_id IN ?`

func addWords(q Q, out []Entry, at map[models.ID]int, ids []models.ID) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		models.Message
		models.Beside
	}
	if err := raw(q.db(), wordRows, ids).Scan(&rows).Error; err != nil {
		return err
	}
	for i, r := range rows {
		e := &out[at[r.EventID]]
		e.Message, e.Beside = &rows[i].Message, r.Beside
	}
	files, err := AttachmentsOf(q, ids)
	if err != nil {
		return err
	}
	for _, a := range files {
		e := &out[at[a.EventID]]
		e.Attachments = append(e.Attachments, a)
	}
	return nil
}

// FeedFull is Feed with everything needed to show the events.
func FeedFull(q Q, after models.ID, limit int) ([]Entry, error) {
	return entries(q, "e.id > @after ORDER BY e.id LIMIT @limit", map[string]any{"after": int64(after), "limit": limit})
}
