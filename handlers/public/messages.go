package public

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/store"
)

type messageCall struct {
	Key   string   `json:"key"`
	Token string   `json:"token"`
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Files []string `json:"files"`
	whereabouts
}

// whereabouts is what a visitor's browser says of them: language (BCP 47) and time zone (IANA name).
type whereabouts struct {
	Lang string `json:"lang"`
	Zone string `json:"zone"`
}

// Message answers POST /c/chat/messages: 201 once the message is on disk, 200 when it was there
// already. The socket takes the same messages; this is for where none can be opened.
func (h *Chat) Message(c *fiber.Ctx) error {
	var in messageCall
	if err := body(c, &in); err != nil {
		return err
	}
	who, err := h.caller(c, in.Key, in.Token)
	if err != nil {
		return err
	}
	who.at = in.whereabouts
	done, err := h.say(c.UserContext(), who, in.ID, in.Text, in.Files)
	if err != nil {
		return err
	}
	status := fiber.StatusCreated
	if done.Duplicate {
		status = fiber.StatusOK
	}
	return c.Status(status).JSON(fiber.Map{"id": in.ID, "seq": done.EventID})
}

// say takes in one message of a visitor, within the limits.
func (h *Chat) say(ctx context.Context, who call, id, text string, files []string) (models.Ingested, error) {
	if err := h.limits.perVisitor.Allow(who.visitor, 1); err != nil {
		return models.Ingested{}, err
	}
	if err := h.limits.perIP.Allow(who.ip, 1); err != nil {
		return models.Ingested{}, err
	}
	uploads, err := h.uploads(ctx, files)
	if err != nil {
		return models.Ingested{}, err
	}
	in, err := h.Builder.Message(who.channel, who.visitor, id, text, uploads)
	if err != nil {
		return models.Ingested{}, err
	}
	in.Language, in.TimeZone = models.LanguageTag(who.at.Lang), who.at.Zone
	if err := h.fresh(ctx, who); err != nil {
		return models.Ingested{}, err
	}
	return h.Ingest(ctx, in)
}

// fresh limits how many visitors of one address may begin a conversation.
func (h *Chat) fresh(ctx context.Context, who call) error {
	spoke, err := h.spoke(ctx, who)
	if err != nil || spoke {
		return err
	}
	return h.limits.fresh.Allow(who.ip, 1)
}

// spoke tells whether anything passed between the visitor and the shop before.
func (h *Chat) spoke(ctx context.Context, who call) (bool, error) {
	id, known, err := h.identity(ctx, who.channel, who.visitor)
	if err != nil || !known {
		return false, err
	}
	_, any, err := store.VisitorUnread(h.Store.Read(ctx), id.ID, who.channel.ID)
	return any, err
}

// uploads finds files by their tokens. Whether they are this visitor's, and not sent before, the
// single door checks in its transaction; a message sent again may name them again.
func (h *Chat) uploads(ctx context.Context, tokens []string) ([]models.ID, error) {
	var ids []models.ID
	for _, token := range tokens[:min(len(tokens), 20)] {
		a, err := store.AttachmentByToken(h.Store.Read(ctx), token)
		if models.IsCode(err, models.NotFound) {
			return nil, models.FieldError("files", "A file is no longer there: attach it again.")
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, a.ID)
	}
	return ids, nil
}

type contactCall struct {
	Key   string `json:"key"`
	Token string `json:"token"`
	Email string `json:"email"`
	Phone string `json:"phone"`
	Name  string `json:"name"`
}

// Contact answers POST /c/chat/contact: an address typed by the visitor. It shows them nothing
// and links nothing; staff get a suggestion.
func (h *Chat) Contact(c *fiber.Ctx) error {
	var in contactCall
	if err := body(c, &in); err != nil {
		return err
	}
	who, err := h.caller(c, in.Key, in.Token)
	if err != nil {
		return err
	}
	if err := h.limits.perVisitor.Allow(who.visitor, 1); err != nil {
		return err
	}
	inbound, err := h.Builder.Contact(who.channel, who.visitor, strings.TrimSpace(in.Email), in.Phone, in.Name)
	if err != nil {
		return err
	}
	if _, err := h.Ingest(c.UserContext(), inbound); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"saved": true})
}

type readCall struct {
	Key   string    `json:"key"`
	Token string    `json:"token"`
	Seq   models.ID `json:"seq"`
}

// Read answers POST /c/chat/read: the visitor has seen our messages up to seq.
func (h *Chat) Read(c *fiber.Ctx) error {
	var in readCall
	if err := body(c, &in); err != nil {
		return err
	}
	who, err := h.caller(c, in.Key, in.Token)
	if err != nil {
		return err
	}
	if err := h.limits.boots.Allow("read "+who.visitor, 1); err != nil {
		return err
	}
	if err := h.read(c.UserContext(), who, in.Seq); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// read marks the shop's messages up to seq as read, each by an event of its own.
func (h *Chat) read(ctx context.Context, who call, seq models.ID) error {
	id, known, err := h.identity(ctx, who.channel, who.visitor)
	if err != nil || !known {
		return err
	}
	list, err := store.VisitorMessages(h.Store.Read(ctx), id.ID, who.channel.ID, 0, history)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.ID > seq || m.Shared || m.Direction != models.Out || m.ProviderID == "" || (m.State != models.DeliverySent && m.State != models.DeliveryDelivered) {
			continue
		}
		if _, err := h.Ingest(ctx, h.Builder.Read(who.channel, who.visitor, m.ProviderID)); err != nil {
			return err
		}
	}
	return nil
}
