package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"onethread/models"
)

// InboxFilter narrows the inbox list; zero fields do not.
type InboxFilter struct {
	Status       string    // open, snoozed, closed; empty or "all" = any
	Assignee     models.ID // a user; NoAssignee = nobody
	Channel      string    // a channel type seen in the conversation
	Label        string
	Waiting      bool      // open, and the last word is ours
	Spam         bool      // only what is taken for spam, which no other list shows
	Viewer       models.ID // whose unread counts
	Before       models.Time
	BeforeID     models.ID // keyset: conversation id
	Limit        int
	Customer     models.ID // only this customer's row
	Conversation models.ID // only this conversation's row
}

// NoAssignee asks for conversations that nobody took.
const NoAssignee models.ID = -1

// InboxRow is one customer with a conversation that matches.
type InboxRow struct {
	ConversationID models.ID
	CustomerID     models.ID
	Name           string
	Address        string // the best address, for a customer without a name
	Status         string
	AssigneeID     models.ID
	AssigneeName   string
	Priority       string
	Subject        string
	SnoozedUntil   models.Time
	SnoozedFor     string
	WaitingSince   models.Time
	LastAt         models.Time
	ChannelTypes   string // space-separated
	LastEventID    models.ID
	LastKind       models.Kind
	LastDirection  models.Direction
	LastChannel    models.ID
	Preview        string // the last event's first words, up to 160 characters
	Unread         int    // the viewer's, counted to 10
	HasDraft       bool   // the viewer's
	Spam           bool
}

const inboxRows = `SELECT c.id AS conversation_id, c.customer_id, u.name, c.status, c.assignee_id, coalesce(a.name,'') AS assignee_name, c.priority, c.subject,
	c.snoozed_until, c.snoozed_for, c.waiting_since, c.last_at, c.channel_types, c.last_event_id, c.spam, coalesce(e.kind,'') AS last_kind, coalesce(e.direction,'') AS last_direction,
	e.channel_id AS last_channel,
	substr(CASE WHEN m.reply_text <> '' THEN m.reply_text WHEN m.text <> '' THEN m.text ELSE coalesce(m.subject,'') END, 1, 160) AS preview,
	CASE WHEN u.name <> '' THEN '' ELSE coalesce((SELECT i.display FROM identities i WHERE i.customer_id = u.id AND i.kind IN ('email','phone') AND i.retired_at IS NULL LIMIT 1), '') END AS address,
	(SELECT count(*) FROM (SELECT 1 FROM events x WHERE x.customer_id = c.customer_id AND x.direction = 'in' AND x.silent = 0 AND x.kind IN ('message','call','voicemail')
		AND x.id > coalesce((SELECT r.event_id FROM reads r WHERE r.user_id = @viewer AND r.customer_id = c.customer_id), 0) LIMIT 10)) AS unread,
	EXISTS (SELECT 1 FROM drafts d WHERE d.user_id = @viewer AND d.customer_id = c.customer_id) AS has_draft
	FROM conversations c JOIN customers u ON u.id = c.customer_id LEFT JOIN users a ON a.id = c.assignee_id
	LEFT JOIN events e ON e.id = c.last_event_id LEFT JOIN messages m ON m.event_id = c.last_event_id WHERE `

// Inbox lists customers with a matching conversation, newest activity first, one row each (a
// customer with two stands with the newer one). One statement, whatever the number of rows; one more
// for a label or a channel that is asked for.
func Inbox(q Q, f InboxFilter) ([]InboxRow, error) {
	where, args := f.where()
	sql := inboxRows + where + " ORDER BY c.last_at DESC, c.id DESC LIMIT @limit"
	rare, err := f.rare(q, args)
	if err != nil {
		return nil, err
	}
	if rare != "" {
		sql = inboxRows + "c.id IN (SELECT c.id FROM (" + rare + ") k CROSS JOIN conversations c ON c.id = k.conversation_id WHERE " + where +
			" ORDER BY c.last_at DESC, c.id DESC LIMIT @limit) ORDER BY c.last_at DESC, c.id DESC"
	}
	var out []InboxRow
	err = raw(q.db(), sql, args).Scan(&out).Error
	return out, err
}

// What a conversation may be marked with, and all conversations that are. Looking for a mark costs a
// third of a microsecond for each conversation that the list passes; sorting those that have it costs
// four times that for each: below so many (of 200,000) it pays to begin at the mark.
const (
	rareMark    = 1000
	withLabel   = "SELECT conversation_id FROM conversation_labels WHERE label_id = (SELECT id FROM labels WHERE name = @label)"
	withChannel = "SELECT conversation_id FROM conversation_channels WHERE type = @channel"
	condition   = "(SELECT 1 FROM (%s) k WHERE k.conversation_id = c.id) = 1" // not EXISTS, which SQLite would join last
)

// rare gives the mark that so few conversations have that it pays to begin there; empty when none is
// asked for, or many have it.
func (f InboxFilter) rare(q Q, args map[string]any) (string, error) {
	for _, mark := range f.marks() {
		n, err := scalar[int](raw(q.db(), fmt.Sprintf("SELECT count(*) FROM (%s LIMIT %d)", mark, rareMark), args))
		if err != nil || n < rareMark {
			return mark, err
		}
	}
	return "", nil
}

func (f InboxFilter) marks() (out []string) {
	if f.Label != "" {
		out = append(out, withLabel)
	}
	if f.Channel != "" {
		out = append(out, withChannel)
	}
	return out
}

func (f InboxFilter) where() (string, map[string]any) {
	args := map[string]any{"viewer": f.Viewer, "limit": f.Limit}
	conds, newer := []string{}, "n.customer_id = c.customer_id AND (n.last_at, n.id) > (c.last_at, c.id)"
	add := func(cond string, name string, value any) {
		conds = append(conds, "c."+cond)
		newer += " AND n." + cond
		args[name] = value
	}
	// Status and spam are literals: by a parameter that an index's condition names, SQLite compiles the statement
	// anew at each run (sqlite3_bind, "sqlite3_step() may recompile"), which took a seventh of a list's time.
	switch f.Status {
	case "", "all":
	case models.StatusOpen, models.StatusSnoozed, models.StatusClosed:
		add("status = '"+f.Status+"'", "status", nil)
	default:
		add("status = @status", "status", f.Status)
	}
	switch {
	case f.Assignee == NoAssignee:
		add("assignee_id IS NULL", "none", nil)
	case f.Assignee != 0:
		add("assignee_id = @assignee", "assignee", int64(f.Assignee))
	}
	if f.Spam || f.Status == models.StatusClosed || f.Status == "" || f.Status == "all" { // what is open or snoozed is no spam
		is := map[bool]string{false: "spam = 0", true: "spam = 1"}[f.Spam]
		add(is, "spam", nil)
	}
	if f.Waiting {
		add("waiting_since IS NULL", "waiting", nil)
	}
	args["label"], args["channel"] = f.Label, f.Channel
	for _, mark := range f.marks() {
		conds = append(conds, fmt.Sprintf(condition, mark))
	}
	if f.Customer != 0 {
		conds = append(conds, "c.customer_id = @customer")
		args["customer"] = int64(f.Customer)
	}
	if f.Conversation != 0 { // asked for by name: also when its customer has a newer one
		args["conversation"] = int64(f.Conversation)
		return "c.id = @conversation", args
	}
	if f.Before != 0 {
		conds = append(conds, "(c.last_at, c.id) < (@before, @before_id)")
		args["before"], args["before_id"] = int64(f.Before), int64(f.BeforeID)
	}
	conds = append(conds, "NOT EXISTS (SELECT 1 FROM conversations n WHERE "+newer+")")
	return strings.Join(conds, " AND "), args
}

// RowMarks is what of a customer's row is one viewer's own.
type RowMarks struct {
	Viewer   models.ID
	Unread   int // counted to 10
	HasDraft bool
}

const rowMarks = `SELECT v.value AS viewer,
	(SELECT count(*) FROM (SELECT 1 FROM events x WHERE x.customer_id = @customer AND x.direction = 'in' AND x.silent = 0 AND x.kind IN ('message','call','voicemail')
		AND x.id > coalesce((SELECT r.event_id FROM reads r WHERE r.user_id = v.value AND r.customer_id = @customer), 0) LIMIT 10)) AS unread,
	EXISTS (SELECT 1 FROM drafts d WHERE d.user_id = v.value AND d.customer_id = @customer) AS has_draft FROM json_each(@viewers) v`

// MarksFor tells what several viewers see on a customer's row, in one statement. (json_each is
// SQLite's and PostgreSQL's name; there its rows are JSON and want a cast.)
func MarksFor(q Q, customer models.ID, viewers []models.ID) ([]RowMarks, error) {
	list := make([]int64, len(viewers)) // an ID's own JSON form is a string
	for i, v := range viewers {
		list[i] = int64(v)
	}
	ids, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	var out []RowMarks
	err = raw(q.db(), rowMarks, map[string]any{"customer": int64(customer), "viewers": string(ids)}).Scan(&out).Error
	return out, err
}
