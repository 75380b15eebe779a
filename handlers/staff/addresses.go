package staff

import (
	"cmp"
	"context"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
	"onethread/views"
)

// Why answers GET /identities/{id}: why an address is this customer's, and what can be done about it.
func (s *Screens) Why(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	i, err := store.Identity(q, address)
	if err != nil {
		return err
	}
	proofs, err := store.ProofsOf(q, address)
	if err != nil {
		return err
	}
	v := views.Why{Identity: identityView(r, i), ID: i.ID, Kind: string(i.Kind), Typed: i.Evidence == models.Typed,
		CanWrite: r.canEdit() && i.Kind != models.OrderIdentity && i.RetiredAt == 0, Text: i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity}
	for _, p := range proofs {
		v.Proofs = append(v.Proofs, views.ProofLine{Evidence: string(p.Evidence), Reason: p.Reason, By: p.UserName, At: p.At.Std().In(r.loc), EventID: p.EventID})
	}
	return web.Page(c, s.Views, fiber.StatusOK, "why", v)
}

// AddAddress answers POST /customers/{id}/addresses.
func (s *Screens) AddAddress(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Kind  string `form:"kind"`
		Value string `form:"value"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	kind := models.IdentityKind(in.Kind)
	if kind != models.EmailIdentity && kind != models.PhoneIdentity {
		return models.FieldError("kind", "Choose whether it is an email address or a phone number.")
	}
	_, err = s.Inbox.AddIdentity(c.UserContext(), web.User(c).ID, customer, models.Hint{Kind: kind, Value: in.Value, Evidence: models.Asserted, Reason: "entered by staff"})
	return done(c, err)
}

// change runs a command about an address.
func (s *Screens) change(c *fiber.Ctx, command func(ctx context.Context, user, address models.ID) error) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	return done(c, command(c.UserContext(), web.User(c).ID, address))
}

// Verify answers POST /identities/{id}/verify.
func (s *Screens) Verify(c *fiber.Ctx) error { return s.change(c, s.Inbox.VerifyAddress) }

// RemoveAddress answers POST /identities/{id}/remove.
func (s *Screens) RemoveAddress(c *fiber.Ctx) error { return s.change(c, s.Inbox.RemoveAddress) }

// RestoreAddress answers POST /identities/{id}/restore.
func (s *Screens) RestoreAddress(c *fiber.Ctx) error { return s.change(c, s.Inbox.RestoreAddress) }

// MoveAddressBack answers POST /identities/{id}/move-back.
func (s *Screens) MoveAddressBack(c *fiber.Ctx) error {
	err := s.change(c, s.Inbox.MoveAddressBack)
	return refreshed(c, err)
}

// Share answers POST /identities/{id}/share, Unshare POST /identities/{id}/unshare.
func (s *Screens) Share(c *fiber.Ctx) error { return s.share(c, true) }

// Unshare answers POST /identities/{id}/unshare.
func (s *Screens) Unshare(c *fiber.Ctx) error { return s.share(c, false) }

func (s *Screens) share(c *fiber.Ctx, shared bool) error {
	return s.change(c, func(ctx context.Context, user, address models.ID) error {
		return s.Inbox.ShareAddress(ctx, user, address, shared)
	})
}

// CorrectAddress answers POST /identities/{id}/correct.
func (s *Screens) CorrectAddress(c *fiber.Ctx) error {
	var in struct {
		Value string `form:"value"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	return s.change(c, func(ctx context.Context, user, address models.ID) error {
		_, err := s.Inbox.CorrectAddress(ctx, user, address, in.Value)
		return err
	})
}

// MoveAddressForm answers GET /identities/{id}/move: to whom this address belongs.
func (s *Screens) MoveAddressForm(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	i, err := store.Identity(s.Store.Read(c.UserContext()), address)
	if err != nil {
		return err
	}
	return s.pick(c, i.CustomerID, views.Picker{Address: i.ID})
}

// MoveAddress answers POST /identities/{id}/move.
func (s *Screens) MoveAddress(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		To   string `form:"to"`
		Name string `form:"name"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	to, err := chosen(c, "to")
	if err != nil {
		return err
	}
	if to, err = s.Inbox.MoveAddress(c.UserContext(), web.User(c).ID, address, to, in.Name); err != nil {
		return err
	}
	who, err := store.Living(s.Store.Read(c.UserContext()), to)
	if err != nil {
		return err
	}
	w := s.words(c)
	c.Set("HX-Trigger", "thread:again")
	return s.told(c, views.Told{Text: w.T("told.address", cmp.Or(who.Name, w.T("merge.somebody"))), Undo: "/identities/" + address.String() + "/move-back"})
}
