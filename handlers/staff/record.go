package staff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/records"
	"onethread/models/store"
	"onethread/views"
)

// Record answers GET /customers/{id}/record: what the shop keeps about a customer.
func (s *Screens) Record(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	return s.record(c, fiber.StatusOK, customer, "")
}

func (s *Screens) record(c *fiber.Ctx, status int, customer models.ID, problem string) error {
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	who, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	if who.ID != customer {
		return c.Redirect("/customers/"+who.ID.String()+"/record", fiber.StatusFound)
	}
	kept, err := store.RecordOf(q, who.ID)
	if err != nil {
		return err
	}
	identities, err := store.IdentitiesOf(q, who.ID)
	if err != nil {
		return err
	}
	page := views.RecordPage{Shell: shell(c, "inbox", r.words.T("record.title")), CustomerID: who.ID, Name: who.Name, Language: who.Language, Record: kept,
		Labels: strings.Join(kept.Labels, ", "), Error: problem, CanEdit: r.canEdit()}
	page.Call = cmp.Or(who.Name, r.words.T("entry.visitor"))
	for _, a := range kept.Addresses {
		if a.Order == "" {
			page.Written = append(page.Written, a.Text)
		}
	}
	for _, i := range identities {
		v := identityView(r, i)
		page.Identities = append(page.Identities, views.RecordIdentity{ID: i.ID, Icon: v.Icon, Value: v.Value, Blocked: i.BlockedAt != 0})
	}
	if err := s.ledger(q, r, &page); err != nil {
		return err
	}
	if kept.CompanyID != 0 {
		people, err := store.Colleagues(q, kept.CompanyID)
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.ID != who.ID {
				page.Colleagues = append(page.Colleagues, views.Option{Value: p.ID.String(), Text: cmp.Or(p.Name, r.words.T("entry.visitor"))})
			}
		}
	}
	return web.Page(c, s.Views, status, "record", page)
}

// ledger tells who agreed to what, and offers the addresses and channels that it can be about.
func (s *Screens) ledger(q store.Q, r reader, page *views.RecordPage) error {
	channels, err := s.Store.Channels(q)
	if err != nil {
		return err
	}
	names := map[models.ID]string{}
	for _, ch := range channels {
		names[ch.ID] = ch.Name
		page.Channels = append(page.Channels, views.Option{Value: ch.ID.String(), Text: ch.Name})
	}
	values := map[models.ID]string{}
	for _, i := range page.Identities {
		values[i.ID] = i.Value
	}
	users, err := store.Users(q)
	if err != nil {
		return err
	}
	staff := map[models.ID]string{}
	for _, u := range users {
		staff[u.ID] = u.Name
	}
	said, err := store.Ledger(q, page.CustomerID)
	for _, c := range slices.Backward(said) {
		page.Ledger = append(page.Ledger, views.ConsentLine{Address: values[c.IdentityID], Channel: cmp.Or(names[c.ChannelID], r.words.T("record.channel.gone")), State: c.State, Purpose: c.Purpose,
			Source: cmp.Or(staff[c.UserID], c.Source), Proof: c.Proof, At: c.CreatedAt.Std().In(r.loc)})
	}
	return err
}

// SaveRecord answers POST /customers/{id}/record.
func (s *Screens) SaveRecord(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	in := struct {
		Name      string   `form:"name"`
		Language  string   `form:"language"`
		TimeZone  string   `form:"time_zone"`
		Company   string   `form:"company"`
		Labels    string   `form:"labels"`
		Addresses string   `form:"addresses"`
		Blocked   bool     `form:"blocked"`
		Fields    []string `form:"field"`
		Values    []string `form:"value"`
	}{}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	labels, addresses := strings.Split(in.Labels, ","), strings.Split(in.Addresses, "\n")
	edit := records.Edit{TimeZone: &in.TimeZone, Company: &in.Company, Labels: &labels, Addresses: &addresses, Blocked: &in.Blocked, Fields: map[models.ID]string{}}
	if len(in.Fields) != len(in.Values) {
		return models.FieldError("value", "Load the page again: its fields have changed.")
	}
	for n, f := range in.Fields {
		field, err := models.ParseID(f)
		if err != nil {
			return models.FieldError("field", "%q is no field. Load the page again.", f)
		}
		edit.Fields[field] = in.Values[n]
	}
	err = records.Save(c.UserContext(), s.Store, web.User(c).ID, customer, edit)
	if err == nil {
		err = s.Inbox.EditCustomer(c.UserContext(), web.User(c).ID, customer, inbox.Edit{Name: &in.Name, Language: &in.Language})
	}
	return s.saved(c, customer, err)
}

// saved leads back to the record; what was wrong is said there.
func (s *Screens) saved(c *fiber.Ctx, customer models.ID, err error) error {
	switch {
	case models.IsCode(err, models.Invalid):
		return s.record(c, fiber.StatusUnprocessableEntity, customer, err.Error())
	case err != nil:
		return err
	}
	return c.Redirect("/customers/"+customer.String()+"/record", fiber.StatusSeeOther)
}

// SayConsent answers POST /customers/{id}/consents.
func (s *Screens) SayConsent(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Identity string `form:"identity_id"`
		Channel  string `form:"channel_id"`
		Purpose  string `form:"purpose"`
		State    string `form:"state"`
		Proof    string `form:"proof"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	said := records.Consent{Purpose: in.Purpose, State: in.State, Proof: in.Proof}
	said.IdentityID, _ = models.ParseID(in.Identity) // what is no id belongs to nobody
	said.ChannelID, _ = models.ParseID(in.Channel)
	return s.saved(c, customer, records.SayConsent(c.UserContext(), s.Store, web.User(c).ID, customer, said))
}

// BlockIdentity answers POST /identities/{id}/block.
func (s *Screens) BlockIdentity(c *fiber.Ctx) error {
	identity, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Blocked bool `form:"blocked"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	i, err := store.Identity(s.Store.Read(c.UserContext()), identity)
	if err != nil {
		return err
	}
	return s.saved(c, i.CustomerID, records.BlockIdentity(c.UserContext(), s.Store, web.User(c).ID, identity, in.Blocked))
}
