package store

import (
	"gorm.io/gorm"

	"onethread/models"
)

// APIToken is a bearer token of the API. Only the SHA-256 of the token itself is stored.
type APIToken struct {
	ID         models.ID
	TokenHash  []byte
	UserID     models.ID
	Name       string
	Scope      models.Scope
	CreatedAt  models.Time
	LastUsedAt models.Time
	RevokedAt  models.Time
}

// TableName is the table that GORM finds tokens in.
func (APIToken) TableName() string { return "api_tokens" }

// InsertAPIToken adds a token and sets its ID.
func InsertAPIToken(tx *Tx, t *APIToken) error { return gorm.G[APIToken](tx.g).Create(tx.ctx, t) }

// APITokenByHash finds a token that has not been revoked.
func APITokenByHash(q Q, hash []byte) (APIToken, error) {
	var t APIToken
	err := raw(q.db(), "SELECT * FROM api_tokens WHERE token_hash = ? AND revoked_at IS NULL", hash).Take(&t).Error
	return t, notFound(err, "token")
}

// APITokens lists the tokens that stand, newest first: one user's, or with zero everybody's.
func APITokens(q Q, user models.ID) ([]APIToken, error) {
	var list []APIToken
	err := raw(q.db(), "SELECT * FROM api_tokens WHERE revoked_at IS NULL AND (? = 0 OR user_id = ?) ORDER BY id DESC", int64(user), int64(user)).Scan(&list).Error
	return list, err
}

// APITokenByID finds a token, a revoked one too.
func APITokenByID(q Q, id models.ID) (APIToken, error) {
	var t APIToken
	err := raw(q.db(), "SELECT * FROM api_tokens WHERE id = ?", id).Take(&t).Error
	return t, notFound(err, "token")
}

// RevokeAPIToken ends a token from now on.
func RevokeAPIToken(tx *Tx, id models.ID) error {
	return oneRow(exec(tx.g, "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", tx.Now(), id), "token")
}

// RevokeAPITokensOf ends all tokens of a user.
func RevokeAPITokensOf(tx *Tx, user models.ID) error {
	return exec(tx.g, "UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", tx.Now(), user).Error
}

// TouchAPIToken notes that a token was used.
func TouchAPIToken(tx *Tx, id models.ID) error {
	return exec(tx.g, "UPDATE api_tokens SET last_used_at = ? WHERE id = ?", tx.Now(), id).Error
}
