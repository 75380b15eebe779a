package demo

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Life keeps the sample shop going while somebody looks at it: every now and then something
// happens, and customers of the stories answer what staff write to them.
type Life struct {
	scene Scene
	st    *store.Store
	box   *inbox.Inbox
	post  func(mail []byte) error // puts a mail into the shop's mailbox
	dice  *rand.Rand
	cast  []person

	after   models.ID // the newest event that was looked at
	answers []answer
	given   map[string]int // answers so far, by person
	next    int            // the happening that comes next
}

// answer is what a customer is about to write.
type answer struct {
	at  time.Time
	who person
	to  store.Entry
}

// mostAnswers is how often one customer answers: kind people, but they have other things to do.
const mostAnswers = 3

// Live makes the Life of a filled shop, over the store and inbox of the running server. post puts a
// mail (RFC 5322) where the email channel reads.
func (s *Shop) Live(st *store.Store, box *inbox.Inbox, post func([]byte) error, seed uint64) *Life {
	return &Life{scene: s.Scene, st: st, box: box, post: post, dice: rand.New(rand.NewPCG(seed, 0)), cast: s.cast, given: map[string]int{}}
}

// Run goes on until ctx ends.
func (l *Life) Run(ctx context.Context) error {
	var err error
	if l.after, err = store.LastEventID(l.st.Read(ctx)); err != nil {
		return err
	}
	happens := time.Now().Add(l.pause() / 2)
	for {
		bell := l.st.Bell.Wait()
		if err := l.hear(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		due := happens
		for _, a := range l.answers {
			due = earlier(due, a.at)
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-bell:
			timer.Stop()
			continue
		case <-timer.C:
		}
		l.speak(ctx)
		if !time.Now().Before(happens) {
			l.tell(l.happen(ctx))
			happens = time.Now().Add(l.pause())
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pause is how long nothing happens: 20 to 60 seconds.
func (l *Life) pause() time.Duration {
	return 20*time.Second + time.Duration(l.dice.Int64N(int64(40*time.Second)))
}

// tell logs what went wrong: a sample shop goes on without the one event.
func (l *Life) tell(err error) {
	if err != nil {
		slog.Warn("demo: something could not happen", "error", err)
	}
}

// hear looks at what staff wrote since the last look, and lets those who were written to think.
func (l *Life) hear(ctx context.Context) error {
	for {
		news, err := store.FeedFull(l.st.Read(ctx), l.after, 200)
		if err != nil || len(news) == 0 {
			return err
		}
		for _, e := range news {
			l.after = max(l.after, e.ID)
			if e.Kind == models.KindMessage && e.Direction == models.Out && e.UserID != 0 && e.Message != nil {
				l.think(ctx, e)
			}
		}
	}
}

// think plans an answer, after the time it takes to send and to read. Only people of the stories
// answer: a browser that somebody really holds speaks for itself.
func (l *Life) think(ctx context.Context, e store.Entry) {
	to := e.Message.ToAddress
	i := slices.IndexFunc(l.cast, func(p person) bool { return to != "" && to != Gone && (p.email == to || p.visitor == to) })
	if i < 0 || l.given[to] >= mostAnswers {
		return
	}
	l.given[to]++
	wait := 4*time.Second + time.Duration(l.dice.Int64N(int64(5*time.Second)))
	if e.ChannelID == l.scene.Mail.ID {
		wait += 12 * time.Second // the undo window, and a mail program that is slower than a chat
	}
	l.answers = append(l.answers, answer{time.Now().Add(wait), l.cast[i], e})
}

// speak gives the answers that are due, unless the message was called back meanwhile.
func (l *Life) speak(ctx context.Context) {
	l.answers = slices.DeleteFunc(l.answers, func(a answer) bool {
		if time.Now().Before(a.at) {
			return false
		}
		m, err := store.Message(l.st.Read(ctx), a.to.ID)
		if err == nil && m.State != models.DeliveryCanceled {
			a.to.Message = &m
			err = l.answer(ctx, a.who, a.to)
		}
		l.tell(err)
		return true
	})
}

// answer writes in the customer's own words on the channel they were written to.
func (l *Life) answer(ctx context.Context, who person, to store.Entry) error {
	if to.ChannelID == l.scene.Mail.ID {
		return l.post(letter(who, "Re: "+to.Message.Subject, l.one(mailAnswers), to.Message.MessageID, time.Now()))
	}
	if to.Message.State == models.DeliverySent {
		read := models.Inbound{ChannelID: to.ChannelID, ExternalID: "read:" + to.Message.ProviderID, Hints: l.browser(who),
			Payload: &models.DeliveryIn{ProviderID: to.Message.ProviderID, State: models.DeliveryRead}}
		if _, err := l.box.Ingest(ctx, read); err != nil {
			return err
		}
	}
	return l.in(ctx, l.scene.Chat, l.browser(who), &models.MessageIn{Text: l.one(chatAnswers)})
}

func (l *Life) one(of []string) string { return of[l.dice.IntN(len(of))] }

func (l *Life) browser(p person) []models.Hint {
	return []models.Hint{{Kind: models.ChatIdentity, Scope: l.scene.Chat.Key, Value: p.visitor, Evidence: models.Asserted, Reason: "the same browser in the chat"}}
}

// in sends one event through the single door, now.
func (l *Life) in(ctx context.Context, channel models.Channel, hints []models.Hint, payload models.Payload) error {
	_, err := l.box.Ingest(ctx, models.Inbound{ChannelID: channel.ID, ExternalID: "live-" + store.Token(), Signed: true, Hints: hints, Payload: payload})
	return err
}
