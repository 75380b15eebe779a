// Package records keeps what a shop knows of its customers besides their threads: company, time zone,
// labels, fields of its own, addresses, who is blocked, and who agreed to what.
package records

import (
	"context"
	"strings"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/store"
)

// Edit is what staff change of a record; nil fields stay as they are.
type Edit struct {
	TimeZone  *string              // IANA name, "" = unknown
	Company   *string              // its name; one that is new is made
	Labels    *[]string            // all of them
	Fields    map[models.ID]string // by field; "" empties it
	Addresses *[]string            // all that staff wrote down
	Blocked   *bool
}

// Bounds of a record.
const (
	mostLabels    = 30
	mostAddresses = 20
	longestValue  = 1000 // characters
)

// Save changes a customer's record and says so in the feed; blocking is told in the thread.
func Save(ctx context.Context, st *store.Store, user, customer models.ID, e Edit) error {
	if err := e.check(); err != nil {
		return err
	}
	return st.Write(ctx, func(tx *store.Tx) error {
		c, err := store.Living(tx, customer)
		if err != nil {
			return err
		}
		changed, err := e.apply(tx, c)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			err = say(tx, c.ID, user, models.KindAbout, models.CustomerData{Action: "record", Name: strings.Join(changed, ", ")})
		}
		if err == nil && e.Blocked != nil {
			err = block(tx, c, user, *e.Blocked)
		}
		return err
	})
}

func (e *Edit) check() error {
	if e.TimeZone != nil && *e.TimeZone != "" {
		if !models.KnownTimeZone(*e.TimeZone) {
			return models.FieldError("time_zone", "%q is no time zone. Write it like Europe/Lisbon.", *e.TimeZone)
		}
	}
	if e.Labels != nil && len(*e.Labels) > mostLabels {
		return models.FieldError("labels", "A customer has at most %d labels.", mostLabels)
	}
	if e.Addresses != nil && len(*e.Addresses) > mostAddresses {
		return models.FieldError("addresses", "A customer has at most %d addresses besides those of their orders.", mostAddresses)
	}
	return nil
}

// apply writes what is to change, and names it.
func (e *Edit) apply(tx *store.Tx, c models.Customer) (changed []string, err error) {
	part := func(name string, asked bool, write func() error) {
		if err == nil && asked {
			changed, err = append(changed, name), write()
		}
	}
	part("time_zone", e.TimeZone != nil, func() error { return store.SetTimeZone(tx, c.ID, *e.TimeZone) })
	part("company", e.Company != nil, func() error { return store.SetCompany(tx, c.ID, text(*e.Company, 200)) })
	part("labels", e.Labels != nil, func() error { return store.SetCustomerLabels(tx, c.ID, texts(*e.Labels, 40)) })
	part("addresses", e.Addresses != nil, func() error { return store.SetAddresses(tx, c.ID, texts(*e.Addresses, longestValue)) })
	part("fields", len(e.Fields) > 0, func() error { return setFields(tx, c.ID, e.Fields) })
	return changed, err
}

func setFields(tx *store.Tx, customer models.ID, values map[models.ID]string) error {
	known, err := store.CustomFields(tx)
	if err != nil {
		return err
	}
	left := len(values)
	for _, f := range known {
		value, asked := values[f.ID]
		if !asked {
			continue
		}
		left--
		if err := store.SetCustomValue(tx, customer, f.ID, text(value, longestValue)); err != nil {
			return err
		}
	}
	if left > 0 {
		return models.FieldError("custom_fields", "The shop has no such field. Load the page again.")
	}
	return nil
}

func block(tx *store.Tx, c models.Customer, user models.ID, blocked bool) error {
	if blocked == (c.BlockedAt != 0) {
		return nil
	}
	since, action := models.Time(0), "unblocked"
	if blocked {
		since, action = tx.Now(), "blocked"
	}
	if err := store.SetBlocked(tx, c.ID, since); err != nil {
		return err
	}
	return say(tx, c.ID, user, models.KindCustomer, models.CustomerData{Action: action})
}

// BlockIdentity blocks one address: what comes from it is kept, and taken for spam; or lets it in again.
func BlockIdentity(ctx context.Context, st *store.Store, user, identity models.ID, blocked bool) error {
	return st.Write(ctx, func(tx *store.Tx) error {
		i, err := store.Identity(tx, identity)
		if err != nil || blocked == (i.BlockedAt != 0) {
			return err
		}
		since, action := models.Time(0), "unblocked"
		if blocked {
			since, action = tx.Now(), "blocked"
		}
		if err := store.SetIdentityBlocked(tx, i.ID, since); err != nil {
			return err
		}
		return say(tx, i.CustomerID, user, models.KindCustomer, models.CustomerData{Action: action, Name: i.Display})
	})
}

func say(tx *store.Tx, customer, user models.ID, kind models.Kind, d models.CustomerData) error {
	_, err := store.AppendEvent(tx, models.Event{CustomerID: customer, Kind: kind, UserID: user}, d)
	return err
}

// text is one line of at most so many characters.
func text(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")), " ")
	if utf8.RuneCountInString(s) > most {
		s = strings.TrimSpace(string([]rune(s)[:most]))
	}
	return s
}

// texts are the lines that say something, each once.
func texts(list []string, most int) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if s = text(s, most); s != "" && !seen[strings.ToLower(s)] {
			seen[strings.ToLower(s)] = true
			out = append(out, s)
		}
	}
	return out
}
