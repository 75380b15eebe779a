package lists_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/lists"
	"onethread/models/privacy"
	"onethread/models/store"
)

type desk struct {
	*testing.T
	st  *store.Store
	box *inbox.Inbox
}

func newDesk(t *testing.T) *desk {
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Check(context.Background(), st); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{t, st, inbox.New(st, nil)}
}

func (d *desk) run(text string, dry bool) map[string]int {
	d.Helper()
	f, err := lists.Open(strings.NewReader(text))
	if err != nil {
		d.Fatal(err)
	}
	out := map[string]int{}
	im := lists.Importer{Store: d.st, Ingest: d.box.Ingest}
	err = im.Run(d.Context(), f, lists.Guess(f.Columns), dry, func(o lists.Outcome) error {
		out[o.What]++
		for _, p := range o.Problems {
			out[fmt.Sprintf("%d: %s", o.Line, p)]++
		}
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func (d *desk) lines(sql string) []string {
	d.Helper()
	out, err := store.Lines(d.st.Read(d.Context()), sql)
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func (d *desk) want(what string, got map[string]int, want map[string]int) {
	d.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		d.Errorf("%s: %v, want %v", what, got, want)
	}
}

const people = `name,email,phone,notes,id
Ana Duarte,ana@example.com,+351912007031,likes walnut,1
Bo Berg,bo@example.com,,,2
Nobody,not an address,12,,
`

func TestImportRunsAgain(t *testing.T) {
	d := newDesk(t)
	d.want("a dry run", d.run(people, true), map[string]int{lists.New: 2, lists.Invalid: 1, "4: email not an address": 1, "4: phone 12": 1})
	if n := d.lines("SELECT count(*) FROM customers"); n[0] != "0" {
		t.Error("a dry run wrote something")
	}
	d.want("the first time", d.run(people, false), map[string]int{lists.New: 2, lists.Invalid: 1, "4: email not an address": 1, "4: phone 12": 1})
	before := d.lines("SELECT id || name || notes || updated_at FROM customers UNION ALL SELECT id || value FROM identities UNION ALL SELECT id FROM events")
	d.want("the same again", d.run(people, false), map[string]int{lists.Same: 2, lists.Invalid: 1, "4: email not an address": 1, "4: phone 12": 1})
	if after := d.lines("SELECT id || name || notes || updated_at FROM customers UNION ALL SELECT id || value FROM identities UNION ALL SELECT id FROM events"); fmt.Sprint(before) != fmt.Sprint(after) {
		t.Error("the same file changed something")
	}
	changed := strings.Replace(strings.Replace(people, "Bo Berg,bo@example.com,,", "Bo Bergmann,bo@example.com,+351912007032,wholesale", 1), "Nobody,not an address,12,,\n", "", 1)
	d.want("one row changed", d.run(changed, false), map[string]int{lists.Same: 1, lists.Joined: 1})
	if got := d.lines("SELECT c.name || ' ' || c.notes || ' ' || i.value FROM customers c JOIN identities i ON i.customer_id = c.id WHERE i.kind = 'phone' ORDER BY c.name"); fmt.Sprint(got) != "[Ana Duarte likes walnut +351912007031 Bo Bergmann wholesale +351912007032]" {
		t.Error(got)
	}
	if n := d.lines("SELECT count(*) FROM channels WHERE removed_at IS NULL"); n[0] != "0" {
		t.Error("the list's channel stands among the shop's")
	}
}

// TestImportFollowsTheLadder: a name that staff gave stays; two customers that the list says are one are
// joined only where that is no guess; who was erased stays away.
func TestImportFollowsTheLadder(t *testing.T) {
	d := newDesk(t)
	d.run("phone\n+351912007031\n", false) // the older record, without a name
	d.run("name,email,phone\nAna,ana@example.com,\nBo,bo@example.com,\nCy,cy@example.com,+351912007032\n", false)
	name := "Ana, by staff"
	ana := d.lines("SELECT customer_id FROM identities WHERE value = 'ana@example.com'")[0]
	id, err := models.ParseID(ana)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.box.EditCustomer(t.Context(), 0, id, inbox.Edit{Name: &name}); err != nil {
		t.Fatal(err)
	}
	d.want("dry", d.run("name,email,phone\nAna,ana@example.com,+351912007031\nBo,bo@example.com,+351912007032\n", true), map[string]int{lists.Several: 2})
	d.run("name,email,phone\nAna D.,ana@example.com,+351912007031\nBo,bo@example.com,+351912007032\n", false)
	if got := d.lines("SELECT name FROM customers WHERE id = (SELECT customer_id FROM identities WHERE value = '+351912007031')"); got[0] != name {
		t.Error("joined, and with the name that staff gave:", got)
	}
	if got := d.lines("SELECT count(*) FROM suggestions WHERE state = 'open'"); got[0] != "1" {
		t.Error("Bo and Cy both have an email: a suggestion, not a merge", got)
	}
	bo, err := models.ParseID(d.lines("SELECT customer_id FROM identities WHERE value = 'bo@example.com'")[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := privacy.New(d.st).Erase(t.Context(), 0, bo); err != nil {
		t.Fatal(err)
	}
	d.want("after an erasure", d.run("name,email\nBo,bo@example.com\nBo again,bo@example.com\n", false), map[string]int{lists.Erased: 2})
	if got := d.lines("SELECT count(*) FROM raws WHERE CAST(body AS TEXT) LIKE '%bo@%'"); got[0] != "0" {
		t.Error(got)
	}
}

func TestExportComesBack(t *testing.T) {
	d := newDesk(t)
	d.run("name,email,phone,notes,id\n=HYPERLINK(\"http://x\"),eve@example.com; eve2@example.com,+351912007031,\"two\nlines\",9\n", false)
	var b bytes.Buffer
	n, err := lists.Write(t.Context(), d.st, &b)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if strings.Contains(b.String(), `,"=HYPER`) || strings.Contains(b.String(), ",+351") || !strings.Contains(b.String(), "'=HYPERLINK") {
		t.Error("a spreadsheet would run this:", b.String())
	}
	d.want("brought back in", d.run(b.String(), false), map[string]int{lists.Same: 1})
}
