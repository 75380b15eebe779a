// Package static holds what browsers download: the built scripts, styles and icons.
// Sources are in src, the built files in dist; both are committed, so that running the
// program needs neither Node nor the builder.
package static

//go:generate go test -count=1 -run TestAssets . -update

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// Asset is one built file as it is sent.
type Asset struct {
	Body []byte
	Gzip []byte // nil where compression gains nothing
	Type string // media type with charset
	Hash string // what ?v= must be for the answer to be cacheable for ever
}

var assets = load()

func load() map[string]Asset {
	all := map[string]Asset{}
	z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // one for all: each takes most of a megabyte
	_ = fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := dist.ReadFile(name)
		if err == nil {
			all[strings.TrimPrefix(name, "dist/")] = newAsset(z, name, body)
		}
		return err
	})
	return all
}

func newAsset(z *gzip.Writer, name string, body []byte) Asset {
	sum := sha256.Sum256(body)
	a := Asset{Body: body, Type: mediaType(name), Hash: hex.EncodeToString(sum[:6])}
	var packed bytes.Buffer
	z.Reset(&packed)
	_, _ = z.Write(body)
	_ = z.Close()
	if packed.Len() < len(body) {
		a.Gzip = packed.Bytes()
	}
	return a
}

// mediaType does not ask the system's tables alone: they differ between machines.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// Find gives a built file by its path below dist ("app.js"). What is not in the table does
// not exist: there is no file system behind it to climb out of.
func Find(name string) (Asset, bool) {
	a, ok := assets[name]
	return a, ok
}

// URL is the address of a built file with its hash, to be cached for ever.
func URL(name string) string {
	return "/static/dist/" + name + "?v=" + assets[name].Hash
}
