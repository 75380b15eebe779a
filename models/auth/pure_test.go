package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"onethread/models"
)

func TestPasswordRules(t *testing.T) {
	for password, ok := range map[string]bool{
		good: true, "ěščřžýáíé+ěš": true, strings.Repeat("ab c", 64): false, // four characters repeated
		"short": false, "elevenchars": false, "password1234": false, "PassWord1234": false, "  password1234  ": false,
		"aaaaaaaaaaaaaaaa": false, "121212121212": false, "abcabcabcabcabc": false, "mia@example.com": false,
		strings.Repeat("long words ", 30): false, "with a\x00nul inside": false, "bad utf8 \xff\xfe here": false,
	} {
		if err := CheckPassword(password, "mia@example.com", "Mia"); (err == nil) != ok {
			t.Errorf("%.40q: %v", password, err)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	hash := HashPassword(good)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == HashPassword(good) {
		t.Errorf("hash %s", hash)
	}
	for _, c := range []struct {
		hash, password string
		ok             bool
	}{
		{hash, good, true}, {hash, good + " ", false}, {hash, "", false}, {hash, hash, false},
		{"", "", false}, {"plain", "plain", false}, {hash[:len(hash)-1], good, false},
		{strings.Replace(hash, "m=19456", "m=4294967295", 1), good, false},
		{strings.Replace(hash, "argon2id", "argon2i", 1), good, false},
	} {
		if verifyPassword(c.hash, c.password) != c.ok {
			t.Errorf("%q against %q: not %v", c.password, c.hash, c.ok)
		}
	}
}

func TestThrottle(t *testing.T) {
	c := &clock{t: time.Unix(1_800_000_000, 0)}
	th := NewThrottle(c.now)
	wait := func(account, ip string) time.Duration {
		var e *models.Error
		if errors.As(th.Admit(account, ip), &e) {
			return e.After
		}
		return 0
	}
	var waits []time.Duration
	for range 9 {
		c.add(wait("ana", "192.0.2.1"))
		th.Failed("ANA", "192.0.2.1")
		waits = append(waits, wait("ana", "192.0.2.1"))
	}
	s := time.Second
	if got, want := fmt.Sprint(waits), fmt.Sprint([]time.Duration{0, 0, 0, 0, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s}); got != want {
		t.Errorf("waits %s, want %s", got, want)
	}
	if wait("ana", "192.0.2.2") != 0 || wait("leo", "192.0.2.1") != 0 {
		t.Error("a stranger elsewhere locked the account")
	}
	for range 60 {
		th.Failed("ana", "2001:db8:1:1::1")
	}
	if got := wait("ana", "2001:db8:1:1:ffff::2"); got != longestWait {
		t.Errorf("another address of the same /64 waits %s", got)
	}
	c.add(-48 * time.Hour)
	if got := wait("ana", "2001:db8:1:1::1"); got > longestWait {
		t.Errorf("a clock set back locks for %s", got)
	}
	th.Succeeded("ana", "2001:db8:1:1::9")
	if wait("ana", "2001:db8:1:1::1") != 0 {
		t.Error("success did not forget the failures")
	}
}

func TestThrottleBoundsTheWhole(t *testing.T) {
	c := &clock{t: time.Unix(1_800_000_000, 0)}
	th := NewThrottle(c.now)
	admitted := 0
	for i := range 100 {
		if th.Admit(fmt.Sprint(i), "192.0.2.1") == nil {
			admitted++
		}
	}
	if admitted != globalPerSec {
		t.Errorf("%d of 100 tries in one second admitted", admitted)
	}
	c.add(time.Second)
	if th.Admit("x", "192.0.2.1") != nil {
		t.Error("the next second admits none")
	}
	for i := range mostPairs + 10 {
		th.Failed(fmt.Sprint(i), "192.0.2.1")
	}
	if len(th.pairs) > mostPairs {
		t.Errorf("%d pairs kept", len(th.pairs))
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		role models.Role
		may  []Permission
		not  []Permission
	}{
		{models.Owner, Permissions, nil},
		{models.Admin, []Permission{SettingsChans, SettingsUsers, InboxWrite}, []Permission{OwnersWrite}},
		{models.Agent, []Permission{InboxWrite, OrdersWrite, Self}, []Permission{SettingsChans, SettingsUsers, SettingsShop, OwnersWrite}},
		{models.Counter, []Permission{InboxRead, VisitWrite, NoteWrite}, []Permission{InboxWrite, OrdersWrite, SettingsShop, TokensWrite}},
		{models.Viewer, []Permission{InboxRead, ReportsRead}, []Permission{InboxWrite, NoteWrite, VisitWrite, SettingsChans}},
		{"", nil, Permissions}, {"root", nil, Permissions},
	} {
		for _, p := range c.may {
			if !Can(c.role, p) {
				t.Errorf("%s may not %s", c.role, p)
			}
		}
		for _, p := range c.not {
			if Can(c.role, p) {
				t.Errorf("%q may %s", c.role, p)
			}
		}
	}
	if Can(models.Owner, "inbox") || Can(models.Owner, "") {
		t.Error("an unknown permission is granted")
	}
}

func TestScopes(t *testing.T) {
	for _, c := range []struct {
		role       models.Role
		have, want models.Scope
		ok         bool
	}{
		{models.Owner, models.ScopeAdmin, models.ScopeRead, true}, {models.Owner, models.ScopeRead, models.ScopeWrite, false},
		{models.Owner, models.ScopeWrite, models.ScopeAdmin, false}, {models.Agent, models.ScopeAdmin, models.ScopeAdmin, false},
		{models.Agent, models.ScopeAdmin, models.ScopeWrite, true}, {models.Viewer, models.ScopeWrite, models.ScopeWrite, false},
		{models.Viewer, models.ScopeRead, models.ScopeRead, true}, {models.Owner, "", models.ScopeRead, false},
		{models.Owner, models.ScopeAdmin, "", false}, {models.Owner, "root", models.ScopeRead, false},
	} {
		if Covers(c.role, c.have, c.want) != c.ok {
			t.Errorf("Covers(%s, %s, %s) is not %v", c.role, c.have, c.want, c.ok)
		}
	}
}
