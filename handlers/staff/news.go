package staff

import (
	"sync"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// news is what the open streams read in common. When the bell rings, all of them want the same events
// and the same rows at the same moment; one reads for all (with fifty sockets that is a fifth of the
// work). What was read counts until the bell rings again: a stream shares only with those that hold
// the very bell it holds, taken before the reading, so that whatever came later wakes it. The zero
// value is ready to use.
type news struct {
	mu      sync.Mutex
	bell    <-chan struct{}
	since   time.Time
	read    map[any]*reading
	viewers map[models.ID]int // whose streams are open
}

type reading struct {
	once  sync.Once
	value any
	err   error
}

// newsLast bounds how long a reading counts, for what changes without an event: a draft, a label's colour.
const newsLast = 200 * time.Millisecond

// shared reads once for all streams that ask for the same key under the same bell.
func shared[T any](n *news, bell <-chan struct{}, key any, read func() (T, error)) (T, error) {
	n.mu.Lock()
	if n.bell != bell || time.Since(n.since) > newsLast {
		n.bell, n.since, n.read = bell, time.Now(), map[any]*reading{}
	}
	r := n.read[key]
	if r == nil {
		r = &reading{}
		n.read[key] = r
	}
	n.mu.Unlock()
	r.once.Do(func() { r.value, r.err = read() })
	value, _ := r.value.(T)
	return value, r.err
}

// enter counts a user's stream as open until the returned function is called.
func (n *news) enter(user models.ID) (leave func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.viewers == nil {
		n.viewers = map[models.ID]int{}
	}
	n.viewers[user]++
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.viewers[user]--; n.viewers[user] <= 0 {
			delete(n.viewers, user)
		}
	}
}

func (n *news) watching() []models.ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]models.ID, 0, len(n.viewers))
	for v := range n.viewers {
		out = append(out, v)
	}
	return out
}

// feedFrom names a reading of the feed, by its cursor.
type feedFrom models.ID

// rowOf names a reading of a row, by its newest event too: a commit is seen before its bell rings, so
// that under one bell the feed may have come further than a row that was read before.
type rowOf struct{ customer, newest models.ID }

// feed reads the events behind a cursor. No single stream's end cuts a shared reading short.
func (s *Screens) feed(bell <-chan struct{}, after models.ID) ([]models.Event, error) {
	return shared(&s.news, bell, feedFrom(after), func() ([]models.Event, error) {
		return store.Feed(s.Store.Read(s.Streams), after, feedAtOnce)
	})
}

// sharedRow is a customer's row before it is anybody's: found is empty or has one row.
type sharedRow struct {
	rowDrawer
	found []store.InboxRow
	marks map[models.ID]store.RowMarks
}

// row reads a customer's row as it is once their newest event stands.
func (s *Screens) row(bell <-chan struct{}, customer, newest models.ID) (*sharedRow, error) {
	return shared(&s.news, bell, rowOf{customer, newest}, func() (*sharedRow, error) {
		q, r := s.Store.Read(s.Streams), &sharedRow{marks: map[models.ID]store.RowMarks{}}
		var err error
		if r.found, err = store.Inbox(q, store.InboxFilter{Customer: customer, Limit: 1}); err != nil || len(r.found) == 0 {
			return r, err
		}
		if _, err = r.load(q, r.found); err != nil {
			return r, err
		}
		return r, r.mark(q, s.news.watching())
	})
}

func (r *sharedRow) mark(q store.Q, viewers []models.ID) error {
	marks, err := store.MarksFor(q, r.found[0].CustomerID, viewers)
	for _, m := range marks {
		r.marks[m.Viewer] = m
	}
	return err
}

// of gives the row as one viewer sees it; one who came after the reading is looked up.
func (r *sharedRow) of(q store.Q, viewer models.ID) (store.InboxRow, error) {
	row := r.found[0]
	m, ok := r.marks[viewer]
	if !ok {
		marks, err := store.MarksFor(q, row.CustomerID, []models.ID{viewer})
		if err != nil || len(marks) == 0 {
			return row, err
		}
		m = marks[0]
	}
	row.Unread, row.HasDraft = m.Unread, m.HasDraft
	return row, nil
}
