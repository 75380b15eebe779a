package api

import (
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/records"
	"onethread/models/store"
)

// recordView is what the shop keeps about a customer besides their thread.
type recordView struct {
	TimeZone     string            `json:"time_zone"`
	Company      string            `json:"company"`
	Labels       []string          `json:"labels"`
	Fields       map[string]string `json:"custom_fields"` // by the field's name
	Addresses    []addressView     `json:"addresses"`
	Blocked      bool              `json:"blocked"`
	FirstContact models.Time       `json:"first_contact_at"`
	LastContact  models.Time       `json:"last_contact_at"`
}

type addressView struct {
	Text  string `json:"text"`
	Order string `json:"order,omitempty"` // the number of the order that told it
}

func showRecord(r models.Record) *recordView {
	v := recordView{TimeZone: r.TimeZone, Company: r.Company, Labels: r.Labels, Fields: map[string]string{}, Addresses: []addressView{}, Blocked: r.BlockedAt != 0,
		FirstContact: r.FirstContact, LastContact: r.LastContact}
	if v.Labels == nil {
		v.Labels = []string{}
	}
	for _, f := range r.Fields {
		v.Fields[f.Name] = f.Value
	}
	for _, a := range r.Addresses {
		v.Addresses = append(v.Addresses, addressView(a))
	}
	return &v
}

// recordIn is what PATCH /customers/{id} may change of the record; what is left out stays.
type recordIn struct {
	TimeZone  *string           `json:"time_zone"`
	Company   *string           `json:"company"`
	Labels    *[]string         `json:"labels"`
	Fields    map[string]string `json:"custom_fields"`
	Addresses *[]string         `json:"addresses"`
	Blocked   *bool             `json:"blocked"`
}

func (h *Handlers) saveRecord(c *fiber.Ctx, customer models.ID, in recordIn) error {
	edit := records.Edit{TimeZone: in.TimeZone, Company: in.Company, Labels: in.Labels, Addresses: in.Addresses, Blocked: in.Blocked, Fields: map[models.ID]string{}}
	if len(in.Fields) > 0 {
		known, err := store.CustomFields(h.read(c))
		if err != nil {
			return err
		}
		byName := map[string]models.ID{}
		for _, f := range known {
			byName[f.Name] = f.ID
		}
		for name, value := range in.Fields {
			field, ok := byName[name]
			if !ok {
				return models.FieldError("custom_fields", "The shop has no field %q. Make it in Settings first.", name)
			}
			edit.Fields[field] = value
		}
	}
	return records.Save(c.UserContext(), h.Store, web.User(c).ID, customer, edit)
}

// SayConsent is POST /api/v1/customers/{id}/consents: what the customer told staff.
func (h *Handlers) SayConsent(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Identity string `json:"identity_id"`
		Channel  string `json:"channel_id"`
		Purpose  string `json:"purpose"`
		State    string `json:"state"`
		Proof    string `json:"proof"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	said := records.Consent{Purpose: in.Purpose, State: in.State, Proof: in.Proof}
	if said.IdentityID, err = optional("identity_id", in.Identity); err != nil {
		return err
	}
	if said.ChannelID, err = optional("channel_id", in.Channel); err != nil {
		return err
	}
	if err := records.SayConsent(c.UserContext(), h.Store, web.User(c).ID, customer, said); err != nil {
		return err
	}
	return h.showOne(c, fiber.StatusCreated, customer)
}
