package views

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
)

// memo keeps pieces as they were drawn. A piece is a function of its view value and of nothing else,
// so that the same value may be shown again as it was drawn before, to whomever: most rows of a list
// stand there unchanged from one look to the next, and html/template takes 35 µs for each.
type memo struct {
	mu         sync.Mutex
	young, old map[string]template.HTML
}

// mostDrawn bounds what is kept: twice as many rows, at some 1.5 kB each.
const mostDrawn = 600

// get finds a drawn piece. One that is still asked for outlives the turn of the generations.
func (m *memo) get(key string) (template.HTML, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	html, ok := m.young[key]
	if ok {
		return html, true
	}
	if html, ok = m.old[key]; ok {
		m.keep(key, html)
	}
	return html, ok
}

func (m *memo) put(key string, html template.HTML) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, html)
}

func (m *memo) keep(key string, html template.HTML) {
	if m.young == nil || len(m.young) >= mostDrawn {
		m.young, m.old = make(map[string]template.HTML, mostDrawn), m.young
	}
	m.young[key] = html
}

// rowItself is the row as its file has it; "row" looks whether it was drawn before.
const rowItself = "row_itself"

// remember puts a memo before the template of the list's rows.
func remember(set *template.Template, w *Words) error {
	row := set.Lookup("row")
	if row == nil {
		return nil // Load tells
	}
	if _, err := set.AddParseTree(rowItself, row.Tree.Copy()); err != nil {
		return err
	}
	var rows memo
	drawn := func(r Row) (template.HTML, error) {
		key := r.key(w)
		if html, ok := rows.get(key); ok {
			return html, nil
		}
		var b strings.Builder
		if err := set.ExecuteTemplate(&b, rowItself, r); err != nil {
			return "", err
		}
		html := template.HTML(b.String()) // drawn and escaped by html/template a moment ago
		rows.put(key, html)
		return html, nil
	}
	_, err := set.New("row").Funcs(template.FuncMap{"drawn_row": drawn}).Parse("{{drawn_row .}}")
	return err
}

// key is everything that the row's HTML depends on: each field, and what the clock makes of its two
// times. Fields that hold free text are told apart by their lengths.
func (r Row) key(w *Words) string {
	b := make([]byte, 0, 400)
	for _, n := range []int64{int64(r.CustomerID), int64(r.ConversationID), int64(r.Seq), r.At.UnixMilli(), r.Waiting.UnixMilli(), int64(r.Unread), int64(r.AssigneeID)} {
		b = append(strconv.AppendInt(b, n, 36), ' ')
	}
	for _, yes := range []bool{r.Ours, r.Mine, r.Draft, r.Current, r.Long(), r.Overdue()} {
		b = strconv.AppendBool(b, yes)
	}
	texts := []string{r.View, r.Name, r.Preview, r.Icon, r.Assignee, r.Status, w.ago(r.At), ""}
	if r.Overdue() {
		texts[len(texts)-1] = w.ago(r.Waiting)
	}
	for _, l := range r.Labels {
		texts = append(texts, l.Text, l.Tone, strconv.Itoa(l.Hue))
	}
	for _, s := range texts {
		b = append(append(strconv.AppendInt(b, int64(len(s)), 36), ' '), s...)
	}
	return string(b)
}
