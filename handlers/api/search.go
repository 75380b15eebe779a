package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/search"
	"onethread/models/store"
)

type customerHit struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

type messageHit struct {
	EventID    string      `json:"event_id"`
	CustomerID string      `json:"customer_id"`
	Name       string      `json:"name"`
	Kind       models.Kind `json:"kind"`
	OccurredAt models.Time `json:"occurred_at"`
	Subject    string      `json:"subject"`
	Snippet    string      `json:"snippet"` // plain text
}

type orderHit struct {
	ID         string      `json:"id"`
	CustomerID string      `json:"customer_id"`
	Name       string      `json:"name"`
	Number     string      `json:"number"`
	Status     string      `json:"status"`
	Currency   string      `json:"currency"`
	Total      string      `json:"total"`
	PlacedAt   models.Time `json:"placed_at"`
}

// Search is GET /api/v1/search?q=&limit=: customers, messages and orders; limit is per kind.
func (h *Handlers) Search(c *fiber.Ctx) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	if len(c.Query("q")) > 500 {
		return models.FieldError("q", "The query is longer than 500 bytes.")
	}
	r, err := search.Find(h.read(c), c.Query("q"), n)
	if err != nil {
		return err
	}
	out := struct {
		Customers []customerHit `json:"customers"`
		Messages  []messageHit  `json:"messages"`
		Orders    []orderHit    `json:"orders"`
	}{[]customerHit{}, []messageHit{}, []orderHit{}}
	for _, x := range r.Customers {
		out.Customers = append(out.Customers, customerHit{x.ID.String(), x.Name, x.Address})
	}
	plain := strings.NewReplacer(store.HitBegin, "", store.HitEnd, "")
	for _, x := range r.Messages {
		out.Messages = append(out.Messages, messageHit{x.EventID.String(), x.CustomerID.String(), x.Name, x.Kind, x.OccurredAt, x.Subject, plain.Replace(x.Snippet)})
	}
	for _, x := range r.Orders {
		out.Orders = append(out.Orders, orderHit{x.ID.String(), x.CustomerID.String(), x.Name, x.Number, x.Status, x.Currency, models.FormatAmount(x.Total, x.Currency), x.PlacedAt})
	}
	return c.JSON(out)
}
