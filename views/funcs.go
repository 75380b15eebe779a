package views

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onethread/static"
)

func funcs(w *Words) template.FuncMap {
	return template.FuncMap{
		"t": w.T, "n": w.N, "k": w.K,
		"lang":  func() string { return w.Lang },
		"asset": static.URL,
		"icon":  icon,
		"iso":   func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") },
		"clock": func(t time.Time) string { return t.Format("15:04") },
		"date":  w.Date,
		"ago":   w.ago,
		"spans": Spans,
		"map":   pairs,
	}
}

// icon points into the sprite. The name is always a constant of ours, never a customer's word.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + static.URL("icons.svg") + `#` + template.HTMLEscapeString(name) + `"/></svg>`)
}

func pairs(kv ...any) (map[string]any, error) {
	if len(kv)%2 != 0 {
		return nil, fmt.Errorf("map needs pairs, got %d values", len(kv))
	}
	m := make(map[string]any, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		m[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return m, nil
}

// Date is a day in words: "20 Nov", with the year where it is not this one.
func (w *Words) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	layout := "2 Jan"
	if t.Year() != time.Now().In(t.Location()).Year() {
		layout = "2 Jan 2006"
	}
	return t.Format(layout)
}

// Day is the chip over a day's events: "Today", "Yesterday" or "Friday 20 November".
func (w *Words) Day(t, now time.Time) string {
	now = now.In(t.Location())
	switch day := t.Format("2006-01-02"); {
	case day == now.Format("2006-01-02"):
		return w.T("day.today")
	case day == now.AddDate(0, 0, -1).Format("2006-01-02"):
		return w.T("day.yesterday")
	case t.Year() == now.Year():
		return t.Format("Monday 2 January")
	}
	return t.Format("Monday 2 January 2006")
}

// Ago is a short age for list rows: now, 4m, 3h, 5d, 7w. The browser keeps it up to date.
func (w *Words) Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return w.T("ago.now")
	case d < time.Hour:
		return w.T("ago.m", int(d.Minutes()))
	case d < 24*time.Hour:
		return w.T("ago.h", int(d.Hours()))
	case d < 14*24*time.Hour:
		return w.T("ago.d", int(d.Hours()/24))
	}
	return w.T("ago.w", int(d.Hours()/24/7))
}

func (w *Words) ago(t time.Time) string { return w.Ago(time.Since(t)) }

// Long is a duration in words for calls and page views: "3 min 12 s".
func (w *Words) Long(seconds int) string {
	switch {
	case seconds < 60:
		return w.T("long.s", seconds)
	case seconds%60 == 0:
		return w.T("long.m", seconds/60)
	}
	return w.T("long.ms", seconds/60, seconds%60)
}

// Initials gives one or two letters for an avatar; "?" for a nameless customer.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && !unicode.IsMark(r)
	})
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 || strings.Contains(name, "@") {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string(unicode.ToUpper(first)) + string(unicode.ToUpper(last))
}

// Hue is the colour 0–11 of an avatar: the same name, the same colour.
func Hue(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return int(h.Sum32() % 12)
}
