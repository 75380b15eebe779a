package store

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"onethread/models"
)

// IntegrityCheck asks SQLite whether the database file is sound.
func IntegrityCheck(ctx context.Context, s *Store) error {
	found, err := integrity(s.r.WithContext(ctx), 5)
	if err != nil {
		return damaged(err)
	}
	if found != "" {
		return fmt.Errorf("the database file is damaged: %s. Bring back your last backup: onethread restore FILE --force", found)
	}
	return nil
}

// LastEventAt is when the newest event was stored; zero while there is none.
func LastEventAt(q Q) (models.Time, error) {
	return scalar[models.Time](raw(q.db(), "SELECT max(created_at) FROM (SELECT created_at FROM events ORDER BY id DESC LIMIT 1)"))
}

// Backup writes a gzipped tar of a consistent copy of the database and of every stored file, while
// others go on writing. Files are immutable and written before the rows that name them, so those
// copied after the database are all that it refers to. The secret key is not in it. It returns
// how many files it holds; an unfinished backup is not left behind.
func Backup(ctx context.Context, s *Store, path string) (files int, err error) {
	dir, err := os.MkdirTemp(s.dir, unfinished+"*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "onethread.db")
	if err := s.copyDatabase(ctx, copied); err != nil {
		return 0, err
	}
	out, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path+".part"))
		}
	}()
	files, err = writeArchive(out, copied, s.Files.dir)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return 0, err
	}
	return files, syncDir(filepath.Dir(path))
}

// DropUnfinished takes away the folders that broken-off backups and restores have left in the data
// folder, made before the given moment.
func (s *Store) DropUnfinished(before time.Time) error {
	return dropUnfinished(s.dir, before)
}

func writeArchive(out io.Writer, database, dir string) (files int, err error) {
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	archive := tar.NewWriter(zip)
	if err := addFile(archive, "onethread.db", database); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), unfinished) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files++
		return addFile(archive, "files/"+filepath.ToSlash(name), path)
	})
	return files, errors.Join(err, archive.Close(), zip.Close())
}

func addFile(archive *tar.Writer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o600, ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// storedFile is what a backup may hold beside the database: files by their SHA-256.
var storedFile = regexp.MustCompile(`^files/[0-9a-f]{2}/[0-9a-f]{62}$`)

// Restore brings a backup back into dir. Without force it refuses a folder that holds a database;
// with it the old database is kept beside the new one. Nothing is replaced before the whole backup
// was read and every file's content matched its name.
func Restore(ctx context.Context, dir, path string, force bool) error {
	database := filepath.Join(dir, "onethread.db")
	_, err := os.Stat(database)
	if err == nil && !force {
		return fmt.Errorf("%s holds a database already; add --force to replace it (the old one is kept beside it)", dir)
	}
	fresh, err := os.MkdirTemp(dir, unfinished+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := readArchive(ctx, path, fresh); err != nil {
		return fmt.Errorf("the backup %s cannot be used: %w. Nothing was changed", path, err)
	}
	if err := soundCopy(filepath.Join(fresh, "onethread.db")); err != nil {
		return fmt.Errorf("the database in the backup %s is damaged: %w. Nothing was changed", path, err)
	}
	return swapIn(dir, fresh, database)
}

func readArchive(ctx context.Context, path, into string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	zip, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	archive := tar.NewReader(zip)
	found := false
	for ctx.Err() == nil {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			if !found {
				return errors.New("it holds no database")
			}
			return nil
		}
		if err != nil {
			return err
		}
		found = found || h.Name == "onethread.db"
		if h.Name != "onethread.db" && !storedFile.MatchString(h.Name) {
			return fmt.Errorf("it holds %q, which no backup of ours does", h.Name)
		}
		if err := extract(archive, filepath.Join(into, filepath.FromSlash(h.Name)), h.Name); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func extract(r io.Reader, path, name string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), r)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); name != "onethread.db" && strings.ReplaceAll(strings.TrimPrefix(name, "files/"), "/", "") != sum {
		return fmt.Errorf("the content of %s does not match its name", name)
	}
	return nil
}

func soundCopy(path string) error {
	db, err := openHandle("file:"+path+"?mode=ro", 1)
	if err != nil {
		return err
	}
	var rows []string
	err = db.Raw("PRAGMA integrity_check(1)").Scan(&rows).Error
	if err == nil && (len(rows) != 1 || rows[0] != "ok") {
		err = errors.New(strings.Join(rows, "; "))
	}
	return errors.Join(err, closeHandle(db))
}

// swapIn puts the restored files in their place: files first (they are named by content, so none
// is overwritten by another), the database last.
func swapIn(dir, fresh, database string) error {
	err := filepath.WalkDir(filepath.Join(fresh, "files"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(fresh, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		return os.Rename(path, to)
	})
	if err != nil {
		return err
	}
	kept := fmt.Sprintf("%s.replaced-%d", database, time.Now().Unix())
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(database+suffix, kept+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(filepath.Join(fresh, "onethread.db"), database); err != nil {
		return err
	}
	return syncDir(dir)
}
