package auth

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

const good = "walnut desk in lisbon"

// clock is a fixed clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func open(t *testing.T) (*Auth, *clock) {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(st, c.now), c
}

func user(t *testing.T, a *Auth, email string, role models.Role) models.User {
	t.Helper()
	u, err := a.CreateUser(t.Context(), email, "Mia Costa", role, good)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func login(t *testing.T, a *Auth, email string) string {
	t.Helper()
	cookie, _, err := a.Login(t.Context(), email, good, "192.0.2.1", "Firefox")
	if err != nil {
		t.Fatal(err)
	}
	return cookie
}

func wants(t *testing.T, what string, err error, code models.Code) {
	t.Helper()
	if !models.IsCode(err, code) {
		t.Errorf("%s: got %v, want code %s", what, err, code)
	}
}

func TestLoginAnswersAllFailuresAlike(t *testing.T) {
	a, _ := open(t)
	u := user(t, a, "Mia@Example.com", models.Agent)
	off := user(t, a, "off@example.com", models.Owner)
	user(t, a, "owner@example.com", models.Owner)
	if err := a.Disable(t.Context(), Root, off.ID); err != nil {
		t.Fatal(err)
	}
	_, invitedLink, err := a.Invite(t.Context(), Root, "new@example.com", "New", models.Agent)
	if err != nil || invitedLink == "" {
		t.Fatal(err)
	}
	for name, try := range map[string][2]string{
		"wrong password":    {"mia@example.com", "walnut desk in porto"},
		"empty password":    {"mia@example.com", ""},
		"the hash itself":   {"mia@example.com", u.PasswordHash},
		"unknown user":      {"nobody@example.com", good},
		"disabled user":     {"off@example.com", good},
		"invited, no hash":  {"new@example.com", ""},
		"megabyte password": {"mia@example.com", strings.Repeat("x", 1<<20)},
		"list of addresses": {"mia@example.com,owner@example.com", good},
	} {
		_, _, err := a.Login(t.Context(), try[0], try[1], "192.0.2."+fmt.Sprint(len(name)), "")
		if err == nil || err.Error() != errLogin.Message {
			t.Errorf("%s: %v", name, err)
		}
	}
	if cookie := login(t, a, " MIA@example.com "); len(cookie) != 43 {
		t.Errorf("cookie %q", cookie)
	}
}

func TestSessionEnds(t *testing.T) {
	a, c := open(t)
	u := user(t, a, "mia@example.com", models.Agent)
	alive := func(cookie string) bool {
		_, _, err := a.Session(t.Context(), cookie)
		if err != nil {
			wants(t, "session", err, models.Unsigned)
		}
		return err == nil
	}
	idle := login(t, a, u.Email)
	c.add(SessionIdle - time.Minute)
	if !alive(idle) {
		t.Fatal("ended before its idle time")
	}
	c.add(SessionIdle - time.Minute)
	if !alive(idle) {
		t.Fatal("use did not prolong it")
	}
	c.add(SessionIdle + time.Second)
	if alive(idle) {
		t.Error("lives on after its idle time")
	}
	kept := login(t, a, u.Email)
	for start := c.now(); c.now().Sub(start) < SessionTotal-time.Hour; c.add(6 * time.Hour) {
		if !alive(kept) {
			t.Fatalf("ended after %s in spite of use", c.now().Sub(start))
		}
	}
	c.add(6 * time.Hour)
	if alive(kept) {
		t.Error("lives on after its absolute time")
	}
	for _, bad := range []string{"", " ", "0", kept[:42], kept + "A", strings.Repeat("A", 43)} {
		if alive(bad) {
			t.Errorf("cookie %q is admitted", bad)
		}
	}
}

func TestSessionsAreRevoked(t *testing.T) {
	a, _ := open(t)
	owner := user(t, a, "owner@example.com", models.Owner)
	for name, revoke := range map[string]func(u models.User, mine models.ID) error{
		"logout":          func(u models.User, mine models.ID) error { return a.Revoke(t.Context(), u.ID, mine) },
		"all":             func(u models.User, _ models.ID) error { return a.RevokeAll(t.Context(), u.ID, 0) },
		"disable":         func(u models.User, _ models.ID) error { return a.Disable(t.Context(), owner, u.ID) },
		"role change":     func(u models.User, _ models.ID) error { return a.SetRole(t.Context(), owner, u.ID, models.Viewer) },
		"password change": func(u models.User, _ models.ID) error { return a.SetPassword(t.Context(), u, good+"!") },
	} {
		u := user(t, a, strings.ReplaceAll(name, " ", "")+"@example.com", models.Agent)
		cookie := login(t, a, u.Email)
		s, _, err := a.Session(t.Context(), cookie)
		if err != nil {
			t.Fatal(err)
		}
		if err := revoke(u, s.ID); err != nil {
			t.Fatal(name, err)
		}
		_, _, err = a.Session(t.Context(), cookie)
		wants(t, name, err, models.Unsigned)
		_, err = a.Standing(t.Context(), s.ID)
		wants(t, name+", its stream", err, models.Unsigned)
	}
}

func TestPasswordChangeKeepsThisSessionOnly(t *testing.T) {
	a, _ := open(t)
	u := user(t, a, "mia@example.com", models.Agent)
	here, there := login(t, a, u.Email), login(t, a, u.Email)
	s, _, _ := a.Session(t.Context(), here)
	wants(t, "wrong current one", a.ChangePassword(t.Context(), u, "walnut desk in porto", good+"!", "192.0.2.1", s.ID), models.Invalid)
	if err := a.ChangePassword(t.Context(), u, good, good+"!", "192.0.2.1", s.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Session(t.Context(), here); err != nil {
		t.Error("the session that changed it ended:", err)
	}
	_, _, err := a.Session(t.Context(), there)
	wants(t, "the other session", err, models.Unsigned)
	wants(t, "another's session", a.Revoke(t.Context(), u.ID+1, s.ID), models.NotFound)
	if list, err := a.Sessions(t.Context(), u.ID); err != nil || len(list) != 1 || list[0].ID != s.ID {
		t.Errorf("list %v, %v", list, err)
	}
}

func TestSetupRace(t *testing.T) {
	a, _ := open(t)
	first, err := a.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link, err := a.SetupLink(t.Context())
	if err != nil || link == "" || link == first {
		t.Fatalf("%q %v", link, err)
	}
	_, err = a.Setup(t.Context(), first, "x@example.com", "X", good, "192.0.2.1", "")
	wants(t, "an earlier link", err, models.NotFound)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 100 {
		wg.Go(func() {
			cookie, err := a.Setup(context.Background(), link, fmt.Sprintf("o%d@example.com", i), "Owner", good, "192.0.2.1", "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil && cookie != "" {
				won++
			} else if !models.IsCode(err, models.NotFound) {
				t.Errorf("loser %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	users, err := store.Users(a.st.Read(t.Context()))
	if won != 1 || len(users) != 1 || err != nil {
		t.Errorf("%d won, %d users, %v", won, len(users), err)
	}
	if again, err := a.SetupLink(t.Context()); again != "" || err != nil {
		t.Errorf("a set-up link after the first owner: %q %v", again, err)
	}
	wants(t, "the page after set-up", a.OpenLink(t.Context(), store.SetupLink, link), models.NotFound)
}

func TestSetupClosesWhenTheCommandLineMadeAnOwner(t *testing.T) {
	a, _ := open(t)
	link, err := a.SetupLink(t.Context())
	if err != nil || a.OpenLink(t.Context(), store.SetupLink, link) != nil {
		t.Fatal("the link does not open", err)
	}
	user(t, a, "owner@example.com", models.Owner)
	wants(t, "the page", a.OpenLink(t.Context(), store.SetupLink, link), models.NotFound)
	_, err = a.Setup(t.Context(), link, "second@example.com", "Second", good, "192.0.2.1", "")
	wants(t, "the form", err, models.NotFound)
}

func TestLinksOpenOnceAndNotForLong(t *testing.T) {
	a, c := open(t)
	owner := user(t, a, "owner@example.com", models.Owner)
	accept := func(kind, link string) error {
		_, err := a.Accept(t.Context(), kind, link, "", good+"?", "192.0.2.1", "")
		return err
	}
	_, link, err := a.Invite(t.Context(), owner, "leo@example.com", "Leo", models.Agent)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", " ", "0", "%20", link[:42], other(link), strings.ToLower(link)} {
		wants(t, fmt.Sprintf("link %q", bad), accept(store.InviteLink, bad), models.NotFound)
	}
	wants(t, "as a reset", accept(store.ResetLink, link), models.NotFound)
	if err := accept(store.InviteLink, link); err != nil {
		t.Fatal(err)
	}
	wants(t, "used again", accept(store.InviteLink, link), models.NotFound)

	late, link, _ := a.Invite(t.Context(), owner, "late@example.com", "Late", models.Agent)
	c.add(InviteOpen)
	wants(t, "after 72 h", accept(store.InviteLink, link), models.NotFound)
	again, err := a.InviteAgain(t.Context(), owner, late.ID)
	if err != nil || accept(store.InviteLink, again) != nil {
		t.Error("a fresh invitation does not work", err)
	}

	cookie := login(t, a, owner.Email)
	_, link, ok, err := a.Forgot(t.Context(), "OWNER@example.com")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	c.add(ResetOpen)
	wants(t, "after 30 min", accept(store.ResetLink, link), models.NotFound)
	_, link, _, _ = a.Forgot(t.Context(), owner.Email)
	if err := accept(store.ResetLink, link); err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Session(t.Context(), cookie)
	wants(t, "a session from before the reset", err, models.Unsigned)
	for _, email := range []string{"nobody@example.com", "owner@example.com,evil@example.com", "owner@example.com\r\nBcc: x@y.example", ""} {
		if _, link, ok, err := a.Forgot(t.Context(), email); ok || link != "" || err != nil {
			t.Errorf("Forgot(%q) = %q %v %v", email, link, ok, err)
		}
	}
}

func TestLastOwnerStays(t *testing.T) {
	a, _ := open(t)
	owner, admin := user(t, a, "owner@example.com", models.Owner), user(t, a, "admin@example.com", models.Admin)
	if _, _, err := a.Invite(t.Context(), owner, "second@example.com", "Second", models.Owner); err != nil {
		t.Fatal(err)
	}
	wants(t, "demote, with only an invitation beside", a.SetRole(t.Context(), owner, owner.ID, models.Agent), models.Conflict)
	wants(t, "disable", a.Disable(t.Context(), owner, owner.ID), models.Conflict)
	wants(t, "an admin demotes the owner", a.SetRole(t.Context(), admin, owner.ID, models.Agent), models.Forbidden)
	wants(t, "an admin promotes himself", a.SetRole(t.Context(), admin, admin.ID, models.Owner), models.Forbidden)
	wants(t, "an invented role", a.SetRole(t.Context(), owner, admin.ID, "root"), models.Invalid)
	_, _, err := a.Invite(t.Context(), admin, "x@example.com", "X", models.Owner)
	wants(t, "an admin invites an owner", err, models.Forbidden)
	if u, _ := store.UserByID(a.st.Read(t.Context()), owner.ID); u.Role != models.Owner || !u.DisabledAt.IsZero() {
		t.Errorf("the refused change stayed: %+v", u)
	}
	if err := a.SetRole(t.Context(), owner, admin.ID, models.Owner); err != nil {
		t.Fatal(err)
	}
	if err := a.SetRole(t.Context(), owner, owner.ID, models.Agent); err != nil {
		t.Error("with another owner it must go:", err)
	}
}

func TestTokens(t *testing.T) {
	a, _ := open(t)
	owner, viewer := user(t, a, "owner@example.com", models.Owner), user(t, a, "v@example.com", models.Viewer)
	raw, token, err := a.NewToken(t.Context(), owner, "shop sync", models.ScopeWrite)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := a.Token(t.Context(), raw); err != nil || b.User.ID != owner.ID || b.Token.Scope != models.ScopeWrite {
		t.Errorf("%+v %v", b, err)
	}
	for _, bad := range []string{"", "ot_", raw + "x", strings.ToUpper(raw), raw[3:], tokenPrefix + strings.Repeat("A", 43)} {
		_, err := a.Token(t.Context(), bad)
		wants(t, fmt.Sprintf("token %q", bad), err, models.Unsigned)
	}
	_, _, err = a.NewToken(t.Context(), viewer, "x", models.ScopeWrite)
	wants(t, "a viewer's write token", err, models.Invalid)
	_, _, err = a.NewToken(t.Context(), owner, "x", "root")
	wants(t, "an invented scope", err, models.Invalid)
	wants(t, "another's token", a.RevokeToken(t.Context(), viewer, token.ID), models.NotFound)
	if err := a.RevokeToken(t.Context(), owner, token.ID); err != nil {
		t.Fatal(err)
	}
	_, err = a.Token(t.Context(), raw)
	wants(t, "revoked", err, models.Unsigned)
	theirs, _, _ := a.NewToken(t.Context(), viewer, "mine", models.ScopeRead)
	if err := a.Disable(t.Context(), owner, viewer.ID); err != nil {
		t.Fatal(err)
	}
	_, err = a.Token(t.Context(), theirs)
	wants(t, "of a disabled user", err, models.Unsigned)
}

// other is a link that differs in its first letter.
func other(link string) string {
	if link[0] == 'A' {
		return "B" + link[1:]
	}
	return "A" + link[1:]
}
