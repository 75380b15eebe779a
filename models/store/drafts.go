package store

import (
	"encoding/json"

	"onethread/models"
)

// Draft is what a member of staff has begun to write.
type Draft struct {
	UserID     models.ID
	CustomerID models.ID
	Kind       string // reply or note
	Subject    string
	CC         *string // nil = not touched: the answer goes to all
	BCC        string
	Text       string
	Way        string // "CHANNEL-IDENTITY" that was chosen by hand; empty = the preselected one
	Files      []DraftFile
	ClientID   string // of the message it becomes; empty = none yet
	UpdatedAt  models.Time
}

// DraftFile is an upload that a draft holds.
type DraftFile struct {
	ID     models.ID `json:"id"`
	Inline bool      `json:"inline,omitempty"` // shown between the words

	Name  string `json:"name,omitempty"` // the rest is only read
	Type  string `json:"type,omitempty"`
	Size  int64  `json:"size,omitempty"`
	Token string `json:"token,omitempty"`
}

// shownDraft picks, of the drafts for one thread, the one that is shown: after a merge there may be another,
// of the record that joined.
const shownDraft = `user_id = @user AND customer_id = @customer AND kind = @kind AND home_id = (SELECT home_id FROM drafts
	WHERE user_id = @user AND customer_id = @customer AND kind = @kind ORDER BY home_id = 0 DESC, updated_at DESC LIMIT 1)`

func (d Draft) key() map[string]any {
	return map[string]any{"user": int64(d.UserID), "customer": int64(d.CustomerID), "kind": d.Kind, "client": d.ClientID}
}

// SaveDraft keeps a draft in the place of the one that is shown; one without words and files drops that.
func SaveDraft(tx *Tx, d Draft) error {
	err := exec(tx.g, "DELETE FROM drafts WHERE "+shownDraft, d.key()).Error
	if err != nil || (d.Text == "" && len(d.Files) == 0) {
		return err
	}
	files := "[]"
	if len(d.Files) > 0 {
		held := make([]DraftFile, len(d.Files))
		for i, f := range d.Files {
			held[i] = DraftFile{ID: f.ID, Inline: f.Inline}
		}
		b, err := json.Marshal(held)
		if err != nil {
			return err
		}
		files = string(b)
	}
	return exec(tx.g, "INSERT INTO drafts(user_id, customer_id, kind, subject, cc, bcc, text, way, files, client_id, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		d.UserID, d.CustomerID, d.Kind, d.Subject, d.CC, d.BCC, d.Text, d.Way, files, d.ClientID, tx.Now()).Error
}

// DropDraft forgets the draft that is shown once it became a message: the one of that very message, or one
// that does not say what it becomes.
func DropDraft(tx *Tx, d Draft) error {
	return exec(tx.g, "DELETE FROM drafts WHERE "+shownDraft+" AND client_id IN ('', @client)", d.key()).Error
}

// DraftOf finds the draft that is shown, without the names of its files.
func DraftOf(q Q, user, customer models.ID, kind string) (d Draft, ok bool, err error) {
	d = Draft{UserID: user, CustomerID: customer, Kind: kind}
	var rows []struct {
		Subject   string
		CC        *string `gorm:"column:cc"`
		BCC       string  `gorm:"column:bcc"`
		Text      string
		Way       string
		Files     string
		ClientID  string
		UpdatedAt models.Time
	}
	err = raw(q.db(), "SELECT subject, cc, bcc, text, way, files, client_id, updated_at FROM drafts WHERE "+shownDraft, d.key()).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return d, false, err
	}
	r := rows[0]
	d.Subject, d.CC, d.BCC, d.Text, d.Way, d.ClientID, d.UpdatedAt = r.Subject, r.CC, r.BCC, r.Text, r.Way, r.ClientID, r.UpdatedAt
	return d, true, json.Unmarshal([]byte(r.Files), &d.Files)
}
