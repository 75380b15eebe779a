package staff

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/search"
	"onethread/models/store"
	"onethread/views"
)

const hitsPerKind = 20

// Search answers GET /search.
func (s *Screens) Search(c *fiber.Ctx) error {
	found, err := s.results(c, hitsPerKind)
	if err != nil {
		return err
	}
	page := views.SearchPage{Shell: shell(c, "search", s.words(c).T("search.title")), Query: found.Query, Results: found}
	return web.Page(c, s.Views, fiber.StatusOK, "search", page)
}

// Results answers GET /search/results, the piece that follows the typing.
func (s *Screens) Results(c *fiber.Ctx) error {
	found, err := s.results(c, 6)
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "search_results", found)
}

func (s *Screens) results(c *fiber.Ctx, limit int) (views.Results, error) {
	query := strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))
	out := views.Results{Query: query}
	if query == "" || len(query) > 500 {
		return out, nil
	}
	found, err := search.Find(s.Store.Read(c.UserContext()), query, limit)
	if err != nil {
		return out, err
	}
	r := s.reader(c)
	for _, h := range found.Customers {
		name := cmp.Or(h.Name, h.Address, r.words.T("entry.visitor"))
		out.Customers = append(out.Customers, views.CustomerHit{ID: h.ID, Name: name, Title: views.Marks(name, query), Details: views.Marks(h.Address, query)})
	}
	for _, h := range found.Messages {
		icon := "messages-square"
		if h.Kind == models.KindNote {
			icon = "sticky-note"
		}
		out.Messages = append(out.Messages, views.MessageHit{CustomerID: h.CustomerID, EventID: h.EventID, Name: cmp.Or(h.Name, r.words.T("entry.visitor")), Icon: icon,
			Excerpt: excerpt(h.Snippet), When: r.words.Date(h.OccurredAt.Std().In(r.loc))})
	}
	for _, h := range found.Orders {
		out.Orders = append(out.Orders, views.OrderHit{CustomerID: h.CustomerID, Number: views.Marks(h.Number, query), Name: h.Name,
			Chip:  views.Chip{Text: r.words.K("order.status.", h.Status), Tone: views.StatusTone(h.Status)},
			Total: views.Money(h.Total, h.Currency), When: r.words.Date(h.PlacedAt.Std().In(r.loc))})
	}
	return out, nil
}

// excerpt turns a snippet with marked hits into spans; the marks never reach the page as markup.
func excerpt(snippet string) []views.Span {
	var out []views.Span
	for i, part := range strings.Split(snippet, store.HitBegin) {
		hit, rest, ok := strings.Cut(part, store.HitEnd)
		if i == 0 || !ok {
			out = append(out, views.Span{Text: part})
			continue
		}
		out = append(out, views.Span{Text: hit, Mark: true}, views.Span{Text: rest})
	}
	return out
}
