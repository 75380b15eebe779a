package store

import (
	"gorm.io/gorm"

	"onethread/models"
)

// Session is one logged-in browser. The cookie's value itself is not stored, only its SHA-256.
type Session struct {
	ID         models.ID
	TokenHash  []byte
	UserID     models.ID
	CSRF       string
	IP         string
	UserAgent  string
	CreatedAt  models.Time
	LastSeenAt models.Time
	ExpiresAt  models.Time
}

// InsertSession adds a session and sets its ID.
func InsertSession(tx *Tx, s *Session) error { return gorm.G[Session](tx.g).Create(tx.ctx, s) }

// SessionByHash finds a session; whether it has ended by time is for auth to say.
func SessionByHash(q Q, hash []byte) (Session, error) {
	var s Session
	err := raw(q.db(), "SELECT * FROM sessions WHERE token_hash = ?", hash).Take(&s).Error
	return s, notFound(err, "session")
}

// SessionByID finds a session by its number, for streams that ask whether it still stands.
func SessionByID(q Q, id models.ID) (Session, error) {
	var s Session
	err := raw(q.db(), "SELECT * FROM sessions WHERE id = ?", id).Take(&s).Error
	return s, notFound(err, "session")
}

// SessionsOf lists a user's sessions, the one used last first.
func SessionsOf(q Q, user models.ID) ([]Session, error) {
	var list []Session
	err := raw(q.db(), "SELECT * FROM sessions WHERE user_id = ? ORDER BY last_seen_at DESC, id DESC", user).Scan(&list).Error
	return list, err
}

// TouchSession notes that a session was used.
func TouchSession(tx *Tx, id models.ID, at models.Time) error {
	return exec(tx.g, "UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ?", at, id).Error
}

// DeleteSession ends one session of a user; another user's is not found.
func DeleteSession(tx *Tx, user, id models.ID) error {
	return oneRow(exec(tx.g, "DELETE FROM sessions WHERE id = ? AND user_id = ?", id, user), "session")
}

// DeleteSessionsOf ends all sessions of a user but one (zero: all).
func DeleteSessionsOf(tx *Tx, user, except models.ID) error {
	return exec(tx.g, "DELETE FROM sessions WHERE user_id = ? AND id <> ?", user, int64(except)).Error
}

// DeleteOldSessions removes the sessions that ended by time.
func DeleteOldSessions(tx *Tx, seenBefore, now models.Time) error {
	return exec(tx.g, "DELETE FROM sessions WHERE last_seen_at < ? OR expires_at < ?", seenBefore, now).Error
}
