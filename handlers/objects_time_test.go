package handlers

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/handlers/web"
	"onethread/models"
)

// TestHiddenThingsTakeAsLong: by its time, too, no answer tells what is there from what never was;
// neither to who may call but not have the thing, nor to who may not call at all. Medians are
// compared, generously: what is looked for is a second look-up that hashes, waits or reads a file.
func TestHiddenThingsTakeAsLong(t *testing.T) {
	e := settled(t)
	for _, r := range Routes(e.deps) {
		noun := objectOf[r.Path]
		if r.Zone != web.Staff || noun == "" || r.Slow {
			continue
		}
		for _, role := range []models.Role{models.Owner, models.Viewer} {
			hidden := e.hidden[noun]
			if !mayStaff(r, role) {
				hidden = []string{e.things[noun]}
			}
			for _, id := range hidden {
				if id != "" {
					e.sameTime(t, r, role, id)
				}
			}
		}
	}
}

func (e *estate) sameTime(t *testing.T, r web.Route, role models.Role, id string) {
	t.Helper()
	cookie, csrf := e.session(t, role)
	form := "_csrf=" + url.QueryEscape(csrf) + "&" + bodies[r.Path]
	times := map[string][]time.Duration{}
	for range 9 {
		for _, asked := range []string{never, id} {
			begun := time.Now()
			if resp, _ := e.ask(t, r.Method, at(r.Path, asked), form, "Cookie", cookie); resp.StatusCode < 400 {
				t.Fatalf("%s %s of %s as %s: %d", r.Method, r.Path, asked, role, resp.StatusCode)
			}
			times[asked] = append(times[asked], time.Since(begun))
		}
	}
	median := func(id string) time.Duration { slices.Sort(times[id]); return times[id][len(times[id])/2] }
	fast, slow := min(median(never), median(id)), max(median(never), median(id))
	if slow > 4*fast+4*time.Millisecond {
		t.Errorf("%s %s as %s: %v for what never was, %v for %s", r.Method, r.Path, role, median(never), median(id), strings.TrimSpace(id))
	}
}
