package privacy

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"
	"time"
	"unicode"

	"onethread/models"
	"onethread/models/store"
)

// atOnce is how many events, orders or originals an export holds in memory.
const atOnce = 200

// ExportOf finds whose data an export with this id holds: the customer it was merged into, if it was.
func (p *Privacy) ExportOf(ctx context.Context, customer models.ID) (models.Customer, error) {
	return store.Living(p.st.Read(ctx), customer)
}

// Export writes a ZIP of everything that is kept of a customer: data.json, thread.html to read, the files
// of their messages and the originals of what they sent (docs/privacy.md describes it). What others wrote
// into their conversations keeps its place without its words and files. It streams: memory does not
// grow with the thread.
func (p *Privacy) Export(ctx context.Context, customer models.ID, w io.Writer) error {
	q := p.st.Read(ctx)
	c, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	e := export{Privacy: p, q: q, c: c, zip: zip.NewWriter(w), at: p.st.Now()}
	for _, part := range []func() error{e.data, e.page, e.files, e.originals} {
		if err := part(); err != nil {
			return err
		}
	}
	return e.zip.Close()
}

type export struct {
	*Privacy
	q   store.Q
	c   models.Customer
	zip *zip.Writer
	at  models.Time
}

func (e *export) create(name string) (io.Writer, error) {
	return e.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.at.Std()})
}

// each hands over the thread's entries, oldest first.
func (e *export) each(do func(store.Entry) error) error {
	var at models.Time
	var last models.ID
	for first := true; ; first = false {
		if first {
			at, last = -1<<62, 0
		}
		page, err := store.Span(e.q, e.c.ID, at, last, atOnce)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, x := range page {
			at, last = x.OccurredAt, x.ID
			if err := do(x); err != nil {
				return err
			}
		}
	}
}

// foreign tells what somebody in copy wrote: it is theirs.
func foreign(x store.Entry) bool {
	var d models.MessageData
	return x.Kind == models.KindMessage && json.Unmarshal([]byte(x.Data), &d) == nil && d.Participant
}

// fileOf is where the content of an attachment lies in the archive.
func fileOf(a models.Attachment) string {
	return "attachments/" + a.ID.String() + "-" + safeName(a.Name, a.Type)
}

// safeName makes a name that every file system takes: letters, digits and a few signs, at most 80 bytes.
func safeName(name, mediaType string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.() ", r) {
			return r
		}
		return '_'
	}, name)
	ext := path.Ext(name)
	if len(ext) > 12 {
		ext = ""
	}
	if name = strings.Trim(strings.TrimSuffix(name, ext), ". "); name == "" {
		name = "file"
		if found, _ := mime.ExtensionsByType(mediaType); ext == "" && len(found) > 0 {
			ext = found[0]
		}
	}
	for len(name) > 80-len(ext) {
		name = strings.ToValidUTF8(name[:80-len(ext)], "")
	}
	return name + ext
}

// files adds the content of the messages' files; one that is missing is left out, data.json names it still.
func (e *export) files() error {
	return e.each(func(x store.Entry) error {
		if foreign(x) {
			return nil
		}
		for _, a := range x.Attachments {
			if a.SHA256 == "" {
				continue
			}
			in, err := e.st.Files.Open(a.SHA256)
			if models.IsCode(err, models.NotFound) {
				continue
			}
			if err == nil {
				err = e.copy(fileOf(a), in)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *export) copy(name string, in io.ReadCloser) error {
	defer in.Close()
	out, err := e.create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}

// originals adds what arrived as it came.
func (e *export) originals() error {
	for after := models.ID(0); ; {
		page, err := store.RawsOf(e.q, e.c.ID, after, atOnce)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			after = r.ReceiptID
			in, err := e.st.OpenRaw(e.q, r)
			if models.IsCode(err, models.NotFound) {
				continue
			}
			if err == nil {
				err = e.copy(fmt.Sprintf("originals/%s%s", r.ReceiptID, extension(r.Type)), in)
			}
			if err != nil {
				return err
			}
		}
	}
}

func extension(mediaType string) string {
	switch {
	case mediaType == "message/rfc822":
		return ".eml"
	case strings.HasSuffix(mediaType, "json"):
		return ".json"
	}
	return ".txt"
}

// ExportName is what a customer's export is called.
func ExportName(c models.Customer, now time.Time) string {
	return fmt.Sprintf("customer-%s-%s.zip", c.ID, now.UTC().Format("2006-01-02"))
}
