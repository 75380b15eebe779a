package handlers

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"onethread/handlers/web"
	"onethread/models"
)

// TestEveryRouteAsksWhoCalls tries every staff and API route as everybody: nobody at all, each role,
// each scope in the hands of each role. Who may is told by the table in rights_test.go alone; a refused
// call must be refused before its handler runs, so ids that do not exist serve as well as any.
func TestEveryRouteAsksWhoCalls(t *testing.T) {
	h := build(t, nil)
	sessions := make(map[models.Role][2]string)
	for _, role := range models.Roles {
		cookie, csrf := h.login(t, role)
		sessions[role] = [2]string{cookie, csrf}
	}
	tokens := h.everyToken(t)
	var last web.Route // logging out ends the sessions of the others' cells
	for _, r := range Routes(h.deps) {
		switch {
		case r.Path == "/logout":
			last = r
		case r.Zone == web.Staff:
			h.staffCells(t, r, concrete(r.Path), sessions)
		case r.Zone == web.API:
			h.apiCells(t, r, concrete(r.Path), tokens)
		}
	}
	h.staffCells(t, last, "/logout", sessions)
}

// holding is an API token's scope and whose it is.
type holding struct {
	scope models.Scope
	role  models.Role
}

// everyToken makes tokens of every scope for somebody of every role. Each was an owner when the
// tokens were made, and is of the role now: a token never does more than the person it belongs to.
func (h testHouse) everyToken(t *testing.T) map[holding]string {
	t.Helper()
	first, err := h.auth.CreateUser(t.Context(), "first@example.com", "First", models.Owner, pass)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[holding]string{}
	for _, role := range models.Roles {
		u, err := h.auth.CreateUser(t.Context(), string(role)+"-program@example.com", "Program", models.Owner, pass)
		if err != nil {
			t.Fatal(err)
		}
		for _, scope := range scopes {
			if tokens[holding{scope, role}], _, err = h.auth.NewToken(t.Context(), u, string(scope), scope); err != nil {
				t.Fatal(err)
			}
		}
		if role == models.Owner {
			continue
		}
		if err := h.auth.SetRole(t.Context(), first, u.ID, role); err != nil {
			t.Fatal(err)
		}
	}
	return tokens
}

// concrete fills a route's parameters with what does not exist.
func concrete(path string) string {
	return regexp.MustCompile(`:[a-z_]+|\*`).ReplaceAllString(path, never)
}

func (h testHouse) staffCells(t *testing.T, r web.Route, path string, sessions map[models.Role][2]string) {
	t.Helper()
	resp, _ := h.ask(t, r.Method, path, "", "Accept", "text/html")
	if ok := resp.StatusCode == 401 || (r.Method == "GET" && resp.StatusCode == 303 && strings.HasPrefix(resp.Header.Get("Location"), "/login")); !ok {
		t.Errorf("%s %s as nobody: %d", r.Method, path, resp.StatusCode)
	}
	for role, s := range sessions {
		if r.Method != "GET" {
			if resp, _ := h.ask(t, r.Method, path, "", "Cookie", s[0]); resp.StatusCode != 403 {
				t.Errorf("%s %s as %s without a token: %d", r.Method, path, role, resp.StatusCode)
			}
		}
		resp, body := h.ask(t, r.Method, path, "_csrf="+url.QueryEscape(s[1]), "Cookie", s[0])
		if may := mayStaff(r, role); (resp.StatusCode == 403) == may || resp.StatusCode == 401 || resp.StatusCode >= 500 {
			t.Errorf("%s %s as %s, who may: %v: %d %.200s", r.Method, path, role, may, resp.StatusCode, body)
		}
	}
}

func (h testHouse) apiCells(t *testing.T, r web.Route, path string, tokens map[holding]string) {
	t.Helper()
	for _, header := range []string{"", "Bearer", "Bearer x", "Basic b3duZXI6eA=="} {
		resp, _ := h.ask(t, r.Method, path, "", "Authorization", header)
		if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s with %q: %d", r.Method, path, header, resp.StatusCode)
		}
	}
	for who, token := range tokens {
		resp, body := h.ask(t, r.Method, path, "", "Authorization", "Bearer "+token, "Content-Type", "application/json")
		if may := mayProgram(r, who.scope, who.role); (resp.StatusCode == 403) == may || resp.StatusCode == 401 || resp.StatusCode >= 500 {
			t.Errorf("%s %s with scope %s of %s, which may: %v: %d %.200s", r.Method, path, who.scope, who.role, may, resp.StatusCode, body)
		}
	}
}
