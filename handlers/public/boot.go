package public

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
)

type bootCall struct {
	Key      string          `json:"key"`
	Token    string          `json:"token"`
	Identity json.RawMessage `json:"identity"`
	Lang     string          `json:"lang"`
}

// booted is what the widget needs before it is opened.
type booted struct {
	Token   string            `json:"token"`
	Unread  int               `json:"unread"`
	Live    bool              `json:"live"` // there is a conversation: keep a socket
	Title   string            `json:"title"`
	Color   string            `json:"color"`
	Welcome string            `json:"welcome"`
	Ask     bool              `json:"ask"`
	Consent bool              `json:"consent"`
	Lang    string            `json:"lang"`
	Dir     string            `json:"dir"`
	Words   map[string]string `json:"words"`
	Problem string            `json:"problem,omitempty"` // for the site's developer
}

// Boot answers POST /c/chat/boot: it makes or renews the visitor's token, takes the identify
// token if there is one, and says how the chat looks.
func (h *Chat) Boot(c *fiber.Ctx) error {
	var in bootCall
	if err := body(c, &in); err != nil {
		return err
	}
	ctx := c.UserContext()
	ch, err := h.channel(ctx, in.Key)
	if err != nil {
		return err
	}
	if err := h.admit(c, ch); err != nil {
		return err
	}
	if err := h.limits.boots.Allow(auth.Network(web.IP(c)), 1); err != nil {
		return err
	}
	visitor, ok := h.Builder.Verify(ch, in.Token)
	if !ok {
		visitor = h.Builder.Visitor()
	}
	visitor, proved, problem := h.identify(ctx, ch, visitor, in.Identity)
	out := look(ch, in.Lang)
	out.Problem = problem
	out.Token = h.Builder.Token(ch, visitor)
	out.Ask = out.Ask && !proved
	id, known, err := h.identity(ctx, ch, visitor)
	if err != nil {
		return err
	}
	if known {
		if out.Unread, out.Live, err = store.VisitorUnread(h.Store.Read(ctx), id.ID, ch.ID); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	web.Bare(c)
	return web.SendJSON(c, out)
}

// identify takes in what the shop signed about the visitor. A browser that was proved to be
// somebody else starts as a new visitor: whoever logs in on a shared computer must not read what
// the one before wrote.
func (h *Chat) identify(ctx context.Context, ch models.Channel, visitor string, raw []byte) (who string, proved bool, problem string) {
	if len(raw) == 0 || string(raw) == "null" {
		return visitor, false, ""
	}
	in, err := h.Builder.Identify(ch, visitor, raw)
	if err != nil {
		return visitor, false, err.Error()
	}
	other, err := h.someoneElse(ctx, ch, visitor, in.Hints)
	if err == nil && other {
		visitor = h.Builder.Visitor()
		in, err = h.Builder.Identify(ch, visitor, raw)
	}
	if err == nil {
		_, err = h.Ingest(ctx, in)
	}
	if err != nil {
		slog.ErrorContext(ctx, "identify not stored", "channel", ch.ID, "err", err)
		return visitor, false, "The identity could not be stored; it will be tried again on the next page."
	}
	return visitor, true, ""
}

// someoneElse tells whether the visitor's customer is proved to be another than the hints say:
// of the first kind that both name, no value agrees.
func (h *Chat) someoneElse(ctx context.Context, ch models.Channel, visitor string, hints []models.Hint) (bool, error) {
	id, known, err := h.identity(ctx, ch, visitor)
	if err != nil || !known {
		return false, err
	}
	owned, err := store.IdentitiesOf(h.Store.Read(ctx), id.CustomerID)
	if err != nil {
		return false, err
	}
	for i := len(hints) - 1; i > 0; i-- { // the shop's account, named last, says it best
		same, other := compare(owned, hints[i])
		if same || other {
			return !same, nil
		}
	}
	return false, nil
}

func compare(owned []models.Identity, hint models.Hint) (same, other bool) {
	for _, o := range owned {
		if o.Kind != hint.Kind || o.Scope != hint.Scope || o.Evidence != models.Proved {
			continue
		}
		if strings.EqualFold(o.Value, hint.Value) || strings.EqualFold(o.Display, hint.Value) {
			same = true
		} else {
			other = true
		}
	}
	return same, other
}

func look(ch models.Channel, lang string) booted {
	set := func(key, otherwise string) string {
		if v := ch.Settings[key]; v != "" {
			return v
		}
		return otherwise
	}
	words, lang := wordsFor(lang)
	return booted{
		Title: set("title", words["title"]), Color: set("color", "#1f5f4a"), Welcome: set("welcome", words["welcome"]),
		Ask: set("ask_contact", "true") == "true", Consent: set("consent_required", "false") == "true",
		Lang: lang, Dir: words["dir"], Words: words,
	}
}
