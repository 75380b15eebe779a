package inbox

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/outbox"
	"onethread/models/store"
)

// Links that customers get are sealed: encrypted and signed under a key of this server, each for one
// purpose, so that they tell nothing and none stands in for another.
const (
	confirmLink  = "confirm"
	continueLink = "continue"
)

var errLink = models.Errorf(models.NotFound, "This link has run out, or was used already. Write to us, and we send you a new one.")

func (b *Inbox) sealLink(purpose string, fields ...string) string {
	return base64.RawURLEncoding.EncodeToString(b.st.Vault.Seal([]byte(strings.Join(fields, "|")), "link|"+purpose))
}

func (b *Inbox) openLink(purpose, token string, fields int) ([]string, error) {
	if len(token) > 300 {
		return nil, errLink
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, errLink
	}
	plain, err := b.st.Vault.Open(sealed, "link|"+purpose)
	if err != nil {
		return nil, errLink
	}
	out := strings.Split(string(plain), "|")
	if len(out) != fields {
		return nil, errLink
	}
	return out, nil
}

// SendCode asks the owner of an address, by a link that only they get, to confirm that it is theirs. The
// thread shows that it was sent.
func (b *Inbox) SendCode(ctx context.Context, user models.User, address models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		return b.sendCode(tx, store.Code{IdentityID: address, Purpose: forVerify}, user.ID, verifyLife, func(id models.ID, code string) outbox.Secret {
			return outbox.Secret{Subject: "Please confirm your address", Text: "Please confirm that this is yours, so that we know whom we answer:\n\n" +
				b.URL + "/c/confirm/" + b.sealLink(confirmLink, id.String(), code) + "\n\nThe link is good for a day. If you did not write to us, do nothing."}
		})
	})
}

// LookAtCode tells which address a link of SendCode is about, masked, and uses nothing up.
func (b *Inbox) LookAtCode(ctx context.Context, token string) (address string, err error) {
	id, _, err := b.confirmToken(token)
	if err != nil {
		return "", err
	}
	q := b.st.Read(ctx)
	c, ok, err := store.OpenCode(q, store.Code{ID: id, Purpose: forVerify}, b.st.Now(), codeTries)
	if err != nil || !ok {
		return "", orLink(err)
	}
	i, err := store.Identity(q, c.IdentityID)
	return Masked(i), err
}

// ConfirmCode takes the answer to SendCode: the address is proved to be the customer's, unless it is
// known to be somebody else's; then staff are told that the two may be one.
func (b *Inbox) ConfirmCode(ctx context.Context, token string) error {
	id, code, err := b.confirmToken(token)
	if err != nil {
		return err
	}
	ok := false
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		c, answered, err := b.answerCode(tx, store.Code{ID: id, Purpose: forVerify}, code)
		if ok = answered; err != nil || !ok {
			return err
		}
		return prove(tx, c.IdentityID, "answered a link that we sent to it")
	})
	if err == nil && !ok {
		return errLink
	}
	return err
}

func (b *Inbox) confirmToken(token string) (models.ID, string, error) {
	parts, err := b.openLink(confirmLink, token, 2)
	if err != nil {
		return 0, "", err
	}
	n, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || n <= 0 {
		return 0, "", errLink
	}
	return models.ID(n), parts[1], nil
}

func orLink(err error) error {
	if err != nil {
		return err
	}
	return errLink
}

// prove records that the owner of an address answered there. It proves the mailbox or the phone: an
// address that another customer is known by stays theirs, and staff get a suggestion.
func prove(tx *store.Tx, address models.ID, reason string) error {
	i, err := store.Identity(tx, address)
	if err != nil {
		return err
	}
	owner, err := ownerOf(tx, i)
	if err != nil {
		return err
	}
	if owner != 0 && owner != i.CustomerID {
		return identity.Suggest(tx, i.CustomerID, owner, models.Hint{Kind: i.Kind, Reason: reason}, i.Value)
	}
	if i.Evidence != models.Proved {
		if err := store.Strengthen(tx, i.ID, models.Proved, reason); err != nil {
			return err
		}
	}
	_, err = store.AppendEvent(tx, models.Event{CustomerID: i.CustomerID, AnchorID: i.ID, Kind: models.KindContact, OccurredAt: tx.Now()},
		models.ContactData{Kind: i.Kind, Value: i.Value, Evidence: models.Proved, Reason: reason})
	return err
}

// ownerOf is the customer who is known by an address by better evidence than typing; zero when nobody is.
func ownerOf(q store.Q, i models.Identity) (models.ID, error) {
	at, err := store.IdentitiesAt(q, i.Kind, i.Scope, i.Value)
	if err != nil {
		return 0, err
	}
	owner := models.ID(0)
	for _, o := range at {
		if o.Evidence == models.Typed {
			continue
		}
		if owner == 0 || o.CustomerID == i.CustomerID {
			owner = o.CustomerID
		}
	}
	return owner, nil
}

// Masked is an address as its owner recognises it and nobody else learns it: a•••@e•••.com, +35•••31.
func Masked(i models.Identity) string {
	local, domain, mail := strings.Cut(i.Value, "@")
	if !mail {
		return i.Value[:min(3, len(i.Value))] + "•••" + i.Value[max(len(i.Value)-2, 0):]
	}
	first := func(s string) string {
		for _, r := range s {
			return string(r) + "•••"
		}
		return "•••"
	}
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	return first(local) + "@" + first(domain) + "." + top
}
