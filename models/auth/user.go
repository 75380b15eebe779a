package auth

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/store"
)

// CreateUser adds a member of staff who can log in at once; it is what the command line does,
// for whoever can read the data folder needs no permission.
func (a *Auth) CreateUser(ctx context.Context, email, name string, role models.Role, password string) (models.User, error) {
	u := models.User{Email: email, Name: strings.TrimSpace(name), Role: role, UndoSeconds: 5}
	if err := checkUser(u); err != nil {
		return u, err
	}
	if err := CheckPassword(password, email, name); err != nil {
		return u, err
	}
	u.PasswordHash = HashPassword(password) // outside the write: it takes tens of milliseconds
	err := a.st.Write(ctx, func(tx *store.Tx) error { return store.InsertUser(tx, &u) })
	return u, err
}

func checkUser(u models.User) error {
	if err := CheckEmail(u.Email); err != nil {
		return err
	}
	if u.Name == "" || utf8.RuneCountInString(u.Name) > 100 || strings.ContainsFunc(u.Name, func(r rune) bool { return r < ' ' }) {
		return models.FieldError("name", "Give a name of 1 to 100 characters, on one line.")
	}
	if !slices.Contains(models.Roles, u.Role) {
		return models.FieldError("role", "%q is no role. Use owner, admin, agent, counter or viewer.", u.Role)
	}
	return nil
}

// CheckEmail tells whether a text is one plain email address, not a list, a name or a header.
func CheckEmail(email string) error {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != strings.TrimSpace(email) || len(email) > 254 || strings.ContainsAny(email, "\r\n\x00 ,") {
		return models.FieldError("email", "%q is not an email address. Write it like ana@example.com.", clip(email, 80))
	}
	return nil
}

// SetRole changes a member of staff's role on behalf of actor, and ends their sessions, so that
// no open page goes on with the old role. The last owner stays one.
func (a *Auth) SetRole(ctx context.Context, actor models.User, user models.ID, role models.Role) error {
	if !slices.Contains(models.Roles, role) {
		return models.FieldError("role", "%q is no role. Use owner, admin, agent, counter or viewer.", role)
	}
	return a.st.Write(ctx, func(tx *store.Tx) error {
		u, err := store.UserByID(tx, user)
		if err != nil {
			return err
		}
		if err := mayManage(actor, u.Role, role); err != nil {
			return err
		}
		if err := store.SetRole(tx, user, role); err != nil {
			return err
		}
		return a.leaveOneOwner(tx, user)
	})
}

// Disable bars a member of staff: sessions, tokens and open links end with it. The last owner
// cannot be disabled. Enable lets them in again, with the password they had.
func (a *Auth) Disable(ctx context.Context, actor models.User, user models.ID) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		u, err := store.UserByID(tx, user)
		if err != nil {
			return err
		}
		if err := mayManage(actor, u.Role, u.Role); err != nil {
			return err
		}
		if err := store.SetDisabled(tx, user, tx.Now()); err != nil {
			return err
		}
		if err := store.RevokeAPITokensOf(tx, user); err != nil {
			return err
		}
		if err := store.EndLinks(tx, user, ""); err != nil {
			return err
		}
		return a.leaveOneOwner(tx, user)
	})
}

// Enable lets a disabled member of staff in again.
func (a *Auth) Enable(ctx context.Context, actor models.User, user models.ID) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		u, err := store.UserByID(tx, user)
		if err != nil {
			return err
		}
		if err := mayManage(actor, u.Role, u.Role); err != nil {
			return err
		}
		return store.SetDisabled(tx, user, 0)
	})
}

// leaveOneOwner ends the user's sessions and refuses the change when no owner would be left; the
// refusal takes the whole transaction back.
func (a *Auth) leaveOneOwner(tx *store.Tx, user models.ID) error {
	n, err := store.ActiveOwners(tx)
	if err != nil {
		return err
	}
	if n == 0 {
		return models.Errorf(models.Conflict, "The shop needs at least one owner. Make somebody else an owner first.")
	}
	return store.DeleteSessionsOf(tx, user, 0)
}

// Root acts for the command line: whoever can run it holds the data folder anyway.
var Root = models.User{Name: "command line", Role: models.Owner}

func mayManage(actor models.User, roles ...models.Role) error {
	if !Can(actor.Role, SettingsUsers) {
		return models.Errorf(models.Forbidden, "Only owners and admins may change members of staff.")
	}
	if slices.Contains(roles, models.Owner) && !Can(actor.Role, OwnersWrite) {
		return models.Errorf(models.Forbidden, "Only an owner may make, change or disable an owner.")
	}
	return nil
}

// ChangePassword sets a new password after the current one was given again. All other sessions
// end, and open reset links with them; the session keep goes on.
func (a *Auth) ChangePassword(ctx context.Context, u models.User, current, next, ip string, keep models.ID) error {
	if err := a.throttle.Admit(u.Email, ip); err != nil {
		return err
	}
	if !verifyPassword(u.PasswordHash, current) {
		a.throttle.Failed(u.Email, ip)
		return models.FieldError("current", "This is not your current password.")
	}
	a.throttle.Succeeded(u.Email, ip)
	return a.setPassword(ctx, u, next, keep)
}

// SetPassword sets a password without asking for the old one: the command line's reset.
func (a *Auth) SetPassword(ctx context.Context, u models.User, next string) error {
	return a.setPassword(ctx, u, next, 0)
}

func (a *Auth) setPassword(ctx context.Context, u models.User, next string, keep models.ID) error {
	if err := CheckPassword(next, u.Email, u.Name); err != nil {
		return err
	}
	hash := HashPassword(next)
	return a.st.Write(ctx, func(tx *store.Tx) error { return storePassword(tx, u.ID, hash, keep) })
}

// storePassword changes a password and ends whatever the old one had opened.
func storePassword(tx *store.Tx, user models.ID, hash string, keep models.ID) error {
	if err := store.SetPassword(tx, user, hash); err != nil {
		return err
	}
	if err := store.EndLinks(tx, user, store.ResetLink); err != nil {
		return err
	}
	return store.DeleteSessionsOf(tx, user, keep)
}
