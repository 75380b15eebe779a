package inbox

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// CodeMark is how the message of a one-time code is marked. It holds no words.
const CodeMark = "code"

// What codes are for.
const (
	forChat     = "chat"     // a browser shows that its visitor owns an address
	forContinue = "continue" // a link is opened on another device
	forVerify   = "verify"   // staff ask whether an address is theirs
)

// Limits of one-time codes.
const (
	codeLife     = 10 * time.Minute
	verifyLife   = 24 * time.Hour // nobody types it: it travels in a sealed link
	codeTries    = 5
	codesPerHour = 5 // to one address, whoever asks
	codesPerDay  = 12
)

// errCode is the one answer to every code that does not count, whyever.
var errCode = models.FieldError("code", "This code is not right, or it has run out. Check it, or ask for a new one.")

// sendCode sends a new code to c's address. write makes the message of it; the thread shows no more than
// that one was sent. Limits and addresses that cannot be reached are a models.Error.
func (b *Inbox) sendCode(tx *store.Tx, c store.Code, user models.ID, life time.Duration, write func(id models.ID, code string) outbox.Secret) error {
	i, err := store.Identity(tx, c.IdentityID)
	if err != nil {
		return err
	}
	way, err := b.codeWay(tx, i)
	if err != nil {
		return err
	}
	if err := codeLimits(tx, i); err != nil {
		return err
	}
	code := newCode()
	c.Hash, c.ExpiresAt = b.codeHash(c, code), tx.Now().Add(life)
	if c.ID, err = store.AddCode(tx, c); err != nil {
		return err
	}
	e := models.Event{CustomerID: i.CustomerID, ChannelID: way.ChannelID, AnchorID: i.ID, Kind: models.KindCode, Direction: models.Out, UserID: user, OccurredAt: tx.Now()}
	if e.ID, err = store.AppendEvent(tx, e, models.CodeData{Purpose: c.Purpose}); err != nil {
		return err
	}
	err = store.AddMessage(tx, models.Message{EventID: e.ID, Automatic: CodeMark, MessageID: b.newMessageID(way.domain), State: models.DeliveryQueued, ToAddress: way.Address})
	if err != nil {
		return err
	}
	return outbox.EnqueueSecret(tx, e.ID, way.ChannelID, write(c.ID, code), outbox.Content{Automatic: true, Until: c.ExpiresAt})
}

// codeWay is how an address gets its code.
func (b *Inbox) codeWay(tx *store.Tx, i models.Identity) (Way, error) {
	ways, err := b.reach(tx, i.CustomerID)
	if err != nil {
		return Way{}, err
	}
	found := Way{}
	for _, w := range ways {
		if w.Kind != i.Kind || w.Address != i.Value || w.Kind == models.ChatIdentity {
			continue
		}
		if found.ChannelID == 0 || found.Problem != "" && w.Problem == "" {
			found = w
		}
	}
	if found.ChannelID == 0 {
		return found, models.FieldError("identity", "No code can be sent there: connect a channel for such addresses first.")
	}
	return found, refusal(found)
}

func codeLimits(tx *store.Tx, i models.Identity) error {
	for span, most := range map[time.Duration]int{time.Hour: codesPerHour, 24 * time.Hour: codesPerDay} {
		n, err := store.CodesTo(tx, i.Kind, i.Value, tx.Now().Add(-span))
		if err != nil {
			return err
		}
		if n >= most {
			return models.Errorf(models.RateLimited, "Several codes went to this address already. Wait an hour before you send another.")
		}
	}
	return nil
}

// newCode makes six digits, each code as likely as any other.
func newCode() string {
	for {
		var raw [4]byte
		rand.Read(raw[:])
		if n := binary.BigEndian.Uint32(raw[:]); n < 4_294_000_000 {
			return fmt.Sprintf("%06d", n%1_000_000)
		}
	}
}

// codeHash binds a code to what it is for: it answers nothing else.
func (b *Inbox) codeHash(c store.Code, code string) []byte {
	return b.st.Vault.MAC("one-time code", fmt.Appendf(nil, "%s|%d|%d|%d|%s", c.Purpose, c.IdentityID, c.BrowserID, c.ConversationID, code))
}

// answerCode counts an attempt, and tells which code it answered. The attempt must be committed when it
// failed, too.
func (b *Inbox) answerCode(tx *store.Tx, want store.Code, given string) (c store.Code, ok bool, err error) {
	given = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, given)
	c, found, err := store.OpenCode(tx, want, tx.Now(), codeTries)
	if err != nil {
		return c, false, err
	}
	hash := c.Hash
	if !found {
		hash = make([]byte, 32)
	}
	same := subtle.ConstantTimeCompare(hash, b.codeHash(c, given)) == 1
	if !found {
		return c, false, nil
	}
	if !same {
		return c, false, store.TryCode(tx, c.ID)
	}
	return c, true, store.UseCode(tx, c.ID)
}

// unsaid hides from who asks for a code whether one was sent: limits and addresses that cannot be
// reached would tell of what others did.
func unsaid(err error) error {
	var e *models.Error
	if errors.As(err, &e) && e.Code != models.Internal && e.Code != models.Unavailable {
		return nil
	}
	return err
}

func codeWords(_ models.ID, code string) outbox.Secret {
	return outbox.Secret{Subject: "Your code", Text: code + " is your code.\n\nIt is good for ten minutes. If you did not ask for it, do nothing: without it nobody sees anything. We never ask you for it."}
}

// SendChatCode sends a code to the address that was left last in a browser's chat. What comes of it is
// told to nobody: nil does not mean that one was sent.
func (b *Inbox) SendChatCode(ctx context.Context, browser models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		i, err := leftLast(tx, browser)
		if err != nil {
			return err
		}
		return unsaid(b.sendCode(tx, store.Code{IdentityID: i.ID, BrowserID: browser, Purpose: forChat}, 0, codeLife, codeWords))
	})
}

// leftLast finds the address that was left last in a browser's chat.
func leftLast(tx *store.Tx, browser models.ID) (models.Identity, error) {
	missing := models.FieldError("email", "Leave an email address or a phone number first.")
	at, err := store.Identity(tx, browser)
	if err != nil {
		return at, err
	}
	left, err := typedIn(tx, browser, 0)
	if err != nil || len(left) == 0 {
		return at, errors.Join(err, missing)
	}
	all, err := store.IdentitiesOf(tx, at.CustomerID)
	if err != nil {
		return at, err
	}
	for _, i := range all {
		if (i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity) && i.Kind == left[0].kind && i.Value == left[0].value {
			return i, nil
		}
	}
	return at, missing
}

// ConfirmChatCode takes the answer to a code from the browser that asked for it. The browser is proved to
// be whose the address is, which joins two customers by the evidence ladder (docs/model.md). From then on it
// sees the chat of the customer's open conversations, also what other browsers of theirs say there; shown
// tells whether that is more than before.
func (b *Inbox) ConfirmChatCode(ctx context.Context, channel models.Channel, browser models.Identity, given string) (shown bool, err error) {
	var ok bool
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		var c store.Code
		if c, ok, err = b.answerCode(tx, store.Code{BrowserID: browser.ID, Purpose: forChat}, given); err != nil || !ok {
			return err
		}
		owner, err := b.proveBrowser(tx, channel, browser.Value, c)
		if err != nil {
			return err
		}
		at, err := store.Identity(tx, browser.ID)
		if err != nil || owner != at.CustomerID {
			return err
		}
		n, err := store.AddViewer(tx, browser.ID, owner, channel.ID)
		shown = n > 0
		return err
	})
	if err == nil && !ok {
		err = errCode
	}
	return shown, err
}

// proveBrowser takes in that a browser answered a code, and returns the customer whose the address is.
func (b *Inbox) proveBrowser(tx *store.Tx, channel models.Channel, visitor string, c store.Code) (models.ID, error) {
	i, err := store.Identity(tx, c.IdentityID)
	if err != nil {
		return 0, err
	}
	const reason = "answered a one-time code in this browser"
	_, err = b.ingest(tx, prepared{Inbound: models.Inbound{ChannelID: channel.ID, ExternalID: "code:" + c.ID.String(), Signed: true, Payload: &models.ContactIn{}, Hints: []models.Hint{
		{Kind: models.ChatIdentity, Scope: channel.Key, Value: visitor, Evidence: models.Asserted, Reason: "the same browser in the chat"},
		{Kind: i.Kind, Value: i.Value, Evidence: models.Proved, Reason: reason}}}})
	if err != nil {
		return 0, err
	}
	at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
	if err != nil || len(at) == 0 {
		return 0, err
	}
	return at[0].CustomerID, nil
}
