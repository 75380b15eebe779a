package inbox

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// withSMS adds a number to the world; its files are fetched by fetch.
func (w *world) withSMS(fetch models.Fetch) models.ID {
	w.Helper()
	w.providers["twilio"] = models.Provider{Kind: "twilio", Address: models.PhoneIdentity, MaxText: 1600, Segments: true,
		Fits: func(files []models.Attachment) error {
			if files[0].Size > 10 {
				return models.FieldError("attachment_ids", "The file is too large for SMS.")
			}
			return nil
		}}
	w.Fetcher = func(models.ID) (models.Fetch, bool) { return fetch, fetch != nil }
	var id models.ID
	w.must(w.st.Write(w.Context(), func(tx *store.Tx) error {
		var err error
		id, err = store.AddChannel(tx, models.Channel{Type: "twilio", Name: "The number", Key: "twilio-key"}, func(string) bool { return false })
		return err
	}))
	return id
}

func (w *world) sms(channel models.ID, id, from string, m models.MessageIn) models.Ingested {
	w.Helper()
	return w.in(models.Inbound{ChannelID: channel, ExternalID: id, Hints: []models.Hint{{Kind: models.PhoneIdentity, Value: from, Evidence: models.Asserted, Reason: "From of an SMS"}}, Payload: &m})
}

func (w *world) kinds(customer models.ID) (out []models.Kind) {
	for _, e := range w.thread(customer) {
		out = append(out, e.Kind)
	}
	return out
}

func TestStopBlocksTheNumberUntilStart(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	w.must(func() error { _, err := w.st.Channels(w.st.Read(t.Context())); return err }())
	ana := w.sms(number, "SM1", "+351912007031", models.MessageIn{Text: "When do you open?"})
	if ways, err := w.Reach(t.Context(), ana.CustomerID); err != nil || len(ways) != 1 || !ways[0].OK || ways[0].MaxText != 1600 || !ways[0].Segments {
		t.Fatalf("%+v %v", ways, err)
	}
	w.sms(number, "SM2", "+351912007031", models.MessageIn{Text: "Start", Consent: models.OptedInState, Automatic: "consent"})
	for _, id := range []string{"SM3", "SM4"} {
		w.sms(number, id, "+351912007031", models.MessageIn{Text: "Stop", Consent: models.OptedOutState, Automatic: "consent"})
	}
	count := 0
	for _, k := range w.kinds(ana.CustomerID) {
		if k == models.KindConsent {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d consent events: START without a STOP before, and a second STOP, change nothing", count)
	}
	ways, err := w.Reach(t.Context(), ana.CustomerID)
	if err != nil || ways[0].OK || ways[0].Problem != "reach.opted_out" {
		t.Fatalf("%+v %v", ways, err)
	}
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, ChannelID: number, Text: "Sorry!"}); !models.IsCode(err, models.Invalid) {
		t.Error("a number that opted out must not be written to:", err)
	}
	w.pass(time.Minute)
	w.sms(number, "SM5", "+351912007031", models.MessageIn{Text: "START", Consent: models.OptedInState, Automatic: "consent"})
	late := models.Inbound{ChannelID: number, ExternalID: "SM0", OccurredAt: w.st.Now().Add(-30 * time.Second), Payload: &models.MessageIn{Text: "STOP", Consent: models.OptedOutState, Automatic: "consent"},
		Hints: []models.Hint{{Kind: models.PhoneIdentity, Value: "+351912007031", Evidence: models.Asserted, Reason: "From of an SMS"}}}
	w.in(late) // found by a poll: said before the START
	if ways, err := w.Reach(t.Context(), ana.CustomerID); err != nil || !ways[0].OK {
		t.Fatalf("%+v %v", ways, err)
	}
}

func TestStopOpensNoConversation(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	w.sms(number, "SM1", "+351912007031", models.MessageIn{Text: "STOP", Consent: models.OptedOutState, Automatic: "consent"})
	if n := len(w.rows("all")); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestReplyMustFitItsChannel(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	ana := w.sms(number, "SM1", "+351912007031", models.MessageIn{Text: "Hello"})
	long := make([]byte, 1601)
	for i := range long {
		long[i] = 'a'
	}
	_, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: string(long)})
	var e *models.Error
	if !errors.As(err, &e) || e.Field != "text" {
		t.Error("1,601 characters:", err)
	}
	file, err := w.Upload(t.Context(), UserUploads(w.mia.ID), "desk.txt", "text/plain", strings.NewReader("far too large for this"))
	w.must(err)
	if _, err = w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Look", Attachments: []models.ID{file.ID}}); !errors.As(err, &e) || e.Field != "attachment_ids" {
		t.Error("a file that is too large:", err)
	}
	if n := len(w.thread(ana.CustomerID)); n != 1 {
		t.Errorf("%d entries after two refusals", n)
	}
}

// runFetches runs the loop until the test ends.
func (w *world) runFetches() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.RunFetches(ctx) }()
	w.Cleanup(func() { cancel(); <-done })
}

func (w *world) fileOf(event models.ID) models.Attachment {
	w.Helper()
	files, err := store.AttachmentsOf(w.st.Read(w.Context()), []models.ID{event})
	w.must(err)
	if len(files) != 1 {
		w.Fatalf("%d files", len(files))
	}
	return files[0]
}

func (w *world) eventually(what string, ok func() bool) {
	w.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(end) {
			w.Fatal("in vain: " + what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

func TestPicturesAreFetchedAfterTheCommit(t *testing.T) {
	w := newWorld(t)
	var calls atomic.Int32
	png := []byte("\x89PNG\r\n\x1a\n and so on")
	number := w.withSMS(func(_ context.Context, url string) (models.FileIn, error) {
		if url != "https://api.twilio.com/media/ME1" {
			t.Errorf("asked for %q", url)
		}
		if calls.Add(1) == 1 {
			return models.FileIn{}, errors.New("503")
		}
		return models.FileIn{Type: "text/html", Body: png}, nil
	})
	ana := w.sms(number, "MM1", "+351912007031", models.MessageIn{Text: "Like this one", Attachments: []models.FileIn{{Name: "../../1.png", Type: "image/png", URL: "https://api.twilio.com/media/ME1"}}})
	if f := w.fileOf(ana.EventID); f.State != "fetching" || f.SHA256 != "" {
		t.Fatalf("%+v", f)
	}
	w.runFetches()
	w.eventually("a first attempt", func() bool { return calls.Load() == 1 })
	w.eventually("the file", func() bool { w.pass(time.Second); w.st.Bell.Ring(); return w.fileOf(ana.EventID).State == "" })
	f := w.fileOf(ana.EventID)
	if f.Type != "image/png" || f.Name != "1.png" || f.Size != int64(len(png)) {
		t.Errorf("the type is what the bytes are, the name is no path: %+v", f)
	}
	var told bool
	feed, err := store.Feed(w.st.Read(t.Context()), ana.EventID, 50)
	w.must(err)
	for _, e := range feed {
		told = told || (e.Kind == models.KindFile && e.RefID == ana.EventID)
	}
	if !told {
		t.Error("live screens are not told")
	}
}

func TestPictureThatIsGoneSaysSo(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(func(context.Context, string) (models.FileIn, error) {
		return models.FileIn{}, models.Permanent(errors.New("The picture is no longer at Twilio."))
	})
	ana := w.sms(number, "MM1", "+351912007031", models.MessageIn{Attachments: []models.FileIn{{Name: "1.png", Type: "image/png", URL: "https://api.twilio.com/media/ME1"}}})
	w.runFetches()
	w.eventually("the verdict", func() bool { return w.fileOf(ana.EventID).State == "failed" })
	if f := w.fileOf(ana.EventID); f.Problem != "The picture is no longer at Twilio." {
		t.Errorf("%+v", f)
	}
}

func TestPictureIsGivenUpAfterADay(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(func(context.Context, string) (models.FileIn, error) { return models.FileIn{}, errors.New("no answer") })
	ana := w.sms(number, "MM1", "+351912007031", models.MessageIn{Attachments: []models.FileIn{{Name: "1.png", URL: "https://api.twilio.com/media/ME1"}}})
	w.runFetches()
	w.eventually("giving up", func() bool { w.pass(time.Hour); w.st.Bell.Ring(); return w.fileOf(ana.EventID).State == "failed" })
}

// A delivery receipt may overtake the answer to the call that sent the message.
func TestReceiptBeforeItsMessageIsKnown(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	ana := w.sms(number, "SM1", "+351912007031", models.MessageIn{Text: "Hello"})
	id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Hi"})
	w.must(err)
	for _, state := range []string{models.DeliveryDelivered, models.DeliverySent} {
		w.in(models.Inbound{ChannelID: number, ExternalID: "SMout:" + state, Payload: &models.DeliveryIn{ProviderID: "SMout", State: state}})
	}
	sender := accepting("SMout")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	worker := &outbox.Worker{Store: w.st, Senders: func(models.ID) (models.Sender, bool) { return sender, true }}
	go func() { defer close(done); _ = worker.Run(ctx) }()
	defer func() { cancel(); <-done }()
	w.eventually("delivered", func() bool {
		w.pass(time.Second)
		w.st.Bell.Ring()
		m, err := store.Message(w.st.Read(t.Context()), id)
		w.must(err)
		return m.State == models.DeliveryDelivered
	})
}

type accepting string

func (a accepting) Send(context.Context, models.Outbound) (models.Receipt, error) {
	return models.Receipt{ProviderID: string(a), State: models.DeliverySent}, nil
}
