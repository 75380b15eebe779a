package api

import (
	"encoding/json"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

type channelRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"`
}

type author struct {
	Kind    string `json:"kind"` // customer, guest (somebody in copy), staff, system
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"` // a guest's
}

type delivery struct {
	State string `json:"state"`
	Error string `json:"error,omitempty"`
	// SendAt is when a scheduled message goes out, or went.
	SendAt    models.Time       `json:"send_at,omitzero"`
	Lost      []models.LostCopy `json:"lost_copies,omitempty"`
	ReportURL string            `json:"report_url,omitempty"` // the mail that told of it
}

// quoted is another customer's message that a mail refers to.
type quoted struct {
	EventID    string `json:"event_id"`
	CustomerID string `json:"customer_id"`
	Name       string `json:"name"`
}

type attachmentView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	URL    string `json:"url"`
	// State is empty for a file that is here; fetching, failed otherwise, with the problem.
	State   string `json:"state,omitempty"`
	Problem string `json:"problem,omitempty"`
}

type eventView struct {
	ID             string           `json:"id"`
	Seq            int64            `json:"seq"`
	Kind           models.Kind      `json:"kind"`
	CustomerID     string           `json:"customer_id"`
	Channel        *channelRef      `json:"channel"`
	Direction      models.Direction `json:"direction"`
	OccurredAt     models.Time      `json:"occurred_at"`
	CreatedAt      models.Time      `json:"created_at"`
	ConversationID string           `json:"conversation_id"`
	Author         author           `json:"author"`
	Subject        string           `json:"subject"`
	BodyText       string           `json:"body_text"`
	BodyHTML       string           `json:"body_html"`
	Attachments    []attachmentView `json:"attachments"`
	Delivery       *delivery        `json:"delivery"`
	CC             []string         `json:"cc"`
	Quotes         *quoted          `json:"quotes"`
	GoneFrom       string           `json:"gone_from"`
	RawURL         string           `json:"raw_url"`
	Data           json.RawMessage  `json:"data"`
}

// event shows an entry. customer names the author of what came in.
func (h *Handlers) event(e store.Entry) eventView {
	v := eventView{ID: e.ID.String(), Seq: int64(e.ID), Kind: e.Kind, CustomerID: e.CustomerID.String(), Direction: e.Direction, OccurredAt: e.OccurredAt,
		CreatedAt: e.CreatedAt, ConversationID: e.ConversationID.String(), Data: object(e.Data), Attachments: []attachmentView{}, CC: []string{}, Author: author{Kind: "system"}}
	if e.Event.ChannelID != 0 {
		v.Channel = &channelRef{ID: e.Event.ChannelID.String(), Type: e.ChannelType, Name: e.ChannelName}
	}
	switch {
	case e.UserID != 0:
		v.Author = author{Kind: "staff", ID: e.UserID.String(), Name: e.UserName}
	case e.Direction == models.In:
		v.Author = author{Kind: "customer", ID: e.CustomerID.String()}
	case e.Direction == models.Out:
		v.Author = author{Kind: "staff"}
	}
	if m := e.Message; m != nil {
		h.words(&v, e, *m)
	}
	if e.Kind == models.KindUnreadable {
		v.RawURL = h.raw(e.ID)
	}
	for _, a := range e.Attachments {
		v.Attachments = append(v.Attachments, h.attachment(a))
	}
	return v
}

// words shows what a message says, who wrote it, and what became of it.
func (h *Handlers) words(v *eventView, e store.Entry, m models.Message) {
	v.Subject, v.BodyText, v.BodyHTML, v.GoneFrom = m.Subject, m.Text, m.HTML, e.Beside.GoneFrom
	if m.State != "" {
		v.Delivery = &delivery{State: m.State, Error: m.Error, SendAt: m.SendAt, Lost: m.LostCopies()}
	}
	if v.Delivery != nil && e.Beside.ReportID != 0 {
		v.Delivery.ReportURL = h.raw(e.Beside.ReportID)
	}
	var d models.MessageData
	if err := json.Unmarshal([]byte(e.Data), &d); err == nil && d.Participant {
		v.Author = author{Kind: "guest", Name: d.From, Address: d.Address}
	}
	if cc := inbox.Addresses(m.CC); len(cc) > 0 {
		v.CC = cc
	}
	if q := e.Beside.QuotesCustomer; q != 0 && q != e.CustomerID {
		v.Quotes = &quoted{EventID: m.QuotesID.String(), CustomerID: q.String(), Name: e.Beside.QuotesName}
	}
	if e.Beside.HasRaw && m.RedactedAt.IsZero() && m.ToAddress == "" {
		v.RawURL = h.raw(e.ID)
	}
}

func (h *Handlers) raw(event models.ID) string {
	return h.URL + "/api/v1/events/" + event.String() + "/raw"
}

func (h *Handlers) attachment(a models.Attachment) attachmentView {
	return attachmentView{ID: a.ID.String(), Name: a.Name, Type: a.Type, Size: a.Size, SHA256: a.SHA256, URL: h.URL + "/api/v1/attachments/" + a.Token, State: a.State, Problem: a.Problem}
}

type identityView struct {
	ID        string              `json:"id"`
	Kind      models.IdentityKind `json:"kind"`
	Scope     string              `json:"scope"`
	Value     string              `json:"value"`
	Display   string              `json:"display"`
	Evidence  models.Evidence     `json:"evidence"`
	Reason    string              `json:"reason"`
	Shared    bool                `json:"shared"`
	CreatedAt models.Time         `json:"created_at"`
}

func showIdentity(i models.Identity) identityView {
	return identityView{ID: i.ID.String(), Kind: i.Kind, Scope: i.Scope, Value: i.Value, Display: i.Display, Evidence: i.Evidence, Reason: i.Reason,
		Shared: i.Shared, CreatedAt: i.CreatedAt}
}

type spendView struct {
	Currency string `json:"currency"`
	Orders   int    `json:"orders"`
	Net      string `json:"net"`
}

type customerView struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Language   string         `json:"language"`
	Notes      string         `json:"notes"`
	CreatedAt  models.Time    `json:"created_at"`
	UpdatedAt  models.Time    `json:"updated_at"`
	Identities []identityView `json:"identities"`
	Orders     *[]spendView   `json:"orders,omitempty"`
	Consent    *[]consentView `json:"consent,omitempty"`
	Record     *recordView    `json:"record,omitempty"`
}

func showCustomer(c models.Customer, identities []models.Identity) customerView {
	v := customerView{ID: c.ID.String(), Name: c.Name, Language: c.Language, Notes: c.Notes, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		Identities: []identityView{}}
	for _, i := range identities {
		if i.CustomerID == c.ID {
			v.Identities = append(v.Identities, showIdentity(i))
		}
	}
	return v
}

// consentView is what somebody last said to messages on a channel.
type consentView struct {
	IdentityID string      `json:"identity_id"`
	ChannelID  string      `json:"channel_id"`
	Purpose    string      `json:"purpose"`
	State      string      `json:"state"`
	Source     string      `json:"source"`
	Proof      string      `json:"proof,omitempty"`
	At         models.Time `json:"at"`
}

func showConsents(list []store.Consent) *[]consentView {
	out := []consentView{}
	for _, c := range list {
		out = append(out, consentView{IdentityID: c.IdentityID.String(), ChannelID: c.ChannelID.String(), Purpose: c.Purpose, State: c.State, Source: c.Source, Proof: c.Proof, At: c.CreatedAt})
	}
	return &out
}

type personRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type preview struct {
	EventID   string           `json:"event_id"`
	Kind      models.Kind      `json:"kind"`
	Direction models.Direction `json:"direction"`
	Text      string           `json:"text"`
	At        models.Time      `json:"at"`
}

type conversationView struct {
	ID           string      `json:"id"`
	CustomerID   string      `json:"customer_id"`
	Customer     personRef   `json:"customer"`
	Status       string      `json:"status"`
	Assignee     *personRef  `json:"assignee"`
	AssigneeID   string      `json:"assignee_id"`
	Priority     string      `json:"priority"`
	Labels       []string    `json:"labels"`
	Subject      string      `json:"subject"`
	SnoozedUntil models.Time `json:"snoozed_until"`
	SnoozedFor   string      `json:"snoozed_for"`
	WaitingSince models.Time `json:"waiting_since"`
	LastAt       models.Time `json:"last_at"`
	Preview      preview     `json:"preview"`
	Channels     []string    `json:"channels"`
	Unread       int         `json:"unread"`
}
