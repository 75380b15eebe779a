package web

import (
	"errors"
	"math"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

// Problem is an RFC 9457 problem document. Field names the input at fault.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	Field     string `json:"field,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

var statuses = map[models.Code]int{
	models.Invalid: 422, models.NotFound: 404, models.Conflict: 409, models.Forbidden: 403,
	models.Unsigned: 401, models.RateLimited: 429, models.Unavailable: 503, models.Internal: 500,
}

// Describe turns any error into what the caller may know of it, and says whether it was
// expected. Of an unexpected one people learn the request id and nothing else.
func Describe(c *fiber.Ctx, err error) (p Problem, expected bool) {
	p = Problem{Type: "about:blank", RequestID: RequestID(c)}
	var domain *models.Error
	var http *fiber.Error
	switch {
	case errors.As(err, &domain) && domain.Code != models.Internal && statuses[domain.Code] != 0:
		p.Status, p.Code, p.Detail, p.Field = statuses[domain.Code], string(domain.Code), domain.Message, domain.Field
		if domain.After > 0 {
			c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(domain.After.Seconds()))))
		}
	case errors.As(err, &http) && http.Code < 500:
		p.Status, p.Code, p.Detail = http.Code, codeOf(http.Code), http.Message
		if p.Status == 404 || p.Status == 405 {
			p.Detail = "There is nothing here, or nothing that you may see."
		}
	default:
		p.Status, p.Code = 500, string(models.Internal)
		p.Detail = "Something went wrong. Try again; if it stays, tell whoever runs this server the number " + p.RequestID + "."
		p.Title = "Something went wrong"
		return p, false
	}
	p.Title = title(p.Status)
	return p, true
}

// WriteProblem answers with err as application/problem+json.
func WriteProblem(c *fiber.Ctx, p Problem) error {
	if err := c.Status(p.Status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}

func codeOf(status int) string {
	for code, s := range statuses {
		if s == status {
			return string(code)
		}
	}
	if status == fiber.StatusRequestEntityTooLarge {
		return "too_large"
	}
	return string(models.Invalid)
}

func title(status int) string {
	switch status {
	case 404:
		return "Not found"
	case 413:
		return "Too large"
	case 429:
		return "Too many requests"
	case 401:
		return "Not signed in"
	case 403:
		return "Not allowed"
	case 409:
		return "Conflict"
	case 503:
		return "Not available at the moment"
	}
	return "This could not be done"
}
