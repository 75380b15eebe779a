package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

// ErrTooLarge answers 413.
var ErrTooLarge = fiber.NewError(fiber.StatusRequestEntityTooLarge, "This is too large.")

// LimitBody reads a request's body whole, up to most bytes, before handlers see it. The server
// streams bodies, so without this a handler's c.Body() would take in whatever is sent.
func LimitBody(c *fiber.Ctx, most int) error {
	length := c.Request().Header.ContentLength()
	if length > most {
		c.Context().SetConnectionClose()
		return ErrTooLarge
	}
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		if len(c.Request().Body()) > most {
			return ErrTooLarge
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(stream, int64(most)+1))
	if err != nil {
		c.Context().SetConnectionClose()
		return fiber.NewError(fiber.StatusBadRequest, "The request broke off.")
	}
	if len(body) > most {
		c.Context().SetConnectionClose()
		return ErrTooLarge
	}
	c.Request().SetBody(body)
	return nil
}

// slowest is how long an upload may take: 50 MB at 100 kB/s, and some more.
const slowest = 15 * time.Minute

// Upload reads a multipart form of text fields and one file called "file" without holding the
// file in memory. Fields before the file are given to begin, which may refuse; then store gets
// the file's name, claimed type and content, at most most bytes of it.
func Upload(c *fiber.Ctx, most int64, begin func(fields map[string]string) error, store func(name, claimed string, r io.Reader) error) error {
	_, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || params["boundary"] == "" {
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "Send the file as multipart/form-data.")
	}
	if int64(c.Request().Header.ContentLength()) > most+64<<10 {
		c.Context().SetConnectionClose()
		return ErrTooLarge
	}
	err = readParts(multipart.NewReader(bodyReader(c, most), params["boundary"]), most, begin, store)
	if err != nil {
		c.Context().SetConnectionClose() // the rest of the body is not read
	}
	return err
}

// bodyReader is the request's body, wherever it lies; the connection's deadline moves with it.
func bodyReader(c *fiber.Ctx, most int64) io.Reader {
	if stream := c.Context().RequestBodyStream(); stream != nil {
		_ = c.Context().Conn().SetReadDeadline(time.Now().Add(slowest))
		return io.LimitReader(stream, most+128<<10)
	}
	return bytes.NewReader(c.Request().Body())
}

func readParts(r *multipart.Reader, most int64, begin func(map[string]string) error, store func(string, string, io.Reader) error) error {
	fields := make(map[string]string)
	for range 20 {
		part, err := r.NextPart()
		if err != nil {
			return fiber.NewError(fiber.StatusBadRequest, "The form holds no file.")
		}
		if part.FormName() != "file" {
			value, err := io.ReadAll(io.LimitReader(part, 8<<10))
			if err != nil {
				return fiber.NewError(fiber.StatusBadRequest, "The upload broke off.")
			}
			fields[part.FormName()] = string(value)
			continue
		}
		if err := begin(fields); err != nil {
			return err
		}
		return broke(store(part.FileName(), part.Header.Get("Content-Type"), &capped{r: part, left: most}))
	}
	return models.FieldError("", "The form has too many fields.")
}

func broke(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fiber.NewError(fiber.StatusBadRequest, "The upload broke off.")
	}
	return err
}

// capped fails with ErrTooLarge once more than left bytes came, instead of cutting them off.
type capped struct {
	r    io.Reader
	left int64
}

func (l *capped) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
