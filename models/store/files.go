package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"onethread/models"
)

// Files keeps attachments and large raw bodies under the data folder, named by their SHA-256.
// A file's own name is never part of a path.
type Files struct {
	dir   string
	place sync.Mutex        // held while content is put in its place or taken away
	noted func(error) error // gives people's words to a failed Put, and remembers a full disk
}

func openFiles(dir string, noted func(error) error) (*Files, error) {
	return &Files{dir: dir, noted: noted}, os.MkdirAll(dir, 0o700)
}

// Put stores what r gives and returns its hash (hex) and size in bytes. When it returns, the file
// and its folder entry are on disk. Content that is already there is replaced by its equal, so that
// a file's age is that of its last Put (see Drop). A full or failing disk is Unavailable.
func (f *Files) Put(r io.Reader) (sum string, size int64, err error) {
	defer func() {
		if err != nil {
			err = f.noted(onDisk(err))
		}
	}()
	tmp, err := os.CreateTemp(f.dir, unfinished+"*")
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
	if err := f.rename(tmp.Name(), path); err != nil {
		return "", 0, err
	}
	return sum, size, errors.Join(syncDir(filepath.Dir(path)), syncDir(f.dir))
}

func (f *Files) rename(from, to string) error {
	f.place.Lock()
	defer f.place.Unlock()
	return os.Rename(from, to)
}

// Drop takes stored content away, unless it was put (again) since the given moment: whoever puts
// content records it in the database only afterwards. Content that is not there is no error.
func (f *Files) Drop(sum string, since time.Time) error {
	path, ok := f.path(sum)
	if !ok {
		return models.Errorf(models.NotFound, "There is no such file.")
	}
	f.place.Lock()
	defer f.place.Unlock()
	return dropOld(path, since)
}

// Holds fails as Unavailable when content is not there any more: an erasure has just taken it away, and
// whoever was about to name it has to put it again. The empty hash names nothing.
func (tx *Tx) Holds(sum string) error {
	path, ok := tx.store.Files.path(sum)
	if sum == "" || ok && exists(path) {
		return nil
	}
	return &models.Error{Code: models.Unavailable, After: time.Second, Message: "A file was removed while it was being stored. Try again."}
}

// DropUnfinished takes away what uploads that broke off have left behind, last written to before the
// given moment.
func (f *Files) DropUnfinished(before time.Time) error {
	return dropUnfinished(f.dir, before)
}

// unfinished is how the names of files and folders begin until they are complete.
const unfinished = "tmp-"

func dropUnfinished(dir string, before time.Time) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) {
			err = errors.Join(err, dropOld(filepath.Join(dir, e.Name()), before))
		}
	}
	return err
}

// dropOld removes a file or folder that was last changed before the given moment.
func dropOld(path string, before time.Time) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || !info.ModTime().Before(before) {
		return err
	}
	return os.RemoveAll(path)
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
