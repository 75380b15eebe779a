package inbox

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// told is one delivery of a store: a call that may come several times and in any order.
type told struct {
	id string
	in models.Inbound
}

func (w *world) tell(x told) models.Ingested {
	w.Helper()
	x.in.ChannelID, x.in.ExternalID = w.till, x.id
	return w.in(x.in)
}

var shopper = []models.Hint{asserted(models.EmailIdentity, "ana@example.com")}

func version(id, number, status string, total int64, at time.Time) told {
	o := models.Order{ExternalID: id, Number: number, Status: status, Currency: "EUR", Total: total, UpdatedAt: models.At(at),
		Lines: []models.OrderLine{{Title: "Walnut desk 140", Quantity: 1, Price: total, ProductID: "p1"}}}
	return told{fmt.Sprintf("order:%s:%d:%s", id, at.Unix(), status), models.Inbound{Hints: shopper, OccurredAt: models.At(at), Payload: &models.OrderIn{Order: o}}}
}

func refundOf(order, id string, amount int64, at time.Time) told {
	return told{"refund:" + id, models.Inbound{OccurredAt: models.At(at), Payload: &models.RefundIn{Refund: models.Refund{OrderExternalID: order, ExternalID: id,
		Amount: amount, Currency: "EUR", Status: "done", OccurredAt: models.At(at)}}}}
}

func deletion(id string, at time.Time) told {
	return told{"gone:" + id, models.Inbound{Payload: &models.OrderIn{Order: models.Order{ExternalID: id, UpdatedAt: models.At(at)}, Gone: true}}}
}

// TestRefundWaitsForItsOrder: a refund that does not say whose it is comes first.
func TestRefundWaitsForItsOrder(t *testing.T) {
	w := newWorld(t)
	at := w.clock.Add(-time.Hour)
	if got := w.tell(refundOf("820982911946154508", "r1", 500, at)); got.EventID != 0 || got.CustomerID != 0 {
		t.Fatalf("%+v", got)
	}
	first := w.tell(version("820982911946154508", "1042", "paid", 53800, at.Add(-time.Minute)))
	if got := w.kinds(first.CustomerID); !slices.Equal(got, []models.Kind{models.KindOrder, models.KindRefund}) {
		t.Fatalf("%v", got)
	}
	o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.till, "820982911946154508")
	if err != nil || o.Refunded != 500 {
		t.Fatal(o, err)
	}
	w.tell(version("820982911946154508", "1042", "fulfilled", 53800, at.Add(time.Minute)))
	if got := w.kinds(first.CustomerID); len(got) != 3 {
		t.Errorf("an update shows the refund again: %v", got)
	}
}

func TestDeletedOrderStaysDeleted(t *testing.T) {
	w := newWorld(t)
	at := w.clock.Add(-time.Hour)
	w.tell(deletion("9", at.Add(time.Minute))) // before it was ever seen
	w.tell(version("9", "9", "paid", 100, at))
	w.tell(version("8", "8", "paid", 100, at))
	w.tell(deletion("8", at.Add(time.Minute)))
	w.tell(version("8", "8", "completed", 100, at.Add(time.Second))) // stale
	for _, id := range []string{"8", "9"} {
		if o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.till, id); err != nil || o.Status != "deleted" {
			t.Error(o, err)
		}
	}
	w.tell(version("8", "8", "completed", 100, at.Add(2*time.Minute))) // restored
	if o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.till, "8"); err != nil || o.Status != "completed" {
		t.Error(o, err)
	}
}

func TestLinesLeadToTheirProducts(t *testing.T) {
	w := newWorld(t)
	page := func(title, url string, at time.Time) told {
		return told{fmt.Sprint("product:", at.Unix()), models.Inbound{Payload: &models.CatalogueIn{Product: models.Product{ExternalID: "p1", Title: title, URL: url, UpdatedAt: models.At(at)}}}}
	}
	w.tell(page("Desk", "https://casa.example/desk", w.clock))
	w.tell(page("Old", "https://casa.example/old", w.clock.Add(-time.Hour)))
	got := w.tell(version("1", "1", "paid", 100, w.clock))
	o, err := store.Orders(w.st.Read(t.Context()), store.OrderFilter{CustomerID: got.CustomerID, Limit: 5})
	w.must(err)
	if o[0].Lines[0].URL != "https://casa.example/desk" {
		t.Errorf("%+v", o[0].Lines)
	}
}

func TestStoreCustomerLinksWithoutAnEvent(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	got := w.in(models.Inbound{ChannelID: w.till, ExternalID: "customer:7:1", Name: "Ana Duarte", Payload: &models.PersonIn{}, Hints: []models.Hint{
		{Kind: "woocommerce", Scope: "casa.example", Value: "7", Evidence: models.Proved, Reason: "store account"}, shopper[0]}})
	if got.CustomerID != ana.CustomerID || got.EventID != 0 || len(w.thread(ana.CustomerID)) != 1 {
		t.Fatalf("%+v", got)
	}
	ids, err := store.IdentitiesOf(w.st.Read(t.Context()), ana.CustomerID)
	if err != nil || len(ids) != 2 {
		t.Fatal(ids, err)
	}
}

// TestAnyScheduleOfDeliveriesEndsAlike is fault F10: each delivery one to five times, in any order,
// ends as one sorted delivery does. Two orders share a number, as those of two shops may.
// ONETHREAD_FAULTS=1 plays ten thousand schedules.
func TestAnyScheduleOfDeliveriesEndsAlike(t *testing.T) {
	schedules := 300
	if os.Getenv("ONETHREAD_FAULTS") != "" {
		schedules = 10_000
	}
	rng := rand.New(rand.NewPCG(20261124, 3))
	w := newWorld(t)
	for n := range schedules {
		at := w.clock.Add(-48 * time.Hour)
		a, b := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
		number := fmt.Sprint(1000 + n)
		sorted := []told{
			version(a, number, "pending", 53800, at), version(a, number, "paid", 53800, at.Add(time.Minute)),
			version(a, number, "processing", 53800, at.Add(time.Minute)), // the same second
			refundOf(a, a+"r1", 500, at.Add(2*time.Minute)), version(a, number, "fulfilled", 50000, at.Add(3*time.Minute)), refundOf(a, a+"r2", 700, at.Add(4*time.Minute)),
			version(b, number, "paid", 1200, at), version(b, number, "completed", 1200, at.Add(5*time.Minute)),
			deletion(b, at.Add(6*time.Minute)),
		}
		var played []told
		for _, x := range sorted {
			for range 1 + rng.IntN(5) {
				played = append(played, x)
			}
		}
		rng.Shuffle(len(played), func(i, j int) { played[i], played[j] = played[j], played[i] })
		for _, x := range played {
			w.tell(x)
		}
		w.ends(a, "fulfilled", 50000, 1200)
		w.ends(b, "deleted", 1200, 0)
		if t.Failed() {
			t.Fatalf("schedule %d", n)
		}
	}
	kinds := w.kindsOfAll()
	if kinds[models.KindRefund] != 2*schedules {
		t.Errorf("%d refund events of %d refunds", kinds[models.KindRefund], 2*schedules)
	}
	t.Logf("%d schedules", schedules)
}

func (w *world) ends(id, status string, total, refunded int64) {
	w.Helper()
	o, ok, err := store.OrderByExternalID(w.st.Read(w.Context()), w.till, id)
	w.must(err)
	if !ok || o.Status != status || o.Total != total || o.Refunded != refunded {
		w.Errorf("%s ends as %s %d refunded %d, want %s %d %d", id, o.Status, o.Total, o.Refunded, status, total, refunded)
	}
}

// kindsOfAll counts the events of the feed by kind.
func (w *world) kindsOfAll() map[models.Kind]int {
	w.Helper()
	out := map[models.Kind]int{}
	for after := models.ID(0); ; {
		page, err := store.Feed(w.st.Read(w.Context()), after, 1000)
		w.must(err)
		if len(page) == 0 {
			return out
		}
		for _, e := range page {
			out[e.Kind]++
			after = e.ID
		}
	}
}

// TestOrderThatNamesNobodyAtFirst: a later version tells whose it is, and the thread goes along.
func TestOrderThatNamesNobodyAtFirst(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	at := w.clock.Add(-time.Hour)
	anonymous := version("7", "7", "pending", 100, at)
	anonymous.in.Hints = []models.Hint{{Kind: models.OrderIdentity, Scope: "casa.example", Value: "7", Evidence: models.Proved, Reason: "an order that names nobody"}}
	first := w.tell(anonymous)
	if first.CustomerID == ana.CustomerID {
		t.Fatal("nothing says that it is Ana's")
	}
	second := anonymous
	second.id = "again"
	w.tell(second) // the same version changes nothing
	w.tell(version("7", "7", "paid", 100, at.Add(time.Minute)))
	o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.till, "7")
	w.must(err)
	if o.CustomerID != ana.CustomerID || len(w.thread(ana.CustomerID)) < 3 {
		t.Errorf("the order stays with %d; Ana is %d: %v", o.CustomerID, ana.CustomerID, w.kinds(ana.CustomerID))
	}
}

// TestRefundIsDoneLater: the store reports one refund twice at the same time, first pending, then done.
func TestRefundIsDoneLater(t *testing.T) {
	w := newWorld(t)
	at := w.clock.Add(-time.Hour)
	first := w.tell(version("1", "1", "paid", 1000, at))
	for i, status := range []string{"pending", "done", "pending"} {
		r := refundOf("1", "r1", 500, at)
		r.id = fmt.Sprint("r1:", i)
		r.in.Payload.(*models.RefundIn).Refund.Status = status
		w.tell(r)
	}
	o, err := store.Orders(w.st.Read(t.Context()), store.OrderFilter{CustomerID: first.CustomerID, Limit: 5})
	w.must(err)
	if o[0].Refunds[0].Status != "done" || len(w.kinds(first.CustomerID)) != 3 {
		t.Errorf("%+v %v", o[0].Refunds, w.kinds(first.CustomerID))
	}
}
