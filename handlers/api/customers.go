package api

import (
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/search"
	"onethread/models/store"
)

// Customers is GET /api/v1/customers?query=: latest change first, or what a search finds.
func (h *Handlers) Customers(c *fiber.Ctx) error {
	n, at, err := window(c)
	if err != nil {
		return err
	}
	q := h.read(c)
	var rows []models.Customer
	if text := c.Query("query"); text != "" {
		rows, err = found(q, text, n)
	} else {
		rows, err = store.Customers(q, at.At, at.ID, n+1)
	}
	if err != nil {
		return err
	}
	ids := make([]models.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	identities, err := store.IdentitiesOf(q, ids...)
	if err != nil {
		return err
	}
	return paged(c, rows, n, func(r models.Customer) customerView { return showCustomer(r, identities) },
		func(r models.Customer) place { return place{r.UpdatedAt, r.ID} })
}

func found(q store.Q, text string, n int) ([]models.Customer, error) {
	hits, err := search.Customers(q, text, n)
	if err != nil {
		return nil, err
	}
	ids := make([]models.ID, len(hits))
	for i, hit := range hits {
		ids[i] = hit.ID
	}
	return store.CustomersByID(q, ids)
}

// Customer is GET /api/v1/customers/{id}. The id of a merged customer leads to whom it was merged into.
func (h *Handlers) Customer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	return h.showOne(c, fiber.StatusOK, customer)
}

func (h *Handlers) showOne(c *fiber.Ctx, status int, customer models.ID) error {
	q := h.read(c)
	who, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	identities, err := store.IdentitiesOf(q, who.ID)
	if err != nil {
		return err
	}
	spend, err := store.SpendOf(q, who.ID)
	if err != nil {
		return err
	}
	consents, err := store.ConsentsOf(q, who.ID)
	if err != nil {
		return err
	}
	v := showCustomer(who, identities)
	v.Consent = showConsents(consents)
	orders := make([]spendView, len(spend))
	for i, s := range spend {
		orders[i] = spendView{Currency: s.Currency, Orders: s.Orders, Net: models.FormatAmount(s.Net, s.Currency)}
	}
	v.Orders = &orders
	kept, err := store.RecordOf(q, who.ID)
	if err != nil {
		return err
	}
	v.Record = showRecord(kept)
	return c.Status(status).JSON(v)
}

type identityIn struct {
	Kind     models.IdentityKind `json:"kind"`
	Scope    string              `json:"scope"`
	Value    string              `json:"value"`
	Evidence models.Evidence     `json:"evidence"`
}

func (i identityIn) hint() models.Hint {
	return models.Hint{Kind: i.Kind, Scope: i.Scope, Value: i.Value, Evidence: models.Asserted, Reason: "entered by staff"}
}

// AddCustomer is POST /api/v1/customers.
func (h *Handlers) AddCustomer(c *fiber.Ctx) error {
	var in struct {
		Name       string       `json:"name"`
		Language   string       `json:"language"`
		Identities []identityIn `json:"identities"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	hints := make([]models.Hint, len(in.Identities))
	for i, id := range in.Identities {
		hints[i] = id.hint()
	}
	customer, err := h.Inbox.NewCustomer(c.UserContext(), web.User(c).ID, in.Name, in.Language, hints)
	if err != nil {
		return err
	}
	return h.showOne(c, fiber.StatusCreated, customer)
}

// PatchCustomer is PATCH /api/v1/customers/{id}.
func (h *Handlers) PatchCustomer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Name     *string  `json:"name"`
		Language *string  `json:"language"`
		Notes    *string  `json:"notes"`
		Record   recordIn `json:"record"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	if err := h.saveRecord(c, customer, in.Record); err != nil {
		return err
	}
	if err := h.Inbox.EditCustomer(c.UserContext(), web.User(c).ID, customer, inbox.Edit{Name: in.Name, Language: in.Language, Notes: in.Notes}); err != nil {
		return err
	}
	return h.showOne(c, fiber.StatusOK, customer)
}

// AddIdentity is POST /api/v1/customers/{id}/identities.
func (h *Handlers) AddIdentity(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in identityIn
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	made, err := h.Inbox.AddIdentity(c.UserContext(), web.User(c).ID, customer, in.hint())
	if err != nil {
		return err
	}
	i, err := store.Identity(h.read(c), made)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(showIdentity(i))
}

// Merge is POST /api/v1/customers/{id}/merge {"from": ID}.
func (h *Handlers) Merge(c *fiber.Ctx) error {
	into, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		From string `json:"from"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	from, err := models.ParseID(in.From)
	if err != nil {
		return models.FieldError("from", "There is no customer with the id %q.", in.From)
	}
	merge, err := h.Inbox.Merge(c.UserContext(), web.User(c).ID, from, into)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"merge_id": merge.String(), "customer_id": into.String()})
}

// Unmerge is POST /api/v1/merges/{id}/undo.
func (h *Handlers) Unmerge(c *fiber.Ctx) error {
	merge, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := h.Inbox.Unmerge(c.UserContext(), web.User(c).ID, merge); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"merge_id": merge.String(), "undone": true})
}

type suggestionView struct {
	ID        string              `json:"id"`
	Customers [2]string           `json:"customers"`
	Kind      models.IdentityKind `json:"kind"`
	Value     string              `json:"value"`
	Reason    string              `json:"reason"`
	Score     int                 `json:"score"`
	Evidence  []clueView          `json:"evidence"`
	CreatedAt models.Time         `json:"created_at"`
}

type clueView struct {
	Kind   string `json:"kind"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
	Weight int    `json:"weight"`
}

// Suggestions is GET /api/v1/suggestions: who may be the same person.
func (h *Handlers) Suggestions(c *fiber.Ctx) error {
	n, at, err := window(c)
	if err != nil {
		return err
	}
	rows, err := store.Suggestions(h.read(c), at.ID, n+1)
	if err != nil {
		return err
	}
	ids := make([]models.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	clues, err := store.CluesOf(h.read(c), ids)
	if err != nil {
		return err
	}
	return paged(c, rows, n, func(s models.Suggestion) suggestionView {
		evidence := []clueView{}
		for _, k := range clues[s.ID] {
			evidence = append(evidence, clueView{k.Kind, k.Value, k.Reason, k.Weight})
		}
		return suggestionView{Score: s.Score, Evidence: evidence, ID: s.ID.String(), Customers: [2]string{s.CustomerID.String(), s.OtherID.String()}, Kind: s.Kind, Value: s.Value, Reason: s.Reason, CreatedAt: s.CreatedAt}
	}, func(s models.Suggestion) place { return place{s.CreatedAt, s.ID} })
}

// AcceptSuggestion is POST /api/v1/suggestions/{id}/accept {"into": ID}: it merges the two, into the
// older record where into is not given.
func (h *Handlers) AcceptSuggestion(c *fiber.Ctx) error {
	s, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Into string `json:"into"`
	}
	if len(c.Body()) > 0 {
		if err := web.JSON(c, &in); err != nil {
			return err
		}
	}
	into, err := optional("into", in.Into)
	if err != nil {
		return err
	}
	merge, err := h.Inbox.AcceptSuggestion(c.UserContext(), web.User(c).ID, s, into)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"merge_id": merge.String()})
}

// RejectSuggestion is POST /api/v1/suggestions/{id}/reject: the pair is remembered as two people.
func (h *Handlers) RejectSuggestion(c *fiber.Ctx) error {
	s, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := h.Inbox.RejectSuggestion(c.UserContext(), web.User(c).ID, s); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"rejected": true})
}
