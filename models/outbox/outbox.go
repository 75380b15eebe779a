// Package outbox is the single door out: every message is first written here, in the transaction
// of the event that shows it; a worker carries it out, with retries, and records the result. It
// is the only package that calls a Sender.
package outbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// Content is what an outbox row holds beyond its message: what every attempt sends alike.
type Content struct {
	ToName     string   `json:"to_name,omitempty"`
	FromName   string   `json:"from_name,omitempty"`
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	ReplyToken string   `json:"reply_token,omitempty"`
	Automatic  bool     `json:"automatic,omitempty"`
	Signature  string   `json:"signature,omitempty"` // as it was when the message was written
	// Sealed is a Secret, encrypted until it is sent. Until is when it is of no use any more.
	Sealed []byte      `json:"sealed,omitempty"`
	Until  models.Time `json:"until,omitempty"`
}

// Secret is what a message says that nobody but its recipient may read: its row holds no words.
type Secret struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// EnqueueSecret is Enqueue, at once, for a message whose words are kept nowhere once it has left.
func EnqueueSecret(tx *store.Tx, event, channel models.ID, s Secret, c Content) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	c.Sealed = tx.Vault().Seal(plain, secretPlace(event))
	return Enqueue(tx, event, channel, c, tx.Now())
}

func secretPlace(event models.ID) string { return "outbox|secret|" + event.String() }

// Enqueue writes the intention to send an event's message on a channel, due at the given time.
func Enqueue(tx *store.Tx, event, channel models.ID, c Content, due models.Time) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return store.AddOutbox(tx, store.OutboxRow{EventID: event, ChannelID: channel, Key: store.Token(), Content: string(b), NextAt: due})
}

// rank orders delivery states: they only move forward. Failures are final, except that a failed
// message may be tried again by staff (Requeue).
var rank = map[string]int{models.DeliveryQueued: 1, models.DeliverySending: 2, models.DeliverySent: 3, models.DeliveryDelivered: 4,
	models.DeliveryRead: 5, models.DeliveryFailed: 6, models.DeliveryBounced: 6, models.DeliveryCanceled: 6}

// Record notes what became of an outbound event and tells the feed. A state that is not ahead of the
// present one changes nothing and gives zero.
func Record(tx *store.Tx, e models.Event, state, problem, providerID string) (models.ID, error) {
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return 0, err
	}
	return record(tx, e, m.State, models.DeliveryData{State: state, Error: problem}, providerID)
}

func record(tx *store.Tx, e models.Event, was string, d models.DeliveryData, providerID string) (models.ID, error) {
	if rank[d.State] <= rank[was] {
		return 0, nil
	}
	return set(tx, e, d, providerID)
}

// Report records what a provider says became of a message it knows by its own id. A report that
// overtook the answer to the send is kept until the id is known; the event is then zero.
func Report(tx *store.Tx, r store.Report) (e models.Event, changed models.ID, err error) {
	id, err := store.EventByProviderID(tx, r.ChannelID, r.ProviderID)
	if err != nil {
		return e, 0, err
	}
	if id == 0 {
		return e, 0, store.ParkReport(tx, r)
	}
	if e, err = store.Event(tx, id); err != nil {
		return e, 0, err
	}
	changed, err = apply(tx, e, r)
	return e, changed, err
}

func apply(tx *store.Tx, e models.Event, r store.Report) (models.ID, error) {
	if r.OptedOut {
		if _, err := Consent(tx, now(tx, e), models.OptedOutState, "carrier"); err != nil {
			return 0, err
		}
	}
	if r.State == models.DeliveryBounced {
		return Returned(tx, e, models.DeliveryIn{Error: r.Error, Soft: r.Soft, Recipients: strings.Fields(r.Recipients)})
	}
	return Record(tx, e, r.State, r.Error, "")
}

// applyParked records the reports that came before their message's id was known.
func applyParked(tx *store.Tx, e models.Event, providerID string) error {
	parked, err := store.TakeReports(tx, e.ChannelID, providerID)
	slices.SortFunc(parked, func(a, b store.Report) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	for _, r := range parked {
		if err != nil {
			return err
		}
		_, err = apply(tx, e, r)
	}
	return err
}

// Known records the reports about a message of ours that came before the message itself did: it was sent
// elsewhere, and messageID is how reports name it.
func Known(tx *store.Tx, e models.Event, messageID string) error {
	return applyParked(tx, e, messageID)
}

func set(tx *store.Tx, e models.Event, d models.DeliveryData, providerID string) (models.ID, error) {
	if err := store.SetDelivery(tx, e.ID, d.State, d.Error, providerID); err != nil {
		return 0, err
	}
	return tell(tx, e, d)
}

// tell puts into the feed what became of an outbound event.
func tell(tx *store.Tx, e models.Event, d models.DeliveryData) (models.ID, error) {
	d.EventID = e.ID.String()
	return store.AppendEvent(tx, models.Event{CustomerID: e.CustomerID, ConversationID: e.ConversationID, ChannelID: e.ChannelID,
		AnchorID: e.AnchorID, HomeID: e.HomeID, Kind: models.KindDelivery, RefID: e.ID}, d)
}

// Cancel takes back a message inside its undo window, or before its time.
func Cancel(tx *store.Tx, e models.Event) error {
	if e.Kind == models.KindCode {
		return models.Errorf(models.Conflict, "A one-time code cannot be called back. It runs out by itself.")
	}
	ok, err := store.CancelOutbox(tx, e.ID)
	if err != nil {
		return err
	}
	if !ok {
		return models.Errorf(models.Conflict, "This message has been sent already; it cannot be called back.")
	}
	_, err = set(tx, e, models.DeliveryData{State: models.DeliveryCanceled}, "")
	return err
}

// Hasten sends a message now that was to go out later.
func Hasten(tx *store.Tx, e models.Event) error {
	if e.Kind == models.KindCode {
		return models.Errorf(models.Conflict, "A one-time code is not sent twice. Send a new one.")
	}
	ok, err := store.HastenOutbox(tx, e.ID)
	if err != nil {
		return err
	}
	if !ok {
		return models.Errorf(models.Conflict, "This message does not wait for its time: it is on its way, or was called back.")
	}
	_, err = set(tx, e, models.DeliveryData{State: models.DeliveryQueued}, "")
	return err
}

// Requeue tries a message again that failed or came back, for everybody it was sent to.
func Requeue(tx *store.Tx, e models.Event) error {
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return err
	}
	ok := m.State == models.DeliveryFailed || m.State == models.DeliveryBounced
	if ok {
		ok, err = store.RequeueOutbox(tx, e.ID)
	}
	if err != nil {
		return err
	}
	if !ok {
		return models.Errorf(models.Conflict, "Only a message that was sent from here, and failed or came back, can be sent again.")
	}
	if err := store.SetLost(tx, e.ID, ""); err != nil {
		return err
	}
	_, err = set(tx, e, models.DeliveryData{State: models.DeliveryQueued}, "")
	return err
}
