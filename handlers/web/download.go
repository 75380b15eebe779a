package web

import (
	"mime"
	"os"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/inbox"
)

// inlineTypes may be shown in the browser: pixels only. Everything else is saved (SVG and HTML
// run scripts, a PDF viewer is a program of its own).
var inlineTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// SendFile answers with a stored file under headers that keep it from running as a page of ours:
// its own sandbox, no sniffing, and saved rather than shown unless it is an image.
func SendFile(c *fiber.Ctx, a models.Attachment, open func(sum string) (*os.File, error)) error {
	if a.State != "" { // its provider still has it, or has it no more
		return models.Errorf(models.NotFound, "This file is not here yet.")
	}
	file, err := open(a.SHA256)
	if err != nil {
		return err
	}
	media, disposition := "application/octet-stream", "attachment"
	if inlineTypes[a.Type] {
		media, disposition = a.Type, "inline"
	}
	c.Set(fiber.HeaderContentType, media)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType(disposition, map[string]string{"filename": fileName(a.Name)}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'; frame-ancestors 'self'")
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400, immutable")
	return c.SendStream(file, int(a.Size)) // closes the file
}

// fileName is the name to offer for saving: characters that no file system takes left out.
func fileName(name string) string {
	name = inbox.FileName(strings.Map(func(r rune) rune { // FileName last: what is left out may have stood before a dot
		if strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, name))
	if name == "" {
		return "file"
	}
	return name
}

// Sniff tells a file's media type from its first 512 bytes; what it claims to be counts only
// where the content does not say.
func Sniff(head []byte, claimed string) string { return inbox.SniffType(claimed, head) }
