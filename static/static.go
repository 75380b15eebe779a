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
	"io"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"
)

//go:embed dist
var dist embed.FS

// Asset is one built file as it is sent. It is read and compressed when it is first asked for.
type Asset struct {
	Type string        // media type with charset
	Hash string        // what ?v= must be for the answer to be cacheable for ever
	Body func() []byte // as it was built
	Gzip func() []byte // nil where compression gains nothing
}

var assets = load()

func load() map[string]Asset {
	all := map[string]Asset{}
	_ = fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		hash, err := hashOf(name)
		body := sync.OnceValue(func() []byte { b, _ := dist.ReadFile(name); return b }) // it is embedded: there is no error
		all[strings.TrimPrefix(name, "dist/")] = Asset{Type: mediaType(name), Hash: hash, Body: body, Gzip: sync.OnceValue(func() []byte { return packed(body()) })}
		return err
	})
	return all
}

func hashOf(name string) (string, error) {
	f, err := dist.Open(name)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}

func packed(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one there is
	_, _ = z.Write(body)                                    // a buffer refuses nothing
	_ = z.Close()
	if out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
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
