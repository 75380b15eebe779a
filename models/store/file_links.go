package store

import (
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"onethread/models"
)

// FileLink is the last part of a public address of an attachment, signed and good until the given
// moment: for providers that fetch the files they are to send.
func (s *Store) FileLink(token string, until models.Time) string {
	head := token + "." + strconv.FormatInt(int64(until), 36)
	return head + "." + s.fileMAC(head)
}

func (s *Store) fileMAC(head string) string {
	return base64.RawURLEncoding.EncodeToString(s.Vault.MAC("file-link", []byte(head))[:16])
}

// FileByLink finds the attachment that FileLink made an address for. A link that was changed, has run
// out, or leads to nothing is NotFound.
func (s *Store) FileByLink(q Q, link string) (models.Attachment, error) {
	missing := models.Errorf(models.NotFound, "There is no such file, or its link has run out.")
	parts := strings.Split(link, ".")
	if len(parts) != 3 || subtle.ConstantTimeCompare([]byte(parts[2]), []byte(s.fileMAC(parts[0]+"."+parts[1]))) != 1 {
		return models.Attachment{}, missing
	}
	until, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || models.Time(until) < s.Now() {
		return models.Attachment{}, missing
	}
	a, err := AttachmentByToken(q, parts[0])
	if err != nil || a.EventID == 0 || a.State != "" {
		return models.Attachment{}, missing
	}
	return a, nil
}
