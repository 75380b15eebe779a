package store

import (
	"gorm.io/gorm"

	"onethread/models"
)

// Kinds of one-time links.
const (
	SetupLink  = "setup"
	InviteLink = "invite"
	ResetLink  = "reset"
)

// Link is a one-time link. Only the SHA-256 of its secret is stored.
type Link struct {
	ID        models.ID
	Kind      string
	TokenHash []byte
	UserID    models.ID // zero for the set-up link
	CreatedAt models.Time
	ExpiresAt models.Time
	UsedAt    models.Time
}

// InsertLink adds a link and ends the earlier ones of the same kind and user.
func InsertLink(tx *Tx, l *Link) error {
	if err := EndLinks(tx, l.UserID, l.Kind); err != nil {
		return err
	}
	return gorm.G[Link](tx.g).Create(tx.ctx, l)
}

// OpenLink finds a link that is neither used nor expired.
func OpenLink(q Q, kind string, hash []byte, now models.Time) (Link, error) {
	var l Link
	err := raw(q.db(), "SELECT * FROM links WHERE token_hash = ? AND kind = ? AND used_at IS NULL AND expires_at > ?", hash, kind, now).Take(&l).Error
	return l, notFound(err, "link")
}

// UseLink claims a link: of several claims at once exactly one succeeds, the others get NotFound.
func UseLink(tx *Tx, kind string, hash []byte) (Link, error) {
	l, err := OpenLink(tx, kind, hash, tx.Now())
	if err != nil {
		return l, err
	}
	return l, oneRow(exec(tx.g, "UPDATE links SET used_at = ? WHERE id = ? AND used_at IS NULL", tx.Now(), l.ID), "link")
}

// EndLinks ends the open links of one kind and user; of every kind when kind is empty.
func EndLinks(tx *Tx, user models.ID, kind string) error {
	return exec(tx.g, "UPDATE links SET used_at = ? WHERE user_id IS ? AND (? = '' OR kind = ?) AND used_at IS NULL", tx.Now(), user, kind, kind).Error
}
