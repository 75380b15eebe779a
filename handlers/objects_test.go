package handlers

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/records"
	"onethread/models/store"
)

// objectOf says which thing a route's parameter names. A route with a parameter that does not stand
// here fails TestEveryObjectOfEveryRoute.
var objectOf = map[string]string{
	"/customers/:id": "customer", "/customers/:id/events": "customer", "/customers/:id/orders": "customer", "/customers/:id/messages": "customer",
	"/customers/:id/notes": "customer", "/customers/:id/composer": "customer", "/customers/:id/draft": "customer", "/customers/:id/read": "customer", "/customers/:id/unread": "customer",
	"/customers/:id/name": "customer", "/customers/:id/about": "customer",
	"/customers/:id/merge": "customer", "/customers/:id/others": "customer", "/customers/:id/move": "customer", "/events/:id/move-back": "event",
	"/api/v1/customers/:id/move": "customer", "/api/v1/events/:id/move-back": "event",
	"/customers/:id/addresses": "customer", "/identities/:id": "identity", "/identities/:id/move": "identity", "/identities/:id/move-back": "identity",
	"/identities/:id/verify": "identity", "/identities/:id/correct": "identity", "/identities/:id/share": "identity", "/identities/:id/unshare": "identity",
	"/identities/:id/remove": "identity", "/identities/:id/restore": "identity", "/api/v1/identities/:id": "identity", "/api/v1/identities/:id/restore": "identity",
	"/api/v1/identities/:id/move-back": "identity",
	"/identities/:id/continue":         "identity", "/identities/:id/ask": "identity",
	"/c/confirm/:token": "", "/c/continue/:token": "", "/c/continue/:token/open": "", // sealed links: tested with their zone
	"/customers/:id/erase": "customer", "/customers/:id/export": "customer", "/api/v1/customers/:id/erase": "customer", "/api/v1/customers/:id/export": "customer",
	"/settings/import/:token": "list", "/settings/import/:token/progress": "list", "/settings/import/:token/report": "list", "/api/v1/messages/:id/redact": "mail", "/messages/:id/redact": "mail",
	"/attachments/:token": "file",
	"/messages/:id/body":  "mail", "/messages/:id/images/body": "mail", "/messages/:id/images/img": "mail", "/messages/:id/original": "mail",
	"/messages/:id/undo": "message", "/messages/:id/cancel": "message", "/messages/:id/now": "message", "/api/v1/messages/:id": "message", "/messages/:id/retry": "message",
	"/conversations/:id/assign": "conversation", "/conversations/:id/snooze": "conversation", "/conversations/:id/close": "conversation", "/conversations/:id/spam": "conversation", "/conversations/:id/not-spam": "conversation",
	"/conversations/:id/reopen": "conversation", "/conversations/:id/labels": "conversation",
	"/suggestions/:id/accept": "suggestion", "/suggestions/:id/reject": "suggestion", "/merges/:id/undo": "merge",
	"/settings/channels/new/:type": "type", "/settings/channels/new/:type/find": "type", "/settings/channels/:id": "channel", "/settings/channels/:id/check": "channel", "/settings/channels/:id/consent": "channel",
	"/settings/channels/:id/secret": "channel", "/settings/channels/:id/remove": "channel",
	"/settings/users/:id/invite": "user", "/settings/users/:id/role": "user", "/settings/users/:id/disable": "user", "/settings/users/:id/enable": "user",
	"/settings/tokens/:id/revoke": "token", "/account/sessions/:id/revoke": "session",
	"/api/v1/conversations/:id": "conversation", "/api/v1/customers/:id": "customer", "/api/v1/customers/:id/thread": "customer",
	"/api/v1/customers/:id/messages": "customer", "/api/v1/customers/:id/notes": "customer", "/api/v1/customers/:id/identities": "customer",
	"/api/v1/customers/:id/merge": "customer", "/api/v1/merges/:id/undo": "merge", "/api/v1/suggestions/:id/accept": "suggestion",
	"/api/v1/suggestions/:id/reject": "suggestion", "/api/v1/attachments/:token": "file", "/api/v1/orders/:id": "order",
	"/api/v1/channels/:id": "channel", "/api/v1/events/:id/raw": "mail", "/api/v1/channels/:id/check": "channel",
	"/customers/:id/record": "customer", "/customers/:id/consents": "customer", "/identities/:id/block": "identity", "/settings/fields/:id/remove": "field", "/api/v1/customers/:id/consents": "customer",
	"/customers/:id/conversations": "customer", "/api/v1/customers/:id/conversations": "customer",
	"/messages/:id/img": "", // one and the same blank picture for whatever is asked
	// The caller is told by what they hold, not by who they are: tested below and with their zones.
	"/static/dist/*": "", "/c/files/:link": "", "/c/chat/attachments/:token": "", "/setup/:token": "", "/invite/:token": "", "/reset/:token": "",
	"/webhooks/:type/:channel": "", "/webhooks/:type/:channel/*": "", "/api/v1/ingest/:channel": "",
}

// never is the id of what never was.
const never = "987654321"

// odd are things that no id looks like.
var odd = []string{"0", "-1", "9223372036854775807", "9223372036854775808", "abc", "1%20or%201=1", "%2e%2e%2f", "%00", "1.0"}

// estate is a house with one of everything.
type estate struct {
	testHouse
	things map[string]string // noun → the id of one that is there
	tokens map[holding]string
	hidden map[string][]string // noun → ids of what was there, is a colleague's own, or is something else: none may differ from one that never was
}

func settled(t *testing.T) *estate {
	t.Helper()
	h := build(t, nil)
	e := &estate{testHouse: h, things: map[string]string{"type": "email"}, hidden: map[string][]string{}, tokens: h.everyToken(t)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	box, st := h.deps.API.Inbox, h.deps.Store
	till, err := h.deps.Hooks.Channels.Add(t.Context(), "generic", channelsInput())
	must(err)
	old, err := h.deps.Hooks.Channels.Add(t.Context(), "generic", channelsInput())
	must(err)
	must(h.deps.Hooks.Channels.Remove(t.Context(), old.ID))
	mia, err := h.auth.CreateUser(t.Context(), "mia@example.com", "Mia", models.Agent, pass)
	must(err)
	ingest := func(id string, p models.Payload, hints ...models.Hint) models.Ingested {
		t.Helper()
		out, err := box.Ingest(t.Context(), models.Inbound{ChannelID: till.ID, ExternalID: id, Hints: hints, Payload: p, Raw: []byte("raw"), RawType: "message/rfc822"})
		must(err)
		return out
	}
	by := func(email string, how models.Evidence) models.Hint {
		return models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: how, Reason: "told by the shop"}
	}
	mail := ingest("m1", &models.MessageIn{Subject: "Desk", HTML: "<p>in stock?</p>", Attachments: []models.FileIn{{Name: "a.txt", Type: "text/plain", Body: []byte("hello")}}}, by("ana@example.com", models.Asserted))
	other := ingest("m2", &models.MessageIn{Text: "hello"}, by("bo@example.com", models.Asserted), by("ana@example.com", models.Typed))
	gone := ingest("m3", &models.MessageIn{Text: "hello"}, by("cy@example.com", models.Asserted))
	order := ingest("o1", &models.OrderIn{Order: models.Order{ExternalID: "1042", Number: "1042", Status: "paid", Currency: "EUR", Total: 100}}, by("ana@example.com", models.Asserted))
	merge, err := box.Merge(t.Context(), mia.ID, gone.CustomerID, other.CustomerID)
	must(err)
	q := st.Read(t.Context())
	files, err := store.AttachmentsOf(q, []models.ID{mail.EventID})
	must(err)
	orders, err := store.Orders(q, store.OrderFilter{CustomerID: mail.CustomerID, Limit: 1})
	must(err)
	suggestions, err := store.SuggestionsFor(q, mail.CustomerID)
	must(err)
	if len(suggestions) != 1 || len(orders) != 1 || len(files) != 1 {
		t.Fatal("the estate lacks something", suggestions, orders, files)
	}
	for noun, id := range map[string]models.ID{"customer": mail.CustomerID, "mail": mail.EventID, "message": mail.EventID, "conversation": mail.ConversationID,
		"suggestion": suggestions[0].ID, "merge": merge, "channel": till.ID, "user": mia.ID, "order": orders[0].ID} {
		e.things[noun] = id.String()
	}
	e.things["file"] = files[0].Token
	identities, err := store.IdentitiesOf(q, mail.CustomerID)
	must(err)
	field, err := records.AddField(t.Context(), st, "Shoe size")
	must(err)
	e.things["identity"], e.things["field"] = identities[0].ID.String(), field.String()
	e.hide(t, mia, old, order.EventID)
	return e
}

// hide makes what nobody who asks may tell from nothing: a removed channel, ended sessions and
// revoked tokens, a colleague's session, and events that are of another kind than the route's.
func (e *estate) hide(t *testing.T, mia models.User, removed models.Channel, order models.ID) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, revoked, err := e.auth.NewToken(t.Context(), mia, "revoked", models.ScopeRead)
	must(err)
	must(e.auth.RevokeToken(t.Context(), mia, revoked.ID))
	var sessions [2]auth.Session
	for i := range sessions {
		cookie, _, err := e.auth.Login(t.Context(), mia.Email, pass, "192.0.2.7", "")
		must(err)
		sessions[i], _, err = e.auth.Session(t.Context(), cookie)
		must(err)
	}
	must(e.auth.Revoke(t.Context(), mia.ID, sessions[0].ID))
	e.hidden["channel"], e.hidden["token"] = []string{removed.ID.String()}, []string{revoked.ID.String()}
	e.hidden["session"] = []string{sessions[0].ID.String(), sessions[1].ID.String()}
	e.hidden["mail"], e.hidden["message"] = []string{order.String()}, []string{order.String(), e.things["mail"]} // nobody calls back what a customer wrote
}

func channelsInput() channels.Input {
	return channels.Input{Settings: map[string]string{"secret": strings.Repeat("k", 32)}}
}

var requestIDs = regexp.MustCompile(`(?i)[0-9a-f]{12,}|"request_id":"[^"]*"|class="reference"[^<]*<`)

// told is an answer without what differs from one request to the next.
func told(status int, body string) string {
	return fmt.Sprint(status, requestIDs.ReplaceAllString(body, "…"))
}

// TestEveryObjectOfEveryRoute tries every route as every role and scope with a thing that is there,
// one that was removed, one that never was, and what is no id at all: who may not call learns
// nothing of what is there, and who may gets the thing or one and the same 404.
func TestEveryObjectOfEveryRoute(t *testing.T) {
	e := settled(t)
	for _, r := range Routes(e.deps) {
		noun, known := objectOf[r.Path]
		if !known && strings.ContainsAny(r.Path, ":*") {
			t.Errorf("%s %s: say in objectOf what its parameter names", r.Method, r.Path)
		}
		if noun == "" || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		switch r.Zone {
		case web.Staff:
			for _, role := range models.Roles {
				e.asStaff(t, r, noun, role)
			}
		case web.API:
			for who, token := range e.tokens {
				e.asProgram(t, r, noun, who, token)
			}
		}
	}
}

// needs are what routes want besides the thing.
var needs = map[string]string{"/customers/:id/events": "?before=987654321"}

// bodies are what a changing route takes, so that nothing but the thing is at fault. A route that
// takes an empty body does not stand here.
var bodies = map[string]string{
	"/customers/:id/messages": "text=hello&way=7-7", "/customers/:id/notes": "text=look", "/customers/:id/draft": "kind=note&text=look", "/customers/:id/name": "name=Ana", "/customers/:id/read": "last_id=7",
	"/customers/:id/about": "notes=kind", "/conversations/:id/assign": "user_id=0", "/conversations/:id/snooze": "until=4102444800000", "/conversations/:id/labels": "toggle=vip",
	"/settings/channels/:id": "name=Till", "/settings/channels/:id/secret": "key=secret", "/settings/channels/:id/remove": "sure=yes", "/settings/users/:id/role": "role=agent",
	"/api/v1/conversations/:id": `{"status":"open"}`, "/api/v1/customers/:id": `{"name":"Ana"}`, "/api/v1/customers/:id/messages": `{"text":"hello"}`, "/api/v1/customers/:id/notes": `{"text":"look"}`,
	"/customers/:id/merge": "with=987654320", "/customers/:id/move": "events=7&name=Bo", "/customers/:id/consents": "purpose=marketing&state=opted_out", "/customers/:id/conversations": "matter=lamp",
	"/customers/:id/addresses": "kind=email&value=new@example.com", "/identities/:id/correct": "value=new@example.com", "/identities/:id/move": "to=987654320", "/identities/:id/share": "to=987654320",
	"/customers/:id/erase": "word=erase", "/api/v1/customers/:id/move": `{"events":["7"],"name":"Bo"}`, "/api/v1/customers/:id/conversations": `{"subject":"lamp"}`,
	"/api/v1/customers/:id/consents": `{"purpose":"marketing","state":"opted_out"}`, "/api/v1/identities/:id": `{"value":"new@example.com"}`,
	"/api/v1/customers/:id/identities": `{"kind":"email","value":"new@example.com"}`, "/api/v1/customers/:id/merge": `{"from":"987654320"}`, "/api/v1/channels/:id": `{"name":"Till"}`,
}

// at is a route's path with its parameter filled in.
func at(path, id string) string {
	return regexp.MustCompile(`:[a-z_]+|\*`).ReplaceAllString(path, strings.ReplaceAll(id, "$", "$$")) + needs[path]
}

func (e *estate) asStaff(t *testing.T, r web.Route, noun string, role models.Role) {
	t.Helper()
	cookie, csrf := e.session(t, role)
	ask := func(id string) (int, string) {
		resp, body := e.ask(t, r.Method, at(r.Path, id), "_csrf="+url.QueryEscape(csrf)+"&"+bodies[r.Path], "Cookie", cookie, "HX-Request", "true")
		return resp.StatusCode, body
	}
	e.cells(t, fmt.Sprintf("%s %s as %s", r.Method, r.Path, role), r.Method, noun, mayStaff(r, role), ask)
}

func (e *estate) asProgram(t *testing.T, r web.Route, noun string, who holding, token string) {
	t.Helper()
	ask := func(id string) (int, string) {
		resp, body := e.ask(t, r.Method, at(r.Path, id), cmp.Or(bodies[r.Path], "{}"), "Authorization", "Bearer "+token, "Content-Type", "application/json")
		return resp.StatusCode, body
	}
	e.cells(t, fmt.Sprintf("%s %s with scope %s of %s", r.Method, r.Path, who.scope, who.role), r.Method, noun, mayProgram(r, who.scope, who.role), ask)
}

// cells are the objects of one caller on one route. Things that are there are only read by who may:
// what a change does to them is tested where it is made.
func (e *estate) cells(t *testing.T, what, method, noun string, may bool, ask func(id string) (int, string)) {
	t.Helper()
	status, body := ask(never)
	if !may {
		if status != 403 {
			t.Errorf("%s: %d, want a refusal", what, status)
		}
		for _, id := range slices.Concat([]string{e.things[noun]}, e.hidden[noun], odd) {
			if s, b := ask(id); id != "" && told(s, b) != told(status, body) && s != 404 {
				t.Errorf("%s: the refusal tells %s from what never was: %d %.200s", what, id, s, b)
			}
		}
		return
	}
	if status != 404 {
		t.Errorf("%s, of what never was: %d %.200s", what, status, body)
	}
	for _, id := range odd {
		if s, b := ask(id); s < 400 || s >= 500 {
			t.Errorf("%s, of %q: %d %.200s", what, id, s, b)
		}
	}
	for _, id := range e.hidden[noun] {
		if s, b := ask(id); told(s, b) != told(status, body) {
			t.Errorf("%s: %s differs from one that never was: %d %.300s, not %d %.300s", what, id, s, b, status, body)
		}
	}
	if there := e.things[noun]; method == "GET" && there != "" {
		if s, b := ask(there); s >= 400 && !(noun == "mail" && s == 404 && strings.Contains(what, "img")) {
			t.Errorf("%s, of what is there: %d %.200s", what, s, b)
		}
	}
}

// session logs a role in once.
func (e *estate) session(t *testing.T, role models.Role) (cookie, csrf string) {
	t.Helper()
	if have := e.things["cookie "+string(role)]; have != "" {
		return have, e.things["csrf "+string(role)]
	}
	cookie, csrf = e.login(t, role)
	e.things["cookie "+string(role)], e.things["csrf "+string(role)] = cookie, csrf
	return cookie, csrf
}

// TestOthersThings: what belongs to one member of staff is not another's to end, send or call back.
func TestOthersThings(t *testing.T) {
	e := settled(t)
	cookie, csrf := e.session(t, models.Agent)
	theirs, _ := e.session(t, models.Admin)
	post := func(path string, form url.Values) (int, string) {
		form.Set("_csrf", csrf)
		resp, body := e.ask(t, "POST", path, form.Encode(), "Cookie", cookie)
		return resp.StatusCode, body
	}
	users, err := store.Users(e.deps.Store.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	byRole := map[models.Role]models.User{}
	for _, u := range users {
		if u.Email == string(u.Role)+"@example.com" {
			byRole[u.Role] = u
		}
	}
	sessions, err := store.SessionsOf(e.deps.Store.Read(t.Context()), byRole[models.Admin].ID)
	if err != nil || len(sessions) != 1 {
		t.Fatal(sessions, err)
	}
	if s, _ := post("/account/sessions/"+sessions[0].ID.String()+"/revoke", url.Values{}); s != 404 {
		t.Errorf("ending a colleague's session: %d", s)
	}
	if resp, _ := e.ask(t, "GET", "/account", "", "Cookie", theirs); resp.StatusCode != 200 {
		t.Errorf("the colleague is logged out: %d", resp.StatusCode)
	}
	_, token, err := e.auth.NewToken(t.Context(), byRole[models.Admin], "theirs", models.ScopeRead)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := post("/settings/tokens/"+token.ID.String()+"/revoke", url.Values{}); s != 404 {
		t.Errorf("revoking a colleague's token: %d", s)
	}
	box, customer := e.deps.API.Inbox, e.things["customer"]
	file, err := box.Upload(t.Context(), inbox.UserUploads(byRole[models.Admin].ID), "secret.txt", "text/plain", bytes.NewReader([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	if s, b := post("/customers/"+customer+"/notes", url.Values{"text": {"look"}, "files": {file.ID.String()}}); s < 400 {
		t.Errorf("sending a colleague's upload: %d %.200s", s, b)
	}
	e.undoOthers(t, byRole[models.Admin], cookie, csrf)
}

// undoOthers: a colleague's message may be called back by who may manage, not by everybody.
func (e *estate) undoOthers(t *testing.T, writer models.User, cookie, csrf string) {
	t.Helper()
	mailbox, err := e.deps.Hooks.Channels.Add(t.Context(), "email", channels.Input{Settings: map[string]string{"address": "shop@casa.example", "password": "s",
		"imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "allow_private": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	id, err := models.ParseID(e.things["customer"])
	if err != nil {
		t.Fatal(err)
	}
	writer.UndoSeconds = 30
	sent, err := e.deps.API.Inbox.Reply(t.Context(), writer, inbox.ReplyInput{CustomerID: id, ChannelID: mailbox.ID, Text: "On its way."})
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := e.ask(t, "POST", "/messages/"+sent.String()+"/undo", "_csrf="+url.QueryEscape(csrf), "Cookie", cookie); resp.StatusCode != 403 {
		t.Errorf("calling back a colleague's message: %d", resp.StatusCode)
	}
}

// TestFileLinks: a link for a provider opens its one file until it runs out, and nothing else.
func TestFileLinks(t *testing.T) {
	e := settled(t)
	st := e.deps.Store
	good := st.FileLink(e.things["file"], models.At(time.Now().Add(time.Hour)))
	resp, body := e.ask(t, "GET", "/c/files/"+good, "")
	if resp.StatusCode != 200 || body != "hello" || resp.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
	}
	waiting, err := e.deps.API.Inbox.Upload(context.Background(), inbox.UserUploads(1), "draft.txt", "text/plain", strings.NewReader("not sent"))
	if err != nil {
		t.Fatal(err)
	}
	for what, link := range map[string]string{
		"run out":           st.FileLink(e.things["file"], models.At(time.Now().Add(-time.Second))),
		"another file":      strings.Replace(good, e.things["file"], strings.Repeat("0", 32), 1),
		"changed":           good[:len(good)-1] + "_",
		"longer life":       strings.Replace(good, ".", ".z", 1),
		"the bare token":    e.things["file"],
		"a file never sent": st.FileLink(waiting.Token, models.At(time.Now().Add(time.Hour))),
		"empty parts":       "..",
	} {
		if resp, body := e.ask(t, "GET", "/c/files/"+link, ""); resp.StatusCode != 404 || strings.Contains(body, "hello") {
			t.Errorf("%s: %d %q", what, resp.StatusCode, body)
		}
	}
}
