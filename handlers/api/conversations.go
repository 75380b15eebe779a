package api

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Conversations is GET /api/v1/conversations: the inbox list.
func (h *Handlers) Conversations(c *fiber.Ctx) error {
	f, err := inboxFilter(c)
	if err != nil {
		return err
	}
	n, at, err := window(c)
	if err != nil {
		return err
	}
	f.Limit, f.Before, f.BeforeID = n+1, at.At, at.ID
	rows, err := store.Inbox(h.read(c), f)
	if err != nil {
		return err
	}
	labels, err := h.labels(c, rows)
	if err != nil {
		return err
	}
	return paged(c, rows, n, func(r store.InboxRow) conversationView { return showRow(r, labels[r.ConversationID]) },
		func(r store.InboxRow) place { return place{r.LastAt, r.ConversationID} })
}

// spamStatus stands in the API for what is closed as spam.
const spamStatus = "spam"

func inboxFilter(c *fiber.Ctx) (store.InboxFilter, error) {
	f := store.InboxFilter{Status: cmp.Or(c.Query("status"), models.StatusOpen), Channel: c.Query("channel"), Label: c.Query("label"), Viewer: web.User(c).ID}
	switch f.Status {
	case models.StatusOpen, models.StatusSnoozed, models.StatusClosed, "all":
	case spamStatus:
		f.Status, f.Spam = models.StatusClosed, true
	default:
		return f, models.FieldError("status", "status is open, snoozed, closed, spam or all.")
	}
	switch who := c.Query("assignee"); who {
	case "":
	case "me":
		f.Assignee = web.User(c).ID
	case "none":
		f.Assignee = store.NoAssignee
	default:
		var err error
		if f.Assignee, err = queryID(c, "assignee"); err != nil {
			return f, models.FieldError("assignee", "assignee is me, none, or a user's id.")
		}
	}
	return f, nil
}

func (h *Handlers) labels(c *fiber.Ctx, rows []store.InboxRow) (map[models.ID][]string, error) {
	ids := make([]models.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ConversationID
	}
	on, err := store.LabelsOn(h.read(c), ids)
	out := map[models.ID][]string{}
	for _, l := range on {
		out[l.ConversationID] = append(out[l.ConversationID], l.Name)
	}
	return out, err
}

func showRow(r store.InboxRow, labels []string) conversationView {
	v := conversationView{ID: r.ConversationID.String(), CustomerID: r.CustomerID.String(), Customer: personRef{r.CustomerID.String(), cmp.Or(r.Name, r.Address)},
		Status: r.Status, AssigneeID: r.AssigneeID.String(), Priority: r.Priority, Labels: labels, Subject: r.Subject, SnoozedUntil: r.SnoozedUntil, SnoozedFor: r.SnoozedFor,
		WaitingSince: r.WaitingSince, LastAt: r.LastAt, Channels: strings.Fields(r.ChannelTypes), Unread: r.Unread,
		Preview: preview{EventID: r.LastEventID.String(), Kind: r.LastKind, Direction: r.LastDirection, Text: r.Preview, At: r.LastAt}}
	if r.Spam {
		v.Status = spamStatus
	}
	if v.Labels == nil {
		v.Labels = []string{}
	}
	if r.AssigneeID != 0 {
		v.Assignee = &personRef{r.AssigneeID.String(), r.AssigneeName}
	}
	return v
}

// PatchConversation is PATCH /api/v1/conversations/{id}.
func (h *Handlers) PatchConversation(c *fiber.Ctx) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Status       *string      `json:"status"`
		AssigneeID   *string      `json:"assignee_id"`
		Labels       *[]string    `json:"labels"`
		Priority     *string      `json:"priority"`
		SnoozedUntil *models.Time `json:"snoozed_until"`
		SnoozedFor   *string      `json:"snoozed_for"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	ch := inbox.Change{Status: in.Status, Labels: in.Labels, Priority: in.Priority, SnoozedUntil: in.SnoozedUntil, SnoozedFor: in.SnoozedFor}
	if in.Status != nil && *in.Status == spamStatus {
		yes := true
		ch.Status, ch.Spam = nil, &yes
	}
	if in.AssigneeID != nil {
		who := models.ID(0)
		if *in.AssigneeID != "" {
			if who, err = models.ParseID(*in.AssigneeID); err != nil {
				return models.FieldError("assignee_id", "There is no such member of staff.")
			}
		}
		ch.AssigneeID = &who
	}
	if err := h.Inbox.Update(c.UserContext(), web.User(c), conversation, ch); err != nil {
		return err
	}
	return h.oneConversation(c, conversation)
}

// OpenConversation is POST /api/v1/customers/{id}/conversations: a further one, for a matter of its own.
func (h *Handlers) OpenConversation(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Subject string `json:"subject"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	made, err := h.Inbox.OpenConversation(c.UserContext(), web.User(c), customer, in.Subject)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return h.oneConversation(c, made)
}

func (h *Handlers) oneConversation(c *fiber.Ctx, conversation models.ID) error {
	conv, err := store.Conversation(h.read(c), conversation)
	if err != nil {
		return err
	}
	rows, err := store.Inbox(h.read(c), store.InboxFilter{Conversation: conv.ID, Viewer: web.User(c).ID, Limit: 1})
	if err != nil || len(rows) == 0 {
		return err
	}
	labels, err := h.labels(c, rows)
	if err != nil {
		return err
	}
	return c.JSON(showRow(rows[0], labels[conv.ID]))
}
