package staff

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

func (s *Screens) update(c *fiber.Ctx, change func(conversation models.ID) (inbox.Change, error)) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	ch, err := change(conversation)
	if err != nil {
		return err
	}
	return done(c, s.Inbox.Update(c.UserContext(), web.User(c), conversation, ch))
}

func (s *Screens) status(c *fiber.Ctx, status string) error {
	return s.update(c, func(models.ID) (inbox.Change, error) { return inbox.Change{Status: &status}, nil })
}

// Close answers POST /conversations/{id}/close.
func (s *Screens) Close(c *fiber.Ctx) error { return s.status(c, models.StatusClosed) }

// Reopen answers POST /conversations/{id}/reopen.
func (s *Screens) Reopen(c *fiber.Ctx) error { return s.status(c, models.StatusOpen) }

// Spam answers POST /conversations/{id}/spam.
func (s *Screens) Spam(c *fiber.Ctx) error { return s.spam(c, true) }

// NotSpam answers POST /conversations/{id}/not-spam.
func (s *Screens) NotSpam(c *fiber.Ctx) error { return s.spam(c, false) }

func (s *Screens) spam(c *fiber.Ctx, is bool) error {
	return s.update(c, func(models.ID) (inbox.Change, error) { return inbox.Change{Spam: &is}, nil })
}

// Assign answers POST /conversations/{id}/assign; user 0 is nobody.
func (s *Screens) Assign(c *fiber.Ctx) error {
	return s.update(c, func(models.ID) (inbox.Change, error) {
		var in struct {
			UserID string `form:"user_id"`
		}
		if err := web.Form(c, &in); err != nil {
			return inbox.Change{}, err
		}
		user := models.ID(0)
		if in.UserID != "0" {
			n, err := models.ParseID(in.UserID)
			if err != nil {
				return inbox.Change{}, models.FieldError("user_id", "Choose who takes it.")
			}
			user = n
		}
		return inbox.Change{AssigneeID: &user}, nil
	})
}

// Snooze answers POST /conversations/{id}/snooze: until is in milliseconds, at a moment in the reader's own
// time, for what is waited for instead.
func (s *Screens) Snooze(c *fiber.Ctx) error {
	return s.update(c, func(models.ID) (inbox.Change, error) {
		var in struct {
			Until int64  `form:"until"`
			At    string `form:"at"`
			For   string `form:"for"`
		}
		if err := web.Form(c, &in); err != nil {
			return inbox.Change{}, err
		}
		if in.For != "" {
			return inbox.Change{SnoozedFor: &in.For}, nil
		}
		until := models.Time(in.Until)
		if in.At != "" {
			at, err := time.ParseInLocation("2006-01-02T15:04", in.At, zone(c))
			if err != nil {
				return inbox.Change{}, models.FieldError("at", "Choose a day and a time.")
			}
			until = models.At(at)
		}
		return inbox.Change{SnoozedUntil: &until}, nil
	})
}

// OpenConversation answers POST /customers/{id}/conversations with the way to the new one.
func (s *Screens) OpenConversation(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Matter string `form:"matter"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	made, err := s.Inbox.OpenConversation(c.UserContext(), web.User(c), customer, in.Matter)
	if err != nil {
		return err
	}
	to, err := json.Marshal(map[string]string{"path": "/customers/" + customer.String() + "?conversation=" + made.String(), "target": "#main", "swap": "outerHTML"})
	if err != nil {
		return err
	}
	c.Set("HX-Location", string(to))
	return c.SendStatus(fiber.StatusNoContent)
}

// Labels answers POST /conversations/{id}/labels: toggles one, or adds a new one by name.
func (s *Screens) Labels(c *fiber.Ctx) error {
	return s.update(c, func(conversation models.ID) (inbox.Change, error) {
		var in struct {
			Toggle string `form:"toggle"`
			Name   string `form:"name"`
		}
		if err := web.Form(c, &in); err != nil {
			return inbox.Change{}, err
		}
		on, err := store.LabelsOn(s.Store.Read(c.UserContext()), []models.ID{conversation})
		names := toggled(on, strings.TrimSpace(in.Toggle), strings.TrimSpace(in.Name))
		return inbox.Change{Labels: &names}, err
	})
}

func toggled(on []store.LabelOn, toggle, added string) []string {
	names := []string{}
	for _, l := range on {
		names = append(names, l.Name)
	}
	has := func(name string) int {
		return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	}
	if added != "" {
		if has(added) < 0 {
			names = append(names, added)
		}
		return names
	}
	if at := has(toggle); at >= 0 {
		return slices.Delete(names, at, at+1)
	}
	return append(names, toggle)
}

// Name answers POST /customers/{id}/name.
func (s *Screens) Name(c *fiber.Ctx) error {
	var in struct {
		Name string `form:"name"`
	}
	return s.edit(c, &in, func() inbox.Edit { return inbox.Edit{Name: &in.Name} })
}

// About answers POST /customers/{id}/about: what everybody should know.
func (s *Screens) About(c *fiber.Ctx) error {
	var in struct {
		Notes string `form:"notes"`
	}
	return s.edit(c, &in, func() inbox.Edit { return inbox.Edit{Notes: &in.Notes} })
}

func (s *Screens) edit(c *fiber.Ctx, form any, change func() inbox.Edit) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := web.Form(c, form); err != nil {
		return err
	}
	return done(c, s.Inbox.EditCustomer(c.UserContext(), web.User(c).ID, customer, change()))
}

// Accept answers POST /suggestions/{id}/accept: the two are one person.
func (s *Screens) Accept(c *fiber.Ctx) error {
	suggestion, err := id(c, "id")
	if err != nil {
		return err
	}
	into, err := chosen(c, "into")
	if err != nil {
		return err
	}
	merge, err := s.Inbox.AcceptSuggestion(c.UserContext(), web.User(c).ID, suggestion, into)
	if err != nil {
		return err
	}
	return s.merged(c, merge)
}

// Reject answers POST /suggestions/{id}/reject: they are not.
func (s *Screens) Reject(c *fiber.Ctx) error {
	suggestion, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Inbox.RejectSuggestion(c.UserContext(), web.User(c).ID, suggestion); err != nil {
		return err
	}
	c.Set("HX-Trigger", "thread:again")
	return s.told(c, views.Told{Text: s.words(c).T("suggestions.refused")})
}

// Unmerge answers POST /merges/{id}/undo.
func (s *Screens) Unmerge(c *fiber.Ctx) error {
	merge, err := id(c, "id")
	if err != nil {
		return err
	}
	return refreshed(c, s.Inbox.Unmerge(c.UserContext(), web.User(c).ID, merge))
}

// refreshed makes the browser that asked draw its open thread anew: who a thread belongs to has
// changed, which is more than one entry.
func refreshed(c *fiber.Ctx, err error) error {
	if err == nil {
		c.Set("HX-Trigger", "thread:again")
	}
	return done(c, err)
}
