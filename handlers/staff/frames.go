package staff

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/store"
	"onethread/views"
)

// draw turns events of the feed into frames: one for each event that this reader's screen shows,
// the row with the last of its customer. Statements: a few per batch, and a few for the open
// thread; none per event.
func (st *stream) draw(ctx context.Context, q store.Q, events []models.Event) ([]frame, error) {
	var frames []frame
	last := map[models.ID]int{} // customer → the frame that carries its row
	for _, e := range events {
		if e.CustomerID == 0 || (e.Kind == models.KindRead && e.UserID != st.r.user.ID) || e.Kind == models.KindDraft || (e.Kind == models.KindPlace && e.CustomerID != st.open) {
			continue
		}
		f := frame{S: e.ID, T: "patch", C: e.CustomerID.String()}
		if e.Kind == models.KindMerge || e.Kind == models.KindUnmerge || e.Kind == models.KindMoved {
			f.T, f.Gone = "thread", mergedFrom(e)
		}
		if e.Kind == models.KindErased && e.RefID == 0 {
			f.T = "gone"
		}
		last[e.CustomerID] = len(frames)
		frames = append(frames, f)
	}
	redrawOnce(frames)
	if err := st.rows(q, frames, last); err != nil {
		return nil, err
	}
	return frames, st.around(ctx, q, frames, last, events)
}

// redrawOnce leaves one whole redrawing of a thread in a batch, the last: hundreds of entries may have moved.
func redrawOnce(frames []frame) {
	drawn := map[string]bool{}
	for i := len(frames) - 1; i >= 0; i-- {
		f := &frames[i]
		if f.T == "thread" && f.Gone == "" {
			if drawn[f.C] {
				f.T = "patch"
			}
			drawn[f.C] = true
		}
	}
}

func mergedFrom(e models.Event) string {
	var d struct {
		FromID models.ID `json:"from_id"`
	}
	if e.Kind != models.KindMerge || json.Unmarshal([]byte(e.Data), &d) != nil || d.FromID == 0 {
		return ""
	}
	return d.FromID.String()
}

// rows draws the list row of each customer that something happened to.
func (st *stream) rows(q store.Q, frames []frame, last map[models.ID]int) error {
	for customer, at := range last {
		shared, err := st.s.row(st.bell, customer, frames[at].S)
		if err != nil {
			return err
		}
		if len(shared.found) == 0 {
			continue // a customer without a conversation stands in no list
		}
		mine, err := shared.of(q, st.r.user.ID)
		if err != nil {
			return err
		}
		d := rowDrawer{words: st.r.words, loc: st.r.loc, me: st.r.user.ID, view: "open", types: shared.types, labels: shared.labels}
		row := d.row(mine)
		row.Seq = frames[at].S
		if frames[at].Row, err = st.render("row", row); err != nil {
			return err
		}
	}
	return nil
}

// around draws what is new in the open thread: its entries, and, where they look different from what
// was sent last, its head, ribbon, panel, and the ways to answer, which a new address or a channel's
// trouble changes.
func (st *stream) around(ctx context.Context, q store.Q, frames []frame, last map[models.ID]int, events []models.Event) error {
	at, ok := last[st.open]
	if !ok || st.open == 0 || frames[at].T != "patch" {
		return nil
	}
	about, err := store.AboutCustomer(q, st.open, st.r.user.ID, st.about, ordersInPanel+1)
	if models.IsCode(err, models.NotFound) { // erased since: the feed will say so
		return nil
	}
	if err != nil || about.Customer.MergedInto != 0 {
		return err
	}
	ways, err := st.s.Inbox.Reach(ctx, st.open)
	if err != nil {
		return err
	}
	composer := st.s.composer(st.r, about, ways)
	if frames[at].Entry, err = st.entries(q, about, composer.Ways, events); err != nil {
		return err
	}
	t := views.Thread{Ribbon: st.s.teller(st.r, about).Ribbon(about.Steps)}
	if frames[at].Ribbon, err = st.changed("ribbon", t); err != nil {
		return err
	}
	if frames[at].Head, err = st.changed("head", st.s.head(st.r, about)); err != nil {
		return err
	}
	if frames[at].Panel, err = st.changed("panel", panel(st.r, about, st.s.now())); err != nil {
		return err
	}
	frames[at].Ways, err = st.changed("ways", composer)
	return err
}

// entries draws the open thread's new entries, and again those that look different now. Page
// views fold with the ones before them, so they are told together.
func (st *stream) entries(q store.Q, about store.About, ways []views.Way, events []models.Event) (string, error) {
	var ids []models.ID
	folds := false
	for _, e := range events {
		switch {
		case e.CustomerID != st.open:
		case (e.Kind == models.KindDelivery || e.Kind == models.KindFile || e.Kind == models.KindPlace || e.Kind == models.KindErased) && e.RefID != 0:
			ids = append(ids, e.RefID)
		case e.Kind == models.KindPageView:
			folds = true
		case !e.Kind.Hidden():
			ids = append(ids, e.ID)
		}
	}
	found, err := store.Entries(q, ids)
	if err != nil {
		return "", err
	}
	if folds {
		recent, err := store.Thread(q, store.ThreadFilter{CustomerID: st.open, Limit: entriesPerWindow})
		if err != nil {
			return "", err
		}
		found = merged(found, recent)
	}
	teller := st.s.teller(st.r, about)
	teller.Seen, teller.Ways = 0, ways
	var out strings.Builder
	for _, e := range told(teller, found) {
		piece, err := st.render("entry", e)
		if err != nil {
			return "", err
		}
		out.WriteString(piece)
	}
	return out.String(), nil
}

// merged adds the page views at the end of the thread to what is drawn anyway.
func merged(found, recent []store.Entry) []store.Entry {
	from := len(recent)
	for from > 0 && recent[from-1].Kind == models.KindPageView {
		from--
	}
	return append(found, recent[from:]...)
}

// told draws entries each with the chip of its day: the browser keeps a chip only where the day
// begins.
func told(t views.Teller, found []store.Entry) []views.Entry {
	slices.SortFunc(found, func(a, b store.Entry) int {
		if a.OccurredAt != b.OccurredAt {
			return int(a.OccurredAt - b.OccurredAt)
		}
		return int(a.ID - b.ID)
	})
	facts := make([]views.Fact, len(found))
	for i, e := range found {
		facts[i] = views.Fact(e)
	}
	out := t.Entries(facts)
	for i := range out {
		out[i].Day = t.W.Day(out[i].At, t.Now)
	}
	return out
}

var lookSeed = maphash.MakeSeed()

// changed draws a piece around the thread; it is empty when the browser has it already. Replacing four
// pieces for every message takes a browser longer than all the rest, and closes the menu that somebody
// has just opened in one.
func (st *stream) changed(name string, data any) (string, error) {
	html, err := st.render(name, data)
	if err != nil {
		return "", err
	}
	sum := maphash.String(lookSeed, html)
	if last, ok := st.sent[name]; ok && last == sum {
		return "", nil
	}
	st.sent[name] = sum
	return html, nil
}

func (st *stream) render(name string, data any) (string, error) {
	var b strings.Builder
	err := st.s.Views.Render(&b, st.r.words.Lang, name, data)
	return b.String(), err
}
