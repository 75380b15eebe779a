package staff

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
	"onethread/views"
)

// rowsPerPage keeps the first page under 1,500 nodes together with 50 entries.
const rowsPerPage = 28

// view reads which list is asked for.
func view(c *fiber.Ctx) string {
	switch v := c.Query("view"); v {
	case "mine", "waiting", "snoozed", "closed", "spam":
		return v
	}
	return "open"
}

func filterOf(view string, me models.ID) store.InboxFilter {
	f := store.InboxFilter{Status: models.StatusOpen, Viewer: me, Limit: rowsPerPage + 1}
	switch view {
	case "mine":
		f.Assignee = me
	case "waiting":
		f.Waiting = true
	case "snoozed", "closed":
		f.Status = view
	case "spam":
		f.Status, f.Spam = models.StatusClosed, true
	}
	return f
}

// Home answers GET /: the list, with no thread open.
func (s *Screens) Home(c *fiber.Ctx) error {
	page, err := s.page(c)
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "inbox", page)
}

func (s *Screens) page(c *fiber.Ctx) (views.InboxPage, error) {
	q := s.Store.Read(c.UserContext())
	seq, pairs, err := store.FeedHead(q) // before the rows: what comes in between is sent live
	if err != nil {
		return views.InboxPage{}, err
	}
	page := views.InboxPage{Shell: shell(c, "inbox", s.words(c).T("inbox.title"))}
	page.Seq, page.Pairs = seq, pairs
	page.List, err = s.list(c)
	return page, err
}

// Rows answers GET /rows: the next rows of a list.
func (s *Screens) Rows(c *fiber.Ctx) error {
	list, err := s.list(c)
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "rows", list)
}

func (s *Screens) list(c *fiber.Ctx) (views.List, error) {
	q, me, v := s.Store.Read(c.UserContext()), web.User(c).ID, view(c)
	f := filterOf(v, me)
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64)
	beforeID, _ := strconv.ParseInt(c.Query("before_id"), 10, 64)
	f.Before, f.BeforeID = models.Time(before), models.ID(beforeID)
	found, err := store.Inbox(q, f)
	if err != nil {
		return views.List{}, err
	}
	list := views.List{View: v, Tabs: views.Tabs(s.words(c), v), Empty: v}
	if len(found) > rowsPerPage {
		found = found[:rowsPerPage]
		last := found[rowsPerPage-1]
		list.Next = "/rows?" + url.Values{"view": {v}, "before": {strconv.FormatInt(int64(last.LastAt), 10)}, "before_id": {last.ConversationID.String()}}.Encode()
	}
	d := rowDrawer{words: s.words(c), loc: zone(c), me: me, view: v}
	connected, err := d.load(q, found)
	if err != nil {
		return list, err
	}
	if !connected && len(found) == 0 {
		list.Empty = "channels"
	}
	for _, r := range found {
		list.Rows = append(list.Rows, d.row(r))
	}
	return list, nil
}

// rowDrawer turns rows of the store into rows of the screen.
type rowDrawer struct {
	words  *views.Words
	loc    *time.Location
	me     models.ID
	view   string
	types  map[models.ID]string
	labels map[models.ID][]views.Chip
}

// load reads what the rows need besides themselves, in two statements. It tells whether any
// channel is connected.
func (d *rowDrawer) load(q store.Q, rows []store.InboxRow) (connected bool, err error) {
	names, err := store.ChannelNames(q)
	if err != nil {
		return false, err
	}
	d.types = map[models.ID]string{}
	for _, n := range names {
		d.types[n.ID] = n.Type
		connected = connected || !n.Removed
	}
	ids := make([]models.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ConversationID
	}
	on, err := store.LabelsOn(q, ids)
	d.labels = map[models.ID][]views.Chip{}
	for _, l := range on {
		d.labels[l.ConversationID] = append(d.labels[l.ConversationID], views.Chip{Text: l.Name, Hue: l.Hue})
	}
	return connected, err
}

func (d *rowDrawer) row(r store.InboxRow) views.Row {
	out := views.Row{CustomerID: r.CustomerID, ConversationID: r.ConversationID, View: d.view, Seq: r.LastEventID,
		Name: cmp.Or(r.Name, r.Address, d.words.T("entry.visitor")), Preview: d.words.Preview(r.LastKind, r.Preview),
		Ours: r.LastDirection == models.Out, Icon: views.KindIcon(r.LastKind, d.channel(r)), At: r.LastAt.Std().In(d.loc),
		Unread: r.Unread, Assignee: r.AssigneeName, AssigneeID: r.AssigneeID, Mine: r.AssigneeID != 0 && r.AssigneeID == d.me,
		Draft: r.HasDraft, Status: r.Status, Labels: d.labels[r.ConversationID]}
	if r.LastEventID == 0 { // staff opened it, and nothing was said yet
		out.Preview, out.Icon = r.Subject, "messages-square"
	}
	if r.Spam {
		out.Status = "spam"
	}
	if r.WaitingSince != 0 {
		out.Waiting = r.WaitingSince.Std().In(d.loc)
	}
	return out
}

// channel is the type of the last event's channel, else the last one seen in the conversation.
func (d *rowDrawer) channel(r store.InboxRow) string {
	if t := d.types[r.LastChannel]; t != "" {
		return t
	}
	seen := strings.Fields(r.ChannelTypes)
	if len(seen) == 0 {
		return ""
	}
	return seen[len(seen)-1]
}
