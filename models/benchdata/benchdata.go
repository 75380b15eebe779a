// Package benchdata makes shops of any size for measurements and tests: the same seed gives the
// same shop. It writes SQL past the single door, because a million events through Ingest would take
// half an hour; what it leaves behind is held to store.Check by its own test. Only tests import it.
package benchdata

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
)

// Version names what the generator makes; raise it with every change of its output.
const Version = 1

// Size says how large a shop is to be made.
type Size struct {
	Customers int
	Events    int // at least Customers; the last ones lie in the present
	Seed      uint64
	Now       time.Time // when the newest event happened; zero = a fixed day, so that runs are alike
}

// Who opens a made shop.
const (
	Email    = "mia@casa.example" // its owner
	Password = "walnut desk in lisbon"
)

// Words with a known share of the messages, for search.
const (
	Rare         = "quixotic" // about 1 message in 5,000
	Frequent     = "refund"   // 1 in 20
	VeryFrequent = "order"    // 1 in 5
	RareLabel    = "press"    // on 1 conversation in 5,000
)

// Make makes a shop in the empty folder dir.
func Make(ctx context.Context, dir string, size Size) error {
	if size.Now.IsZero() {
		size.Now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	}
	shop, err := found(ctx, dir, size)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "onethread.db")+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-400000)&_pragma=temp_store(MEMORY)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	err = shop.fill(ctx, db)
	return errors.Join(err, db.Close(), reopen(ctx, dir))
}

// reopen lets the store make the search triggers anew and choose its journal.
func reopen(ctx context.Context, dir string) error {
	st, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return err
	}
	return st.Close()
}

// found makes the empty shop: staff, channels, labels. The mailbox is paused: its server is nowhere.
func found(ctx context.Context, dir string, size Size) (*shop, error) {
	st, err := store.Open(ctx, dir, store.Options{Now: func() time.Time { return size.Now }})
	if err != nil {
		return nil, err
	}
	s := newShop(size)
	a := auth.New(st, nil)
	for i, name := range []string{"Mia Torres", "Leo Alves", "Nora Vidal", "Tom Reis", "Eva Lund"} {
		email, role := fmt.Sprintf("staff%d@casa.example", i), models.Agent
		if i == 0 {
			email, role = Email, models.Owner
		}
		u, err := a.CreateUser(ctx, email, name, role, Password)
		if err != nil {
			return nil, errors.Join(err, st.Close())
		}
		s.staff = append(s.staff, int64(u.ID))
	}
	err = st.Write(ctx, func(tx *store.Tx) error { return s.connect(tx) })
	return s, errors.Join(err, st.Close())
}

func (s *shop) connect(tx *store.Tx) error {
	for _, c := range []struct {
		kind, name string
		id         *int64
	}{{"email", "support@casa.example", &s.mail}, {"webchat", "casa.example", &s.chat}, {"generic", "Till", &s.till}} {
		id, err := store.AddChannel(tx, models.Channel{Type: c.kind, Name: c.name, Key: c.kind + "-key", Paused: c.kind == "email",
			Settings: map[string]string{"address": "support@casa.example", "secret": "a secret of the made-up shop"}}, func(k string) bool { return k == "secret" })
		if err != nil {
			return err
		}
		*c.id = int64(id)
	}
	return nil
}

// shop is one in the making.
type shop struct {
	size             Size
	rng              *rand.Rand
	words            *Words
	staff            []int64
	mail, chat, till int64
	customers        []customer
	at               int64 // the present event's time
	nextConversation int64
	conversations    []conversation
	nextOrder        int64
	started          int64 // the first event's id, less one
	ins              map[string]*sql.Stmt
}

type customer struct {
	email, chat  int64 // identities; chat is 0 for most
	conversation int64 // the open one
	last         int64 // the newest event
	lastIn       bool
	onChat       bool
	order        int64
}

type conversation struct {
	customer, assignee, opened, closed, waiting, firstReply, lastEvent, lastAt int64
	status, subject, channels                                                  string
}

func newShop(size Size) *shop {
	rng := rand.New(rand.NewPCG(size.Seed, 7))
	return &shop{size: size, rng: rng, words: NewWords(rng), ins: map[string]*sql.Stmt{}}
}
