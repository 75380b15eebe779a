package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Session is one logged-in browser.
type Session = store.Session

// How long sessions last: without use, and at all. A session's
// use is noted no more often than every touchEvery, so that reading pages costs no writes.
const (
	SessionIdle  = 12 * time.Hour
	SessionTotal = 30 * 24 * time.Hour
	touchEvery   = 5 * time.Minute
)

// errLogin is the one answer to every failed login, so that nobody learns which accounts exist.
var errLogin = &models.Error{Code: models.Unsigned, Message: "Email and password do not match. Try again, or ask for a link to set a new password."}

// Login checks a password and begins a session; the cookie's value is returned and stored
// nowhere. It is always a fresh one, whatever cookie the browser came with (session fixation).
func (a *Auth) Login(ctx context.Context, email, password, ip, agent string) (cookie string, u models.User, err error) {
	email = store.NormaliseEmail(email)
	if err := a.throttle.Admit(email, ip); err != nil {
		return "", u, err
	}
	u, err = store.UserByEmail(a.st.Read(ctx), email)
	if err != nil && !models.IsCode(err, models.NotFound) {
		return "", u, err
	}
	known := err == nil && u.PasswordHash != "" && u.DisabledAt.IsZero()
	hash := ""
	if known {
		hash = u.PasswordHash
	}
	if !verifyPassword(hash, password) || !known {
		a.throttle.Failed(email, ip)
		return "", models.User{}, errLogin
	}
	a.throttle.Succeeded(email, ip)
	cookie, err = a.begin(ctx, u, ip, agent)
	return cookie, u, err
}

// begin opens the session of a user whose password was just checked, unless the account changed
// while that took its time: a password change must leave no session of the old one behind.
func (a *Auth) begin(ctx context.Context, checked models.User, ip, agent string) (string, error) {
	var cookie string
	err := a.st.Write(ctx, func(tx *store.Tx) error {
		u, err := store.UserByID(tx, checked.ID)
		if err != nil || u.PasswordHash != checked.PasswordHash || !u.DisabledAt.IsZero() {
			return errors.Join(errLogin, err)
		}
		cookie, err = a.insertSession(tx, u.ID, ip, agent)
		return err
	})
	return cookie, err
}

func (a *Auth) insertSession(tx *store.Tx, user models.ID, ip, agent string) (string, error) {
	cookie, now := secret(), models.At(a.now())
	if err := store.DeleteOldSessions(tx, now.Add(-SessionIdle), now); err != nil {
		return "", err
	}
	return cookie, store.InsertSession(tx, &Session{
		TokenHash: digest(cookie), UserID: user, CSRF: secret(), IP: ip, UserAgent: clip(agent, 200),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(SessionTotal),
	})
}

// Session finds who a cookie belongs to. A cookie that is unknown, too old, or whose user was
// disabled is an Unsigned error.
func (a *Auth) Session(ctx context.Context, cookie string) (Session, models.User, error) {
	if len(cookie) != len(secret()) {
		return Session{}, models.User{}, errSession
	}
	s, err := store.SessionByHash(a.st.Read(ctx), digest(cookie))
	if err != nil {
		return Session{}, models.User{}, unsigned(err)
	}
	u, err := a.standing(ctx, s)
	if err != nil {
		return Session{}, models.User{}, err
	}
	now := models.At(a.now())
	if now.Sub(s.LastSeenAt) >= touchEvery {
		a.touch(ctx, "session "+s.ID.String(), func(tx *store.Tx) error { return store.TouchSession(tx, s.ID, now) })
	}
	return s, u, nil
}

// touchWait is how long a request waits until its use of a session or token is written down.
const touchWait = 100 * time.Millisecond

// touch writes down the use of a session or token, one at a time of each. With a full disk or while
// another program holds the database people must still be able to read, and at once; at worst a
// session ends a little early.
func (a *Auth) touch(ctx context.Context, what string, write func(*store.Tx) error) {
	if _, running := a.touching.LoadOrStore(what, true); running {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer a.touching.Delete(what)
		if err := a.st.Write(context.WithoutCancel(ctx), write); err != nil {
			slog.Warn("the use of a session or token was not noted", "err", err)
		}
	}()
	select {
	case <-done:
	case <-time.After(touchWait):
	}
}

var errSession = &models.Error{Code: models.Unsigned, Message: "Log in to go on: your session has ended."}

// standing tells whether a session still counts, and for whom.
func (a *Auth) standing(ctx context.Context, s Session) (models.User, error) {
	now := models.At(a.now())
	if now.Sub(s.LastSeenAt) > SessionIdle || now >= s.ExpiresAt {
		return models.User{}, errSession
	}
	u, err := store.UserByID(a.st.Read(ctx), s.UserID)
	if err != nil {
		return models.User{}, unsigned(err)
	}
	if !u.DisabledAt.IsZero() {
		return models.User{}, errSession
	}
	return u, nil
}

// Standing returns a session's user as they are now, for streams that outlive their request:
// they ask at least every second, so that a revoked session's stream ends within it.
func (a *Auth) Standing(ctx context.Context, session models.ID) (models.User, error) {
	s, err := store.SessionByID(a.st.Read(ctx), session)
	if err != nil {
		return models.User{}, unsigned(err)
	}
	return a.standing(ctx, s)
}

// Sessions lists a user's sessions that still count, the one used last first.
func (a *Auth) Sessions(ctx context.Context, user models.ID) ([]Session, error) {
	list, err := store.SessionsOf(a.st.Read(ctx), user)
	now := models.At(a.now())
	var live []Session
	for _, s := range list {
		if now.Sub(s.LastSeenAt) <= SessionIdle && now < s.ExpiresAt {
			live = append(live, s)
		}
	}
	return live, err
}

// Revoke ends one of a user's own sessions: logging out, or throwing out a lost browser.
func (a *Auth) Revoke(ctx context.Context, user, session models.ID) error {
	return a.st.Write(ctx, func(tx *store.Tx) error { return store.DeleteSession(tx, user, session) })
}

// RevokeAll ends all sessions of a user but one (zero: all).
func (a *Auth) RevokeAll(ctx context.Context, user, except models.ID) error {
	return a.st.Write(ctx, func(tx *store.Tx) error { return store.DeleteSessionsOf(tx, user, except) })
}

// unsigned hides what exactly was not found.
func unsigned(err error) error {
	if models.IsCode(err, models.NotFound) {
		return errSession
	}
	return err
}

func clip(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	for bytes > 0 && s[bytes]&0xC0 == 0x80 { // not in the middle of a character
		bytes--
	}
	return s[:bytes]
}
