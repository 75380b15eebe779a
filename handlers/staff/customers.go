package staff

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/search"
	"onethread/models/store"
	"onethread/views"
)

const customersPerPage = 50

// Customers answers GET /customers?q=&before=: everybody the shop knows, latest change first.
func (s *Screens) Customers(c *fiber.Ctx) error { return s.customers(c, fiber.StatusOK, "") }

func (s *Screens) customers(c *fiber.Ctx, status int, problem string) error {
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	query := strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))
	page := views.CustomersPage{Shell: shell(c, "customers", r.words.T("customers.title")), Query: query, Error: problem, CanEdit: r.canEdit()}
	rows, err := s.someCustomers(q, query, c.Query("before"))
	if err != nil {
		return err
	}
	if len(rows) > customersPerPage {
		rows = rows[:customersPerPage]
		last := rows[len(rows)-1]
		page.Next = "/customers?before=" + strconv.FormatInt(int64(last.UpdatedAt), 10) + "-" + last.ID.String()
	}
	ids := make([]models.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	identities, err := store.IdentitiesOf(q, ids...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var addresses []string
		for _, i := range identities {
			if i.CustomerID == row.ID && (i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity) {
				addresses = append(addresses, cmp.Or(i.Display, i.Value))
			}
		}
		name := row.Name
		if name == "" && len(addresses) > 0 {
			name, addresses = addresses[0], addresses[1:]
		}
		page.Customers = append(page.Customers, views.CustomerRow{ID: row.ID, Name: cmp.Or(name, r.words.T("entry.visitor")), Addresses: strings.Join(addresses, " · "),
			Blocked: row.BlockedAt != 0, At: row.UpdatedAt.Std().In(r.loc)})
	}
	return web.Page(c, s.Views, status, "customers", page)
}

// someCustomers finds those that a query names, else a window of all, with one more than fits.
func (s *Screens) someCustomers(q store.Q, query, before string) ([]models.Customer, error) {
	if query != "" {
		hits, err := search.Customers(q, query, customersPerPage)
		if err != nil {
			return nil, err
		}
		ids := make([]models.ID, len(hits))
		for i, h := range hits {
			ids[i] = h.ID
		}
		return store.CustomersByID(q, ids)
	}
	at, id, _ := strings.Cut(before, "-")
	when, _ := strconv.ParseInt(at, 10, 64) // nonsense begins at the top
	which, _ := models.ParseID(id)
	return store.Customers(q, models.Time(max(when, 0)), which, customersPerPage+1)
}

// NewCustomer answers POST /customers.
func (s *Screens) NewCustomer(c *fiber.Ctx) error {
	var in struct {
		Name  string `form:"name"`
		Email string `form:"email"`
		Phone string `form:"phone"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	var hints []models.Hint
	for kind, value := range map[models.IdentityKind]string{models.EmailIdentity: in.Email, models.PhoneIdentity: in.Phone} {
		if value = strings.TrimSpace(value); value != "" {
			hints = append(hints, models.Hint{Kind: kind, Value: value, Evidence: models.Asserted, Reason: "entered by staff"})
		}
	}
	made, err := s.Inbox.NewCustomer(c.UserContext(), web.User(c).ID, in.Name, "", hints)
	if models.IsCode(err, models.Invalid) || models.IsCode(err, models.Conflict) {
		return s.customers(c, fiber.StatusUnprocessableEntity, err.Error())
	}
	if err != nil {
		return err
	}
	return c.Redirect("/customers/"+made.String(), fiber.StatusSeeOther)
}
