package twilio

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"onethread/models"
)

// maxFiles is how many files one message carries, either way.
const maxFiles = 10

// announced lists a webhook's files (MediaUrl0, MediaContentType0, …). NumMedia is only compared:
// what is not named cannot be fetched.
func (a *account) announced(f form) (files []models.FileIn, warning string) {
	n := 0
	for ; n < maxFiles && f.get(fmt.Sprint("MediaUrl", n)) != ""; n++ {
		address := f.get(fmt.Sprint("MediaUrl", n))
		if !a.trusted(address) {
			warning = "A file of this message lies outside Twilio and was not fetched: " + short(address)
			continue
		}
		kind := f.get(fmt.Sprint("MediaContentType", n))
		files = append(files, models.FileIn{Name: fileName(n, kind), Type: kind, URL: address})
	}
	if told := f.get("NumMedia"); told != "" && told != strconv.Itoa(n) && warning == "" {
		warning = fmt.Sprintf("Twilio announced %s files with this message and named %d. The rest can be seen in the Twilio Console.", short(told), n)
	}
	return files, warning
}

// trusted tells whether an address is one of the provider's own, to which our credentials may go.
func (a *account) trusted(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == a.base.Scheme && u.Host == a.base.Host {
		return true
	}
	return u.Scheme == "https" && u.Port() == "" && strings.HasSuffix("."+strings.ToLower(u.Hostname()), ".twilio.com")
}

// short cuts what strangers wrote to what fits into a sentence.
func short(s string) string {
	const most = 120
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "")
}

// kinds are the types phones send, with the names people know them by.
var kinds = map[string]struct{ word, ending string }{
	"image/jpeg": {"picture", "jpg"}, "image/jpg": {"picture", "jpg"}, "image/png": {"picture", "png"}, "image/gif": {"picture", "gif"},
	"image/webp": {"picture", "webp"}, "image/heic": {"picture", "heic"}, "image/bmp": {"picture", "bmp"}, "image/tiff": {"picture", "tiff"},
	"video/mp4": {"video", "mp4"}, "video/3gpp": {"video", "3gp"}, "video/quicktime": {"video", "mov"}, "video/webm": {"video", "webm"},
	"audio/mpeg": {"recording", "mp3"}, "audio/ogg": {"recording", "ogg"}, "audio/amr": {"recording", "amr"}, "audio/mp4": {"recording", "m4a"},
	"audio/3gpp": {"recording", "3gp"}, "audio/wav": {"recording", "wav"}, "text/vcard": {"contact", "vcf"}, "text/x-vcard": {"contact", "vcf"},
	"text/calendar": {"date", "ics"}, "text/plain": {"text", "txt"}, "application/pdf": {"document", "pdf"},
}

// fileName makes a name for the n-th file of a message, counted from 0: Twilio keeps none.
func fileName(n int, kind string) string {
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	k, ok := kinds[strings.TrimSpace(kind)]
	if !ok {
		return fmt.Sprintf("file-%d", n+1)
	}
	return fmt.Sprintf("%s-%d.%s", k.word, n+1, k.ending)
}

// Limits of files we send, in bytes (twilio.com/docs/messaging/guides/accepted-mime-types).
const (
	maxPicture = 5 << 20
	maxOther   = 500 << 10
)

// fits implements Provider.Fits.
func fits(files []models.Attachment) error {
	if len(files) > maxFiles {
		return models.FieldError("attachment_ids", "A text message carries at most %d files; these are %d. Take some off, or send them by email.", maxFiles, len(files))
	}
	for _, f := range files {
		switch f.Type {
		case "image/jpeg", "image/jpg", "image/png", "image/gif":
			if f.Size > maxPicture {
				return models.FieldError("attachment_ids", "“%s” is larger than the 5 MB that a picture in a text message may have. Make it smaller, or send it by email.", f.Name)
			}
		default:
			if f.Size > maxOther {
				return models.FieldError("attachment_ids", "“%s” is larger than the 500 KB that a file in a text message may have; only JPEG, PNG and GIF pictures may have 5 MB. Send it by email.", f.Name)
			}
		}
	}
	return nil
}
