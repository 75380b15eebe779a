package handlers

import (
	"net/url"
	"strings"
	"testing"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
)

// TestEveryRouteAsksWhoCalls tries every staff and API route as everybody: nobody at all, each
// role, each scope. Who may is told by the table and the roles alone; a refused call must be
// refused before its handler runs, so ids that do not exist serve as well as any.
func TestEveryRouteAsksWhoCalls(t *testing.T) {
	h := build(t, nil)
	sessions := make(map[models.Role][2]string)
	tokens := make(map[models.Scope]string)
	for _, role := range models.Roles {
		cookie, csrf := h.login(t, role)
		sessions[role] = [2]string{cookie, csrf}
	}
	owner, err := h.auth.CreateUser(t.Context(), "tokens@example.com", "Tokens", models.Owner, pass)
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range []models.Scope{models.ScopeRead, models.ScopeWrite, models.ScopeAdmin} {
		if tokens[scope], _, err = h.auth.NewToken(t.Context(), owner, string(scope), scope); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range Routes(h.deps) {
		path := concrete(r.Path)
		switch {
		case r.Zone == web.Staff && path != "/logout": // logging out would end the sessions of the others' cells
			h.staffCells(t, r, path, sessions)
		case r.Zone == web.API:
			h.apiCells(t, r, path, tokens)
		}
	}
}

// concrete fills a route's parameters with what does not exist.
func concrete(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") || p == "*" {
			parts[i] = "987654321"
		}
	}
	return strings.Join(parts, "/")
}

func (h testHouse) staffCells(t *testing.T, r web.Route, path string, sessions map[models.Role][2]string) {
	t.Helper()
	resp, _ := h.ask(t, r.Method, path, "", "Accept", "text/html")
	if ok := resp.StatusCode == 401 || (r.Method == "GET" && resp.StatusCode == 303 && strings.HasPrefix(resp.Header.Get("Location"), "/login")); !ok {
		t.Errorf("%s %s as nobody: %d", r.Method, path, resp.StatusCode)
	}
	for role, s := range sessions {
		resp, body := h.ask(t, r.Method, path, "_csrf="+url.QueryEscape(s[1]), "Cookie", s[0])
		refused := resp.StatusCode == 401 || resp.StatusCode == 403
		if refused == auth.Can(role, r.Need) || resp.StatusCode >= 500 {
			t.Errorf("%s %s as %s (needs %s): %d %.200s", r.Method, path, role, r.Need, resp.StatusCode, body)
		}
		if r.Method == "GET" {
			continue
		}
		if resp, _ := h.ask(t, r.Method, path, "", "Cookie", s[0]); resp.StatusCode != 403 {
			t.Errorf("%s %s as %s without a token: %d", r.Method, path, role, resp.StatusCode)
		}
	}
}

func (h testHouse) apiCells(t *testing.T, r web.Route, path string, tokens map[models.Scope]string) {
	t.Helper()
	for _, header := range []string{"", "Bearer", "Bearer x", "Basic b3duZXI6eA=="} {
		resp, _ := h.ask(t, r.Method, path, "", "Authorization", header)
		if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s with %q: %d", r.Method, path, header, resp.StatusCode)
		}
	}
	for scope, token := range tokens {
		resp, body := h.ask(t, r.Method, path, "", "Authorization", "Bearer "+token, "Content-Type", "application/json")
		refused := resp.StatusCode == 401 || resp.StatusCode == 403
		if refused == auth.Covers(models.Owner, scope, r.Scope) || resp.StatusCode >= 500 {
			t.Errorf("%s %s with scope %s (needs %s): %d %.200s", r.Method, path, scope, r.Scope, resp.StatusCode, body)
		}
	}
}
