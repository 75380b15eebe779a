package staff

import (
	"cmp"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
	"onethread/views"
)

const suggestionsPerPage = 30

// Suggestions answers GET /suggestions: who may be one person, the likeliest first.
func (s *Screens) Suggestions(c *fiber.Ctx) error {
	q, w := s.Store.Read(c.UserContext()), s.words(c)
	score, _ := strconv.Atoi(c.Query("score"))
	after, _ := models.ParseID(c.Query("after"))
	rows, err := store.RankedSuggestions(q, score, max(after, 0), suggestionsPerPage+1)
	if err != nil {
		return err
	}
	page := views.SuggestionsPage{Shell: shell(c, "people", w.T("suggestions.title"))}
	if len(rows) > suggestionsPerPage {
		rows = rows[:suggestionsPerPage]
		last := rows[len(rows)-1]
		page.Next = "/suggestions?score=" + strconv.Itoa(last.Score) + "&after=" + last.ID.String()
	}
	if page.Rows, err = s.suggested(q, w, rows); err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "suggestions", page)
}

func (s *Screens) suggested(q store.Q, w *views.Words, rows []models.Suggestion) ([]views.Suggested, error) {
	var ids, people []models.ID
	for _, r := range rows {
		ids, people = append(ids, r.ID), append(people, r.CustomerID, r.OtherID)
	}
	clues, err := store.CluesOf(q, ids)
	if err != nil {
		return nil, err
	}
	hits, err := store.NamesOf(q, people)
	if err != nil {
		return nil, err
	}
	called := map[models.ID]views.Candidate{}
	for _, h := range hits {
		called[h.ID] = views.Candidate{ID: h.ID, Name: cmp.Or(h.Name, h.Address, w.T("entry.visitor")), Address: h.Address}
	}
	var out []views.Suggested
	for _, r := range rows {
		out = append(out, views.Suggested{ID: r.ID, A: called[r.CustomerID], B: called[r.OtherID], Why: proofs(clues[r.ID])})
	}
	return out, nil
}
