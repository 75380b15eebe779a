package views

import (
	"time"

	"onethread/models"
)

// InboxPage is the three-pane screen. Thread is nil when no customer is open.
type InboxPage struct {
	Shell
	List   List
	Thread *Thread
}

// List is the middle-left pane: one row per customer.
type List struct {
	View  string // open, mine, waiting, snoozed, closed, spam
	Tabs  []Tab
	Rows  []Row
	Next  string // address of the next page of rows; empty at the end
	Empty string // why there are no rows: view, or "channels" when none is connected
}

// Tab is one of the list's filters.
type Tab struct {
	View    string
	Text    string
	URL     string
	Current bool
}

// Row is one customer in the list.
type Row struct {
	CustomerID     models.ID
	ConversationID models.ID
	View           string // the list it stands in, kept in its link
	Seq            models.ID
	Name           string
	Preview        string
	Ours           bool   // the last word is the shop's
	Icon           string // of the last event's channel
	At             time.Time
	Waiting        time.Time // the oldest unanswered message; zero when the last word is ours
	Unread         int
	Assignee       string
	AssigneeID     models.ID
	Mine           bool
	Draft          bool
	Status         string
	Labels         []Chip
	Current        bool
}

// Initials are the letters of the row's avatar.
func (r Row) Initials() string { return Initials(r.Name) }

// Hue is the colour of the row's avatar.
func (r Row) Hue() int { return Hue(r.Name) }

// AssigneeInitials are the letters of the small avatar.
func (r Row) AssigneeInitials() string { return Initials(r.Assignee) }

// Long tells whether the customer has waited so long that the row should say so.
func (r Row) Long() bool { return !r.Waiting.IsZero() && time.Since(r.Waiting) > time.Hour }

// Overdue tells whether the customer waits much longer than the last event's age shows.
func (r Row) Overdue() bool { return r.Long() && r.At.Sub(r.Waiting) > 10*time.Minute }

// UnreadText is the badge's number, at most "9+".
func (r Row) UnreadText() string {
	if r.Unread > 9 {
		return "9+"
	}
	return string(rune('0' + r.Unread))
}

// Tabs lists the filters of the inbox with the current one lit.
func Tabs(w *Words, current string) []Tab {
	var out []Tab
	for _, view := range []string{"open", "mine", "waiting", "snoozed", "closed", "spam"} {
		url := "/?view=" + view
		if view == "open" {
			url = "/"
		}
		out = append(out, Tab{View: view, Text: w.K("tab.", view), URL: url, Current: view == current})
	}
	return out
}
