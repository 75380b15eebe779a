package store

import (
	"strings"

	"gorm.io/gorm"

	"onethread/models"
)

// NormaliseEmail is the form in which a user's address is stored and looked up.
func NormaliseEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// InsertUser adds a member of staff and sets its ID. An address that exists already is a Conflict.
func InsertUser(tx *Tx, u *models.User) error {
	u.Email, u.CreatedAt = NormaliseEmail(u.Email), tx.Now()
	if u.Theme == "" {
		u.Theme = "auto"
	}
	err := gorm.G[models.User](tx.g).Create(tx.ctx, u)
	if IsDuplicate(err) {
		return &models.Error{Code: models.Conflict, Field: "email", Message: "Somebody with this email address is already a member of staff."}
	}
	return err
}

// UserByID finds a member of staff, a disabled one too.
func UserByID(q Q, id models.ID) (models.User, error) {
	return oneUser(q, "SELECT * FROM users WHERE id = ?", id)
}

// UserByEmail finds a member of staff by address, in whatever case it is written.
func UserByEmail(q Q, email string) (models.User, error) {
	return oneUser(q, "SELECT * FROM users WHERE email = ?", NormaliseEmail(email))
}

// UserCalled finds the member of staff with this address, else the one with this name, in whatever case;
// zero when none or several have it.
func UserCalled(q Q, name string) (models.ID, error) {
	var ids []models.ID
	err := raw(q.db(), "SELECT id FROM users WHERE email = lower(@name) UNION ALL SELECT id FROM users WHERE lower(name) = lower(@name) AND NOT EXISTS (SELECT 1 FROM users WHERE email = lower(@name)) LIMIT 2",
		map[string]any{"name": strings.TrimSpace(name)}).Scan(&ids).Error
	if err != nil || len(ids) != 1 {
		return 0, err
	}
	return ids[0], nil
}

func oneUser(q Q, sql string, arg any) (models.User, error) {
	var u models.User
	err := raw(q.db(), sql, arg).Take(&u).Error
	return u, notFound(err, "member of staff")
}

// Users lists all members of staff by name, the disabled ones last. A shop has tens of them.
func Users(q Q) ([]models.User, error) {
	var users []models.User
	err := raw(q.db(), "SELECT * FROM users ORDER BY disabled_at IS NOT NULL, name, id").Scan(&users).Error
	return users, err
}

// ActiveOwners counts the owners who can log in; an invitation not yet accepted does not count.
func ActiveOwners(q Q) (int, error) {
	var n int
	err := raw(q.db(), "SELECT count(*) FROM users WHERE role = 'owner' AND disabled_at IS NULL AND password_hash <> ''").Scan(&n).Error
	return n, err
}

// SetPassword stores a new password hash.
func SetPassword(tx *Tx, id models.ID, hash string) error {
	return oneRow(exec(tx.g, "UPDATE users SET password_hash = ? WHERE id = ?", hash, id), "member of staff")
}

// SetName changes how a member of staff is called.
func SetName(tx *Tx, id models.ID, name string) error {
	return oneRow(exec(tx.g, "UPDATE users SET name = ? WHERE id = ?", name, id), "member of staff")
}

// SetRole changes what a member of staff may do.
func SetRole(tx *Tx, id models.ID, role models.Role) error {
	return oneRow(exec(tx.g, "UPDATE users SET role = ? WHERE id = ?", role, id), "member of staff")
}

// SetDisabled bars a member of staff from now on, or, with the zero time, lets them in again.
func SetDisabled(tx *Tx, id models.ID, at models.Time) error {
	return oneRow(exec(tx.g, "UPDATE users SET disabled_at = ? WHERE id = ?", at, id), "member of staff")
}

// SetProfile stores what users may change about themselves.
func SetProfile(tx *Tx, id models.ID, name, theme string, undoSeconds int) error {
	return oneRow(exec(tx.g, "UPDATE users SET name = ?, theme = ?, undo_seconds = ? WHERE id = ?", name, theme, undoSeconds, id), "member of staff")
}

// SetSignature stores what stands below a user's mails.
func SetSignature(tx *Tx, id models.ID, text string) error {
	return oneRow(exec(tx.g, "UPDATE users SET signature = ? WHERE id = ?", text, id), "member of staff")
}

// oneRow makes a change of no row a NotFound error.
func oneRow(result *gorm.DB, what string) error {
	if result.Error == nil && result.RowsAffected == 0 {
		return models.Errorf(models.NotFound, "There is no such %s.", what)
	}
	return result.Error
}
