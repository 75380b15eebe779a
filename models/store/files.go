package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"onethread/models"
)

// Files keeps attachments and large raw bodies under the data folder, named by their SHA-256.
// A file's own name is never part of a path.
type Files struct{ dir string }

func openFiles(dir string) (*Files, error) {
	return &Files{dir: dir}, os.MkdirAll(dir, 0o700)
}

// Put stores what r gives and returns its hash (hex) and size in bytes. When it returns, the file
// and its folder entry are on disk. Content that is already there is not written again.
func (f *Files) Put(r io.Reader) (sum string, size int64, err error) {
	tmp, err := os.CreateTemp(f.dir, "tmp-*")
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, hash), r)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return "", 0, err
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	path, _ := f.path(sum)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, err
	}
	return sum, size, errors.Join(syncDir(filepath.Dir(path)), syncDir(f.dir))
}

// Open opens stored content by its hash. A malformed or unknown hash is a NotFound error.
func (f *Files) Open(sum string) (*os.File, error) {
	path, ok := f.path(sum)
	if !ok {
		return nil, models.Errorf(models.NotFound, "There is no such file.")
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, models.Errorf(models.NotFound, "This file is no longer in the data folder.")
	}
	return file, err
}

func (f *Files) path(sum string) (string, bool) {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return "", false
	}
	return filepath.Join(f.dir, sum[:2], sum[2:]), true
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Token makes a random 128-bit token for URLs, 32 hexadecimal digits.
func Token() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}
