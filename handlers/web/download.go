package web

import (
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

// inlineTypes may be shown in the browser: pixels only. Everything else is saved (SVG and HTML
// run scripts, a PDF viewer is a program of its own).
var inlineTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// Sniff tells a file's media type from its first 512 bytes; the claimed type counts only where
// content shows none, and never one that browsers run.
func Sniff(head []byte, claimed string) string {
	sniffed, _, _ := mime.ParseMediaType(http.DetectContentType(head))
	if sniffed != "application/octet-stream" && sniffed != "text/plain" {
		return sniffed
	}
	media, _, err := mime.ParseMediaType(claimed)
	if err != nil || inlineTypes[media] || strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "xml") || strings.Contains(media, "script") || strings.HasPrefix(media, "multipart/") {
		return sniffed
	}
	return media
}

// SendFile answers with a stored file under headers that keep it from running as a page of ours:
// its own sandbox, no sniffing, and saved rather than shown unless it is an image.
func SendFile(c *fiber.Ctx, a models.Attachment, open func(sum string) (*os.File, error)) error {
	file, err := open(a.SHA256)
	if err != nil {
		return err
	}
	media, disposition := "application/octet-stream", "attachment"
	if inlineTypes[a.Type] {
		media, disposition = a.Type, "inline"
	}
	c.Set(fiber.HeaderContentType, media)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType(disposition, map[string]string{"filename": FileName(a.Name)}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'; frame-ancestors 'self'")
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400, immutable")
	return c.SendStream(file, int(a.Size)) // closes the file
}

// FileName makes a name safe to offer for saving: one path element without control or
// direction-changing characters (Trojan Source, CVE-2021-42574) and of moderate length.
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "_"), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	for len(name) > 150 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" || name == "/" {
		return "file"
	}
	return name
}
