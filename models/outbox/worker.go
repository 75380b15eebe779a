package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Senders gives the Sender of a channel. ok is false while the channel is paused, removed or cannot
// be opened: its messages wait.
type Senders func(channel models.ID) (models.Sender, bool)

// Worker carries out what stands in the outbox.
type Worker struct {
	Store   *store.Store
	Senders Senders
	URL     string                                                       // the public base URL, for links to files
	Paused  func(ctx context.Context, channel models.ID, problem string) // told when a channel's credentials are refused

	mu     sync.Mutex
	resume map[models.ID]models.Time // channels that refused us, until when
	busy   map[models.ID]bool        // channels with a message on its way
	freed  chan struct{}             // a busy channel is free again
}

const (
	// workers is how many channels have a message on its way at a time, so that one slow server
	// does not hold up the others. A channel has one: a crash can double no more than that one, and
	// providers dislike many connections to one account.
	workers = 4
	// lease is how long a claimed row is ours. A send is given up before it ends.
	lease = 5 * time.Minute
	// sendTimeout bounds one attempt.
	sendTimeout = 4 * time.Minute
	// grace is what a begun send still gets when the program stops: Docker waits ten seconds.
	grace = 5 * time.Second
	// refusedPause is how long a channel rests whose credentials were refused; new settings end it.
	refusedPause = time.Hour
	// closedPause is how long a channel rests that is not open, at the start for example; its opening
	// ends it.
	closedPause = 30 * time.Second
	// giveUp is how long a message is tried, from the first attempt, or from staff's sending it again, or
	// from when credentials that were refused are good again.
	giveUp = 24 * time.Hour
	// linkLife is how long a provider may fetch a file by its link.
	linkLife = 24 * time.Hour
)

// backoff is 30 s, 2 m, 10 m, 30 m, then hourly to 24 h.
var backoff = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

func wait(attempt int) time.Duration {
	d := backoff[min(attempt-1, len(backoff)-1)]
	return d + time.Duration((rand.Float64()*0.4-0.2)*float64(d))
}

// Run sends what is due until ctx ends; a send that has begun is finished and recorded first.
func (w *Worker) Run(ctx context.Context) error {
	// The data folder's lock says that nobody else is sending: what looks claimed was cut off.
	if err := w.insist(ctx, store.RecoverOutbox); err != nil && ctx.Err() == nil {
		return err
	}
	slots := make(chan struct{}, workers)
	w.busy, w.freed = map[models.ID]bool{}, make(chan struct{}, 1)
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		bell := w.Store.Bell.Wait()
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		row, ok, err := w.claim(ctx)
		if err != nil || !ok {
			<-slots
			if err != nil && ctx.Err() == nil {
				slog.Error("outbox: claiming", "error", err)
			}
			w.rest(ctx, bell, err != nil)
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			defer w.free(row.ChannelID)
			// Not ctx: a begun send is finished, within its time, or within grace when we stop.
			sendCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
			defer cancel()
			defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
			w.attempt(sendCtx, ctx, row)
		})
	}
	return nil
}

// rest waits for the bell, the next due row, or a second while the store fails.
func (w *Worker) rest(ctx context.Context, bell <-chan struct{}, failing bool) {
	pause := time.Minute
	if due, err := store.NextDue(w.Store.Read(ctx), w.waiting()...); err == nil && due != 0 {
		pause = min(pause, max(due.Sub(w.Store.Now()), 20*time.Millisecond))
	}
	if failing || len(w.resting()) > 0 {
		pause = min(max(pause, time.Second), 5*time.Second)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-bell:
	case <-w.freed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// claim takes the next row, if any is due. It looks before it writes: most bells ring for others.
func (w *Worker) claim(ctx context.Context) (row store.OutboxRow, ok bool, err error) {
	skip := w.waiting()
	due, err := store.NextDue(w.Store.Read(ctx), skip...)
	if err != nil || due == 0 || due > w.Store.Now() {
		return row, false, err
	}
	err = w.Store.Write(ctx, func(tx *store.Tx) error {
		now := tx.Now()
		row, ok, err = store.ClaimOutbox(tx, now.Add(lease), now.Add(backoff[0]), skip)
		return err
	})
	if ok && err == nil {
		w.mu.Lock()
		w.busy[row.ChannelID] = true
		w.mu.Unlock()
	}
	return row, ok, err
}

// free lets the next message of a channel go.
func (w *Worker) free(channel models.ID) {
	w.mu.Lock()
	delete(w.busy, channel)
	w.mu.Unlock()
	select {
	case w.freed <- struct{}{}:
	default:
	}
}

// waiting lists the channels whose messages have to wait: they rest, or send one.
func (w *Worker) waiting() []models.ID {
	out := w.resting()
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.busy {
		out = append(out, id)
	}
	return out
}

func (w *Worker) resting() []models.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []models.ID
	for id, until := range w.resume {
		if until > w.Store.Now() {
			out = append(out, id)
		}
	}
	return out
}

func (w *Worker) pause(channel models.ID, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.resume == nil {
		w.resume = map[models.ID]models.Time{}
	}
	w.resume[channel] = w.Store.Now().Add(d)
}

// Resume ends a channel's pause: its settings changed.
func (w *Worker) Resume(channel models.ID) {
	w.mu.Lock()
	delete(w.resume, channel)
	w.mu.Unlock()
	w.Store.Bell.Ring()
}

// insist writes, however long the disk is full or the database held by another program, until it is
// written or the program stops. Then it tries once more.
func (w *Worker) insist(running context.Context, fn func(*store.Tx) error) error {
	for {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(running), 30*time.Second)
		err := w.Store.Write(ctx, fn)
		cancel()
		if !models.IsCode(err, models.Unavailable) || running.Err() != nil {
			return err
		}
		slog.Warn("outbox: the database cannot be written to; it is tried again", "error", err)
		select {
		case <-time.After(2 * time.Second):
		case <-running.Done():
		}
	}
}

// attempt sends a message within ctx and records what came of it. While that cannot be recorded its
// channel waits: the message would go again.
func (w *Worker) attempt(ctx, running context.Context, row store.OutboxRow) {
	receipt, err := w.send(ctx, row)
	var failure *models.SendError
	errors.As(err, &failure)
	// A channel's rest begins before its message is given back: new settings may end it at once, and
	// must not do so too early.
	refused := failure != nil && failure.Pause
	switch {
	case refused:
		w.pause(row.ChannelID, refusedPause)
	case errors.Is(err, errNoSender):
		w.pause(row.ChannelID, closedPause)
	}
	werr := w.insist(running, func(tx *store.Tx) error {
		e, rerr := store.Event(tx, row.EventID)
		if rerr != nil {
			return rerr
		}
		switch {
		case err == nil:
			return w.sent(tx, row, e, receipt)
		case refused:
			return store.RestOutbox(tx, row.ID, err.Error(), true)
		case failure != nil && failure.Permanent, tx.Now().Sub(row.TriesFrom) > giveUp:
			if failure != nil && failure.OptedOut {
				if _, cerr := Consent(tx, now(tx, e), models.OptedOutState, "carrier"); cerr != nil {
					return cerr
				}
			}
			return w.failed(tx, row, e, err, failure == nil || !failure.Permanent)
		}
		return w.later(tx, row, failure, err)
	})
	if werr != nil {
		slog.Error("outbox: the result could not be recorded; the lease will run out and the message go again under the same id", "event", row.EventID, "error", werr)
	}
	if refused && w.Paused != nil {
		// Recorded even when the send used up its time.
		told, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		w.Paused(told, row.ChannelID, err.Error())
	}
}

func (w *Worker) sent(tx *store.Tx, row store.OutboxRow, e models.Event, r models.Receipt) error {
	if err := store.SetSendProblem(tx, row.ChannelID, ""); err != nil {
		return err
	}
	if err := store.FinishOutbox(tx, row.ID, "done", ""); err != nil {
		return err
	}
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return err
	}
	state := r.State
	if state == "" {
		state = models.DeliverySent
	}
	if _, err := Record(tx, e, state, r.Problem, r.ProviderID); err != nil {
		return err
	}
	if m.SendAt != 0 && e.ConversationID != 0 {
		if err := store.CountAnswer(tx, e.ConversationID); err != nil {
			return err
		}
	}
	return applyParked(tx, e, r.ProviderID)
}

// failed records that a message is not tried any more; soft when that is only for want of time.
func (w *Worker) failed(tx *store.Tx, row store.OutboxRow, e models.Event, problem error, soft bool) error {
	if err := store.FinishOutbox(tx, row.ID, "failed", problem.Error()); err != nil {
		return err
	}
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return err
	}
	_, err = record(tx, e, m.State, models.DeliveryData{State: models.DeliveryFailed, Error: problem.Error(), Soft: soft}, "")
	return err
}

func (w *Worker) later(tx *store.Tx, row store.OutboxRow, failure *models.SendError, problem error) error {
	if errors.Is(problem, errNoSender) {
		return store.RestOutbox(tx, row.ID, problem.Error(), false)
	}
	d := wait(row.Tries)
	if failure != nil && failure.After > d {
		d = failure.After
	}
	return store.DeferOutbox(tx, row.ID, tx.Now().Add(d), problem.Error(), failure != nil && failure.Doubt)
}

var errNoSender = errors.New("the channel is not connected; the message waits until it is")

func (w *Worker) send(ctx context.Context, row store.OutboxRow) (models.Receipt, error) {
	sender, ok := w.Senders(row.ChannelID)
	if !ok {
		return models.Receipt{}, errNoSender
	}
	out, err := w.rebuild(ctx, row)
	if err != nil {
		return models.Receipt{}, err
	}
	return sender.Send(ctx, out)
}

// rebuild makes the message from the database, the same for every attempt.
func (w *Worker) rebuild(ctx context.Context, row store.OutboxRow) (models.Outbound, error) {
	var c Content
	if err := json.Unmarshal([]byte(row.Content), &c); err != nil {
		return models.Outbound{}, models.Permanent(err)
	}
	q := w.Store.Read(ctx)
	m, err := store.Message(q, row.EventID)
	if err != nil {
		return models.Outbound{}, err
	}
	files, err := store.AttachmentsOf(q, []models.ID{row.EventID})
	if err != nil {
		return models.Outbound{}, err
	}
	if err := w.unseal(row, c, &m); err != nil {
		return models.Outbound{}, err
	}
	return models.Outbound{EventID: row.EventID, Secret: c.Sealed != nil, To: m.ToAddress, ToName: c.ToName, CC: addresses(m.CC), BCC: addresses(m.BCC), FromName: c.FromName, Subject: m.Subject, Text: m.Text, HTML: named(m.HTML, files),
		MessageID: m.MessageID, InReplyTo: c.InReplyTo, References: c.References, ReplyToken: c.ReplyToken, Automatic: c.Automatic, Signature: c.Signature,
		Attachments: w.files(files), Key: row.Key, Attempt: row.Attempts, Since: row.FirstAt, Doubt: row.Doubt,
		Taken: func(ctx context.Context, providerID string) (bool, error) {
			id, err := store.EventByProviderID(w.Store.Read(ctx), row.ChannelID, providerID)
			return id != 0 && id != row.EventID, err
		}}, nil
}

// named gives the pictures in a message's HTML the ids that they have inside the mail.
func named(html string, files []models.Attachment) string {
	for _, a := range files {
		if a.Inline && a.ContentID != "" {
			html = strings.ReplaceAll(html, `"/attachments/`+a.Token+`"`, `"cid:`+a.ContentID+`"`)
		}
	}
	return html
}

// unseal fills in the words of a secret, as long as they are of use.
func (w *Worker) unseal(row store.OutboxRow, c Content, m *models.Message) error {
	if c.Sealed == nil {
		return nil
	}
	if c.Until <= w.Store.Now() {
		return models.Permanent(errors.New("The code ran out before it could be sent. Send a new one."))
	}
	plain, err := w.Store.Vault.Open(c.Sealed, secretPlace(row.EventID))
	if err != nil {
		return models.Permanent(err)
	}
	var s Secret
	if err := json.Unmarshal(plain, &s); err != nil {
		return models.Permanent(err)
	}
	m.Subject, m.Text = s.Subject, s.Text
	return nil
}

// addresses takes apart what a message keeps as one line.
func addresses(line string) (out []string) {
	for _, a := range strings.Split(line, ",") {
		if a = strings.TrimSpace(a); a != "" {
			out = append(out, a)
		}
	}
	return out
}

func (w *Worker) files(stored []models.Attachment) []models.FileOut {
	var out []models.FileOut
	for _, a := range stored {
		out = append(out, models.FileOut{Name: a.Name, Type: a.Type, ContentID: a.ContentID, Inline: a.Inline, Size: a.Size,
			URL:  w.URL + "/c/files/" + w.Store.FileLink(a.Token, w.Store.Now().Add(linkLife)),
			Open: func() (io.ReadCloser, error) { return w.Store.Files.Open(a.SHA256) }})
	}
	return out
}
