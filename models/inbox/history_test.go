package inbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/privacy"
	"onethread/models/store"
)

// history is a random life of a few customers who are all one another's neighbours: they write, order, are
// merged and parted again, by staff and by evidence. Its addresses are its own, so that many run in
// one database at a time.
type history struct {
	*world
	n      int
	rng    *rand.Rand
	said   []string // what happened, to tell when something is wrong
	merges []models.ID
	rough  bool // others act on the same people at the same time: what one is about to touch may be gone
}

// histories is how many lives are played; ONETHREAD_HISTORIES asks for more.
func histories(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("ONETHREAD_HISTORIES")); err == nil {
		return n
	}
	if testing.Short() {
		return 20
	}
	return 100
}

// TestRandomHistories checks what docs/model.md promises of merging, after lives that nobody thought of.
func TestRandomHistories(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	const together = 10 // in one database at a time
	for from := 0; from < histories(t); from += together {
		t.Run(fmt.Sprint("from ", from), func(t *testing.T) {
			w := newWorld(t)
			var wg sync.WaitGroup
			for n := from; n < from+together; n++ {
				wg.Go(func() {
					(&history{world: w, n: n, rng: rand.New(rand.NewPCG(seed, uint64(n)))}).live()
				})
			}
			wg.Wait()
		})
	}
}

// TestHistoriesOfTheSamePeople lets many act on the same few people at once: merging, parting, moving,
// erasing and writing cross each other, and whatever comes of it must be sound.
func TestHistoriesOfTheSamePeople(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	for round := range max(1, histories(t)/25) {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			w := newWorld(t)
			var wg sync.WaitGroup
			for n := range 6 {
				wg.Go(func() {
					h := &history{world: w, n: 1, rng: rand.New(rand.NewPCG(seed, uint64(round*10+n))), rough: true}
					for range 40 {
						if !t.Failed() {
							h.step()
							h.sound()
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func (h *history) live() {
	for range 15 + h.rng.IntN(25) {
		if h.Failed() {
			return
		}
		h.step()
		h.sound()
	}
	h.partsExactly()
	h.sound()
}

func (h *history) fail(format string, args ...any) {
	h.Errorf("history %d: %s\n%s", h.n, fmt.Sprintf(format, args...), strings.Join(h.said, "\n"))
}

func (h *history) email() string { return fmt.Sprintf("p%d.h%d@example.com", h.rng.IntN(5), h.n) }

func (h *history) phone() string { return fmt.Sprintf("+3519%08d", h.n*10+h.rng.IntN(4)) }

// step does one random thing.
func (h *history) step() {
	all := h.customers()
	kind := h.rng.IntN(21)
	if len(all) < 2 {
		kind = h.rng.IntN(4)
	}
	h.said = append(h.said, fmt.Sprintf("%d of %v", kind, all))
	pick := func() models.ID { return all[h.rng.IntN(len(all))] }
	switch kind {
	case 0, 1:
		h.in(h.letter(h.mail, h.id(), h.email(), "Hello "+h.id()))
	case 2:
		hints := []models.Hint{asserted(models.EmailIdentity, h.email())}
		if h.rng.IntN(2) == 0 {
			hints = append(hints, models.Hint{Kind: models.PhoneIdentity, Value: h.phone(), Evidence: []models.Evidence{models.Asserted, models.Typed}[h.rng.IntN(2)]})
		}
		h.order(h.id(), h.id(), "paid", "10.00", h.clock, hints...)
	case 3:
		h.chatFrom(fmt.Sprintf("v%d.h%d", h.rng.IntN(3), h.n), h.id(), "Hi", typed(models.EmailIdentity, h.email()))
	case 4, 5, 6:
		if id, err := h.Merge(h.Context(), h.mia.ID, pick(), pick()); err == nil {
			h.merges = append(h.merges, id)
		} else if !models.IsCode(err, models.Conflict) {
			h.ok("merging", err)
		}
	case 7, 8:
		h.undoOne()
	case 9:
		_, err := h.Note(h.Context(), h.mia, NoteInput{CustomerID: pick(), Text: "a note"})
		h.ok("a note", err)
	case 10:
		c := pick()
		h.ok("a draft", h.SaveDraft(h.Context(), store.Draft{UserID: h.mia.ID, CustomerID: c, Kind: "reply", Text: h.id()}))
		h.ok("reading", h.Read(h.Context(), h.mia.ID, c, models.ID(h.rng.IntN(1000)), true))
	case 11:
		h.decide(pick())
	case 12:
		h.moveOne(pick())
	case 13:
		h.moveOneBack()
	case 14, 15, 16:
		h.changeAddress(pick())
	case 17, 18:
		h.work()
	case 19:
		h.refund()
	case 20:
		h.erase(pick())
	}
}

// erase forgets somebody, now and then: a history of nobody tells nothing.
func (h *history) erase(customer models.ID) {
	if h.rng.IntN(3) > 0 {
		return
	}
	if _, err := privacy.New(h.st).Erase(h.Context(), h.mia.ID, customer); err != nil && !models.IsCode(err, models.Conflict) {
		h.ok("erasing", err)
	}
}

// work does what staff do to a conversation.
func (h *history) work() {
	all := h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT id FROM conversations WHERE customer_id IN (SELECT id FROM mine) ORDER BY id")
	if len(all) == 0 {
		return
	}
	id, err := models.ParseID(all[h.rng.IntN(len(all))])
	h.ok("an id", err)
	closed, open, until, priority, labels := models.StatusClosed, models.StatusOpen, h.st.Now().Add(time.Hour), "high", []string{"vip"}
	h.ok("work", h.Update(h.Context(), h.mia, id, []Change{{Status: &closed}, {Status: &open}, {SnoozedUntil: &until}, {Priority: &priority}, {Labels: &labels}, {AssigneeID: &h.mia.ID}}[h.rng.IntN(6)]))
}

func (h *history) refund() {
	orders := h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT external_id FROM orders WHERE customer_id IN (SELECT id FROM mine) ORDER BY id")
	if len(orders) == 0 {
		return
	}
	order := orders[h.rng.IntN(len(orders))]
	h.in(models.Inbound{ChannelID: h.till, ExternalID: h.id(), Payload: &models.RefundIn{Refund: models.Refund{ExternalID: h.id(), OrderExternalID: order, OrderNumber: order, Amount: 100, Currency: "EUR", Status: "done"}}})
}

// changeAddress moves an address to some customer or back, takes it away, or gives it back. A refusal must
// be one in words.
func (h *history) changeAddress(to models.ID) {
	all := h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT id FROM identities WHERE customer_id IN (SELECT id FROM mine) ORDER BY id")
	if len(all) == 0 {
		return
	}
	id, err := models.ParseID(all[h.rng.IntN(len(all))])
	h.ok("an id", err)
	kind := h.rng.IntN(5)
	switch kind {
	case 0, 1:
		_, err = h.MoveAddress(h.Context(), h.mia.ID, id, to, "")
	case 2:
		err = h.MoveAddressBack(h.Context(), h.mia.ID, id)
	case 3:
		err = h.RemoveAddress(h.Context(), h.mia.ID, id)
	case 4:
		err = h.RestoreAddress(h.Context(), h.mia.ID, id)
	}
	if err != nil && !models.IsCode(err, models.Conflict) {
		h.ok(fmt.Sprint("changing an address, way ", kind), err)
	}
}

func (h *history) ok(what string, err error) {
	if h.rough && (models.IsCode(err, models.Conflict) || models.IsCode(err, models.NotFound) || models.IsCode(err, models.Invalid)) {
		return // said in words
	}
	if err != nil {
		h.fail("%s: %v", what, err)
	}
}

func (h *history) id() string { return fmt.Sprintf("h%d-%d", h.n, h.rng.Uint32()) }

// undoOne undoes one of the merges that stand, whichever: by staff or by evidence, below others or not.
func (h *history) undoOne() {
	standing := h.standing()
	if len(standing) == 0 {
		return
	}
	h.ok("undoing", h.Unmerge(h.Context(), h.mia.ID, standing[h.rng.IntN(len(standing))]))
}

// moveOne moves an entry, or an order with all that tells of it, to some customer.
func (h *history) moveOne(to models.ID) {
	events := h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT id FROM events WHERE customer_id IN (SELECT id FROM mine) AND kind IN ('message','note','order') ORDER BY id")
	if len(events) == 0 {
		return
	}
	id, err := models.ParseID(events[h.rng.IntN(len(events))])
	h.ok("an id", err)
	_, err = h.Move(h.Context(), h.mia.ID, Split{Events: []models.ID{id}, To: to})
	h.ok("moving", err)
}

func (h *history) moved() []string {
	return h.rowsOf(fmt.Sprintf(mine, h.n) + `SELECT m.ref_id FROM (SELECT ref_id, max(id) AS last FROM events WHERE kind = 'moved' AND customer_id IN (SELECT id FROM mine) GROUP BY ref_id) m
		JOIN events e ON e.id = m.last WHERE json_extract(e.data, '$.event_id') IS NOT NULL ORDER BY m.ref_id`)
}

func (h *history) moveOneBack() {
	moved := h.moved()
	if len(moved) == 0 {
		return
	}
	id, err := models.ParseID(moved[h.rng.IntN(len(moved))])
	h.ok("an id", err)
	if err := h.MoveBack(h.Context(), h.mia.ID, id); !models.IsCode(err, models.NotFound) { // who had it was erased
		h.ok("moving back", err)
	}
}

func (h *history) decide(customer models.ID) {
	open, err := store.SuggestionsFor(h.st.Read(h.Context()), customer)
	h.ok("suggestions", err)
	if len(open) == 0 {
		return
	}
	if h.rng.IntN(2) == 0 {
		h.ok("rejecting", h.RejectSuggestion(h.Context(), h.mia.ID, open[0].ID))
		return
	}
	_, err = h.AcceptSuggestion(h.Context(), h.mia.ID, open[0].ID, []models.ID{0, open[0].CustomerID, open[0].OtherID}[h.rng.IntN(3)])
	h.ok("accepting", err)
}

func (h *history) rowsOf(sql string, args ...any) []string {
	out, err := store.Lines(h.st.Read(context.Background()), sql, args...)
	h.ok(sql, err)
	return out
}

// mine are the records of this history, merged ones too: those with its addresses, and what was merged with them.
const mine = `WITH RECURSIVE mine(id) AS (SELECT coalesce(home_id, customer_id) FROM identities WHERE value LIKE '%%.h%[1]d@example.com' OR value LIKE '+3519%%' AND CAST(substr(value, 6) AS INTEGER)/10 = %[1]d
	OR value LIKE 'v_.h%[1]d' UNION SELECT c.merged_into FROM mine m JOIN customers c ON c.id = m.id WHERE c.merged_into IS NOT NULL) `

func (h *history) customers() (out []models.ID) {
	for _, l := range h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT id FROM customers WHERE merged_into IS NULL AND id IN (SELECT id FROM mine) ORDER BY id") {
		id, err := models.ParseID(l)
		h.ok("an id", err)
		out = append(out, id)
	}
	return out
}

func (h *history) standing() (out []models.ID) {
	for _, l := range h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT id FROM merges WHERE undone_at IS NULL AND from_id IN (SELECT id FROM mine) ORDER BY id") {
		id, err := models.ParseID(l)
		h.ok("an id", err)
		out = append(out, id)
	}
	return out
}

// sound checks what is always true.
func (h *history) sound() {
	for what, sql := range map[string]string{
		"an event does not stand with its address":      "SELECT e.id FROM events e JOIN identities i ON i.id = e.anchor_identity_id WHERE e.customer_id IN (SELECT id FROM mine) AND e.home_id IS NULL AND e.customer_id <> i.customer_id",
		"an event does not stand with its conversation": "SELECT e.id FROM events e JOIN conversations c ON c.id = e.conversation_id WHERE e.customer_id IN (SELECT id FROM mine) AND e.customer_id <> c.customer_id",
		"an order does not stand with its address":      "SELECT o.id FROM orders o JOIN identities i ON i.id = o.anchor_identity_id WHERE o.customer_id IN (SELECT id FROM mine) AND o.home_id IS NULL AND o.customer_id <> i.customer_id",
		"something stands with a merged record": `SELECT 'event ' || e.id FROM events e JOIN customers c ON c.id = e.customer_id AND c.merged_into IS NOT NULL WHERE c.id IN (SELECT id FROM mine)
			UNION ALL SELECT 'address ' || i.id FROM identities i JOIN customers c ON c.id = i.customer_id AND c.merged_into IS NOT NULL WHERE c.id IN (SELECT id FROM mine)
			UNION ALL SELECT 'conversation ' || v.id FROM conversations v JOIN customers c ON c.id = v.customer_id AND c.merged_into IS NOT NULL WHERE c.id IN (SELECT id FROM mine)
			UNION ALL SELECT 'order ' || o.id FROM orders o JOIN customers c ON c.id = o.customer_id AND c.merged_into IS NOT NULL WHERE c.id IN (SELECT id FROM mine)`,
		"an address is not where its home is": `WITH RECURSIVE up(start, id, into_id) AS (SELECT c.id, c.id, c.merged_into FROM customers c WHERE c.id IN (SELECT id FROM mine) UNION SELECT u.start, c.id, c.merged_into FROM up u JOIN customers c ON c.id = u.into_id)
			SELECT 'address ' || i.id FROM identities i JOIN up ON up.start = i.home_id AND up.into_id IS NULL WHERE i.customer_id <> up.id
			UNION ALL SELECT 'event ' || e.id FROM events e JOIN up ON up.start = e.home_id AND up.into_id IS NULL WHERE e.customer_id <> up.id
			UNION ALL SELECT 'order ' || o.id FROM orders o JOIN up ON up.start = o.home_id AND up.into_id IS NULL WHERE o.customer_id <> up.id`,
	} {
		head, rest := fmt.Sprintf(mine, h.n), sql
		if with, ok := strings.CutPrefix(sql, "WITH RECURSIVE "); ok {
			head, rest = strings.TrimSuffix(head, " ")+", ", with
		}
		if wrong := h.rowsOf(head + rest); len(wrong) > 0 {
			h.fail("%s: %v", what, wrong)
		}
	}
}

// partsExactly merges the customers in random directions and undoes that in random order: all must
// be as it was.
func (h *history) partsExactly() {
	for range 3 { // first moves alone
		before, last := h.dump(), h.rowsOf("SELECT max(id) FROM events")[0]
		all := h.customers()
		if len(all) == 0 {
			return
		}
		h.moveOne(all[h.rng.IntN(len(all))])
		moved := h.rowsOf(fmt.Sprintf(mine, h.n) + "SELECT min(ref_id) FROM events WHERE kind = 'moved' AND customer_id IN (SELECT id FROM mine) AND id > " + last + " HAVING count(*) > 0")
		if len(moved) == 1 { // an order takes all that tells of it along, and back
			id, err := models.ParseID(moved[0])
			h.ok("an id", err)
			h.ok("moving back", h.MoveBack(h.Context(), h.mia.ID, id))
			h.same(before, "a move taken back")
		}
	}
	before := h.dump()
	var done []models.ID
	for {
		all := h.customers()
		if len(all) < 2 {
			break
		}
		h.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		id, err := h.Merge(h.Context(), h.mia.ID, all[0], all[1])
		h.ok("merging", err)
		if h.Failed() {
			return
		}
		done = append(done, id)
		h.sound()
	}
	h.rng.Shuffle(len(done), func(i, j int) { done[i], done[j] = done[j], done[i] })
	for _, id := range done {
		h.ok("undoing", h.Unmerge(h.Context(), h.mia.ID, id))
		h.sound()
	}
	h.same(before, fmt.Sprint(len(done), " merges and their undoing"))
}

// same fails when anything is not as it was.
func (h *history) same(before []string, what string) {
	if after := h.dump(); !slices.Equal(before, after) {
		for _, l := range before {
			if !slices.Contains(after, l) {
				h.said = append(h.said, "before: "+l)
			}
		}
		for _, l := range after {
			if !slices.Contains(before, l) {
				h.said = append(h.said, "after:  "+l)
			}
		}
		h.fail("%s changed something", what)
	}
}

// dump is everything about the customers that a merge touches, but for the telling of merges itself.
func (h *history) dump() (out []string) {
	for _, sql := range []string{
		"SELECT 'customer ' || id || ' ' || name || ' ' || name_source || ' ' || language || ' ' || notes || ' ' || coalesce(merged_into, '') FROM customers WHERE id IN (SELECT id FROM mine) ORDER BY id",
		"SELECT 'address ' || id || ' ' || customer_id || ' ' || kind || ' ' || value || ' ' || evidence || ' ' || shared || ' ' || coalesce(retired_at, 0) FROM identities WHERE customer_id IN (SELECT id FROM mine) ORDER BY id",
		`SELECT 'conversation ' || id || ' ' || customer_id || ' ' || status || ' ' || coalesce(assignee_id, 0) || ' ' || subject || ' ' || opened_at || ' ' || coalesce(closed_at, 0) || ' ' ||
			coalesce(waiting_since, 0) || ' ' || priority || ' ' || spam || ' ' || coalesce(snoozed_until, 0) || ' ' || coalesce(first_reply_at, 0) || ' ' ||
			coalesce((SELECT group_concat(label_id) FROM conversation_labels l WHERE l.conversation_id = conversations.id), '') || ' ' ||
			coalesce((SELECT group_concat(address) FROM participants p WHERE p.conversation_id = conversations.id), '') || ' ' || coalesce(last_event_id, 0) || ' ' || last_at || ' ' || channel_types FROM conversations WHERE customer_id IN (SELECT id FROM mine) ORDER BY id`,
		"SELECT 'event ' || id || ' ' || customer_id || ' ' || coalesce(conversation_id, 0) FROM events WHERE customer_id IN (SELECT id FROM mine) AND kind NOT IN ('merge','unmerge','moved','split') ORDER BY id",
		"SELECT 'order ' || id || ' ' || customer_id FROM orders WHERE customer_id IN (SELECT id FROM mine) ORDER BY id",
		`SELECT 'message ' || m.event_id || ' ' || m.state || ' ' || m.text || ' ' || m.to_address || ' ' || coalesce(o.state, '') FROM messages m JOIN events e ON e.id = m.event_id
			LEFT JOIN outbox o ON o.event_id = m.event_id WHERE e.customer_id IN (SELECT id FROM mine) ORDER BY m.event_id`,
		"SELECT 'consent ' || c.id || ' ' || c.identity_id || ' ' || c.state FROM consents c JOIN identities i ON i.id = c.identity_id WHERE i.customer_id IN (SELECT id FROM mine) ORDER BY c.id",
		"SELECT 'proof ' || p.id || ' ' || p.identity_id || ' ' || p.evidence || ' ' || p.reason FROM identity_evidence p JOIN identities i ON i.id = p.identity_id WHERE i.customer_id IN (SELECT id FROM mine) ORDER BY p.id",
		"SELECT 'refund ' || r.id || ' ' || r.amount || ' ' || coalesce(r.event_id, 0) FROM refunds r JOIN events e ON e.id = r.event_id WHERE e.customer_id IN (SELECT id FROM mine) ORDER BY r.id",
		"SELECT 'draft ' || user_id || ' ' || customer_id || ' ' || kind || ' ' || text FROM drafts WHERE customer_id IN (SELECT id FROM mine) ORDER BY user_id, customer_id, kind",
		"SELECT 'read ' || user_id || ' ' || customer_id || ' ' || event_id FROM reads WHERE customer_id IN (SELECT id FROM mine) AND event_id > 0 ORDER BY user_id, customer_id", // nothing read is as no mark
		"SELECT 'words ' || customer_id || ' ' || words FROM customer_words WHERE customer_id IN (SELECT id FROM mine) ORDER BY customer_id",
	} {
		out = append(out, h.rowsOf(fmt.Sprintf(mine, h.n)+sql)...)
	}
	return out
}
