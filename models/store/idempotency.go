package store

import "onethread/models"

// Answer is what an API write with an Idempotency-Key was answered.
type Answer struct {
	TokenID     models.ID
	Key         string
	RequestHash []byte
	Status      int
	Body        []byte
}

// answersKept is how long answers are kept, in milliseconds: a day.
const answersKept = 24 * 60 * 60 * 1000

// IdempotentAnswer finds the answer that a token's key got before; ok is false when there is none.
func IdempotentAnswer(q Q, token models.ID, key string) (a Answer, ok bool, err error) {
	var rows []Answer
	err = raw(q.db(), "SELECT token_id, key, request_hash, status, body FROM idempotency WHERE token_id = ? AND key = ?", token, key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return Answer{}, false, err
	}
	return rows[0], true, nil
}

// KeepAnswer keeps an answer for a day, and drops older ones.
func KeepAnswer(tx *Tx, a Answer) error {
	if err := exec(tx.g, "DELETE FROM idempotency WHERE created_at < ?", tx.Now()-answersKept).Error; err != nil {
		return err
	}
	return exec(tx.g, "INSERT INTO idempotency(token_id, key, request_hash, status, body, created_at) VALUES (?,?,?,?,?,?)",
		a.TokenID, a.Key, a.RequestHash, a.Status, a.Body, tx.Now()).Error
}
