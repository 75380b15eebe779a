package store

import "onethread/models"

// Code is a one-time code that was sent to an address. Only a keyed hash of it is kept.
type Code struct {
	ID             models.ID
	IdentityID     models.ID // the address it proves
	BrowserID      models.ID // the browser that asked for it, if one did
	ConversationID models.ID // the one it opens, if it does
	Purpose        string
	Hash           []byte
	Attempts       int
	CreatedAt      models.Time
	ExpiresAt      models.Time
	UsedAt         models.Time
}

// AddCode keeps a code. Earlier ones of the same kind count no longer.
func AddCode(tx *Tx, c Code) (models.ID, error) {
	err := exec(tx.g, "UPDATE codes SET used_at = ? WHERE identity_id = ? AND browser_id IS ? AND conversation_id IS ? AND purpose = ? AND used_at IS NULL",
		tx.Now(), c.IdentityID, c.BrowserID, c.ConversationID, c.Purpose).Error
	if err != nil {
		return 0, err
	}
	return insert(tx, "INSERT INTO codes(identity_id, browser_id, conversation_id, purpose, hash, created_at, expires_at) VALUES (?,?,?,?,?,?,?) RETURNING id",
		c.IdentityID, c.BrowserID, c.ConversationID, c.Purpose, c.Hash, tx.Now(), c.ExpiresAt)
}

// OpenCode finds the code that may still be answered for an identity (zero = any), browser and
// conversation; ok is false when there is none.
func OpenCode(q Q, want Code, now models.Time, most int) (c Code, ok bool, err error) {
	var rows []Code
	err = raw(q.db(), `SELECT * FROM codes WHERE (@id = 0 OR id = @id) AND (@identity = 0 OR identity_id = @identity) AND browser_id IS @browser AND conversation_id IS @conversation
		AND purpose = @purpose AND used_at IS NULL AND expires_at > @now AND attempts < @most ORDER BY id DESC LIMIT 1`,
		map[string]any{"id": int64(want.ID), "identity": int64(want.IdentityID), "browser": want.BrowserID, "conversation": want.ConversationID,
			"purpose": want.Purpose, "now": now, "most": most}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return Code{}, false, err
	}
	return rows[0], true, nil
}

// TryCode counts an attempt to answer a code.
func TryCode(tx *Tx, id models.ID) error {
	return exec(tx.g, "UPDATE codes SET attempts = attempts + 1 WHERE id = ?", id).Error
}

// UseCode ends a code: it counts once.
func UseCode(tx *Tx, id models.ID) error {
	return exec(tx.g, "UPDATE codes SET used_at = ? WHERE id = ?", tx.Now(), id).Error
}

// CodesTo counts the codes that went to an address since a moment, whoever's it was taken for.
func CodesTo(q Q, kind models.IdentityKind, value string, since models.Time) (int, error) {
	return scalar[int](raw(q.db(), `SELECT count(*) FROM identities i JOIN codes c ON c.identity_id = i.id WHERE i.kind = ? AND i.scope = '' AND i.value = ? AND c.created_at > ?`,
		kind, value, since))
}

// DropCodes forgets codes from before the given moment.
func DropCodes(tx *Tx, before models.Time) error {
	return exec(tx.g, "DELETE FROM codes WHERE created_at < ?", before).Error
}
