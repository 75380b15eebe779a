package views

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"onethread/models"
)

func sampleRow() Row {
	at := time.Now().Add(-3 * time.Hour)
	return Row{CustomerID: 7, ConversationID: 8, View: "open", Seq: 9, Name: "Ana Duarte", Preview: "Where is it?", Icon: "mail", At: at,
		Waiting: at.Add(-time.Hour), Unread: 2, Assignee: "Mia Torres", AssigneeID: 1, Status: "open", Labels: []Chip{{Text: "vip", Hue: 3}}}
}

// TestKeyHoldsEveryField: two rows that differ in anything must never share a drawing.
func TestKeyHoldsEveryField(t *testing.T) {
	w := mustWords(t)
	seen := map[string]string{sampleRow().key(w): "the row itself"}
	add := func(what string, r Row) {
		t.Helper()
		if before, ok := seen[r.key(w)]; ok {
			t.Errorf("a change of %s has the key of %s", what, before)
		}
		seen[r.key(w)] = what
	}
	for i := range reflect.TypeFor[Row]().NumField() {
		r, name := sampleRow(), reflect.TypeFor[Row]().Field(i).Name
		switch f := reflect.ValueOf(&r).Elem().Field(i); v := f.Interface().(type) {
		case string:
			f.SetString(v + "x")
		case bool:
			f.SetBool(!v)
		case int, models.ID:
			f.SetInt(f.Int() + 1)
		case time.Time:
			f.Set(reflect.ValueOf(v.Add(-time.Millisecond)))
		case []Chip:
			f.Set(reflect.ValueOf([]Chip{{Text: "vi", Tone: "p", Hue: 3}}))
		default:
			t.Fatalf("nothing changes a field of type %T: say here how", v)
		}
		add(name, r)
	}
	r := sampleRow()
	r.Name, r.Preview = r.Name+"1", r.Preview[1:]
	add("the border between two texts", r)
	r = sampleRow()
	r.Labels = append(r.Labels, Chip{Text: "press", Hue: 3})
	add("the labels' number", r)
}

// TestDrawnAgain: what the memo gives is what the template would draw, first and later, whatever
// stood there before, and its times go on.
func TestDrawnAgain(t *testing.T) {
	v, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	draw := func(name string, r Row) string {
		var b strings.Builder
		if err := v.Render(&b, "en", name, r); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	r := sampleRow()
	for _, change := range []func(){func() {}, func() { r.Unread = 0 }, func() { r.Unread = 2 }, func() { r.Preview = "<b>" }, func() { r.At = time.Now() }, func() { r.Waiting = time.Time{} }} {
		change()
		want := draw(rowItself, r)
		for n := range 3 {
			if got := draw("row", r); got != want {
				t.Fatalf("drawing %d of\n%s\nis\n%s", n, want, got)
			}
		}
	}
}

// TestMemoIsBounded: however many rows there are, only so many drawings stay, the wanted ones among them.
func TestMemoIsBounded(t *testing.T) {
	var m memo
	for n := range 10 * mostDrawn {
		m.put(fmt.Sprint(n), "x")
		if _, ok := m.get("0"); !ok {
			t.Fatalf("what is asked for all the time was gone after %d others", n)
		}
	}
	if n := len(m.young) + len(m.old); n > 2*mostDrawn {
		t.Errorf("%d drawings are kept", n)
	}
	if _, ok := m.get("1"); ok {
		t.Error("what nobody asked for is still there")
	}
}
