package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// How long one-time links stay open.
const (
	SetupOpen  = 72 * time.Hour
	InviteOpen = 72 * time.Hour
	ResetOpen  = 30 * time.Minute
)

// errLink is the same for links that are used, expired, altered or invented.
var errLink = &models.Error{Code: models.NotFound, Message: "This link has been used or is too old. Ask for a new one."}

// SetupLink makes the secret of a link to /setup/SECRET, or returns "" when the shop has an
// owner. Earlier set-up links end: only the one printed last works.
func (a *Auth) SetupLink(ctx context.Context) (string, error) {
	var out string
	err := a.st.Write(ctx, func(tx *store.Tx) error {
		n, err := store.ActiveOwners(tx)
		if err != nil || n > 0 {
			return err
		}
		out, err = a.insertLink(tx, store.SetupLink, 0, SetupOpen)
		return err
	})
	return out, err
}

// Setup creates the first owner and logs them in. Of any number of posts at once exactly one
// succeeds; afterwards the link, and every other set-up link, is not found.
func (a *Auth) Setup(ctx context.Context, link, email, name, password, ip, agent string) (cookie string, err error) {
	u := models.User{Email: email, Name: strings.TrimSpace(name), Role: models.Owner, UndoSeconds: 5}
	if err := a.OpenLink(ctx, store.SetupLink, link); err != nil {
		return "", err
	}
	if err := checkUser(u); err != nil {
		return "", err
	}
	if err := CheckPassword(password, email, name); err != nil {
		return "", err
	}
	u.PasswordHash = HashPassword(password)
	err = a.st.Write(ctx, func(tx *store.Tx) error {
		if _, err := store.UseLink(tx, store.SetupLink, digest(link)); err != nil {
			return gone(err)
		}
		if n, err := store.ActiveOwners(tx); err != nil || n > 0 {
			return gone(notEmpty(n, err))
		}
		if err := store.InsertUser(tx, &u); err != nil {
			return err
		}
		cookie, err = a.insertSession(tx, u.ID, ip, agent)
		return err
	})
	return cookie, err
}

func notEmpty(n int, err error) error {
	if err == nil && n > 0 {
		return errLink
	}
	return err
}

// OpenLink tells whether a link may still be used. Empty, shortened and altered secrets match
// nothing: links are looked up by the SHA-256 of exactly 43 characters.
func (a *Auth) OpenLink(ctx context.Context, kind, link string) error {
	if len(link) != len(secret()) {
		return errLink
	}
	if kind == store.SetupLink { // an owner made on the command line closes it, too
		if n, err := store.ActiveOwners(a.st.Read(ctx)); err != nil || n > 0 {
			return notEmpty(n, err)
		}
	}
	_, err := store.OpenLink(a.st.Read(ctx), kind, digest(link), models.At(a.now()))
	return gone(err)
}

// Invite adds a member of staff without a password and returns the secret of /invite/SECRET.
func (a *Auth) Invite(ctx context.Context, actor models.User, email, name string, role models.Role) (models.User, string, error) {
	u := models.User{Email: email, Name: strings.TrimSpace(name), Role: role, UndoSeconds: 5}
	if err := mayManage(actor, role); err != nil {
		return u, "", err
	}
	if err := checkUser(u); err != nil {
		return u, "", err
	}
	var link string
	err := a.st.Write(ctx, func(tx *store.Tx) (err error) {
		if err = store.InsertUser(tx, &u); err != nil {
			return err
		}
		link, err = a.insertLink(tx, store.InviteLink, u.ID, InviteOpen)
		return err
	})
	return u, link, err
}

// InviteAgain makes a new invitation for somebody who has no password yet; the old one ends.
func (a *Auth) InviteAgain(ctx context.Context, actor models.User, user models.ID) (string, error) {
	u, err := store.UserByID(a.st.Read(ctx), user)
	if err != nil {
		return "", err
	}
	if err := mayManage(actor, u.Role); err != nil {
		return "", err
	}
	if u.PasswordHash != "" || !u.DisabledAt.IsZero() {
		return "", models.Errorf(models.Conflict, "%s has an account already. Send a link to set a new password instead.", u.Name)
	}
	return a.newLink(ctx, store.InviteLink, u.ID, InviteOpen)
}

// Forgot makes the secret of /reset/SECRET for an account, and returns whom to send it to. For
// an unknown or disabled account, and for one over its five an hour, ok is false; whoever asked
// must be given the same answer either way.
func (a *Auth) Forgot(ctx context.Context, email string) (u models.User, link string, ok bool, err error) {
	u, err = store.UserByEmail(a.st.Read(ctx), email)
	if models.IsCode(err, models.NotFound) {
		return u, "", false, nil
	}
	if err != nil || !u.DisabledAt.IsZero() || u.PasswordHash == "" {
		return u, "", false, err
	}
	link, err = a.newLink(ctx, store.ResetLink, u.ID, ResetOpen)
	return u, link, err == nil, err
}

// Behind returns whose link this is, while it may still be used.
func (a *Auth) Behind(ctx context.Context, kind, link string) (models.User, error) {
	if len(link) != len(secret()) {
		return models.User{}, errLink
	}
	l, err := store.OpenLink(a.st.Read(ctx), kind, digest(link), models.At(a.now()))
	if err != nil {
		return models.User{}, gone(err)
	}
	u, err := store.UserByID(a.st.Read(ctx), l.UserID)
	if err == nil && !u.DisabledAt.IsZero() {
		err = errLink
	}
	return u, gone(err)
}

// Accept sets the password behind an invitation or a reset link (kind says which) and logs in.
// Whoever accepts an invitation may also correct their name; empty keeps it. Sessions that the
// account had end.
func (a *Auth) Accept(ctx context.Context, kind, link, name, password, ip, agent string) (cookie string, err error) {
	u, err := a.Behind(ctx, kind, link)
	if err != nil {
		return "", err
	}
	if name = strings.TrimSpace(name); name != "" && kind == store.InviteLink {
		u.Name = name
	}
	if err := errors.Join(checkUser(u), CheckPassword(password, u.Email, u.Name)); err != nil {
		return "", err
	}
	hash := HashPassword(password)
	err = a.st.Write(ctx, func(tx *store.Tx) error {
		if _, err := store.UseLink(tx, kind, digest(link)); err != nil {
			return gone(err)
		}
		if err := store.SetName(tx, u.ID, u.Name); err != nil {
			return err
		}
		if err := storePassword(tx, u.ID, hash, 0); err != nil {
			return err
		}
		cookie, err = a.insertSession(tx, u.ID, ip, agent)
		return err
	})
	return cookie, err
}

func (a *Auth) newLink(ctx context.Context, kind string, user models.ID, open time.Duration) (string, error) {
	var link string
	err := a.st.Write(ctx, func(tx *store.Tx) (err error) {
		link, err = a.insertLink(tx, kind, user, open)
		return err
	})
	return link, err
}

func (a *Auth) insertLink(tx *store.Tx, kind string, user models.ID, open time.Duration) (string, error) {
	link, now := secret(), models.At(a.now())
	return link, store.InsertLink(tx, &store.Link{Kind: kind, TokenHash: digest(link), UserID: user, CreatedAt: now, ExpiresAt: now.Add(open)})
}

func gone(err error) error {
	if models.IsCode(err, models.NotFound) {
		return errLink
	}
	return err
}
