package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"onethread/models"
)

// DropUnnamed takes stored contents away at once where nothing names them any more. It asks inside a
// write, which no other can overtake: who is about to name one finds it gone (Tx.Holds).
func (s *Store) DropUnnamed(ctx context.Context, sums []string) error {
	const atOnce = 500
	for len(sums) > 0 {
		n := min(atOnce, len(sums))
		err := s.Write(ctx, func(tx *Tx) error {
			gone, err := Unnamed(tx, sums[:n])
			for _, sum := range gone {
				err = errors.Join(err, s.Files.Drop(sum, time.Now().Add(time.Hour)))
			}
			return err
		})
		if err != nil {
			return err
		}
		sums = sums[n:]
	}
	return nil
}

// DropOrphans takes away stored contents that nothing names, last put before the given moment: a crash
// between a file and its row leaves them behind.
func (s *Store) DropOrphans(ctx context.Context, before time.Time) error {
	var sums []string
	err := filepath.WalkDir(s.Files.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), unfinished) {
			return err
		}
		if info, err := d.Info(); err == nil && info.ModTime().Before(before) {
			sums = append(sums, filepath.Base(filepath.Dir(path))+d.Name())
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return s.DropUnnamed(ctx, sums)
}

// settingCompacted is set once the database was written anew by a version that overwrites what it deletes.
const settingCompacted = "deleted_is_overwritten"

// mostTries and tryAgain are for readers that still look at what was: the log cannot be emptied meanwhile.
const (
	mostTries = 50
	tryAgain  = 100 * time.Millisecond
)

// Purge makes what was deleted unreadable in the database's files: it overwrites free pages and empties
// the write-ahead log. A database that an earlier version has written in is compacted first, once, which
// takes about ten seconds a gigabyte. It is Unavailable while somebody reads for long (a backup).
func (s *Store) Purge(ctx context.Context) error {
	_, done, err := Setting(s, settingCompacted)
	if err != nil {
		return err
	}
	if !done {
		if err := s.compact(ctx); err != nil {
			return err
		}
	}
	if err := s.blankFree(ctx); err != nil {
		return err
	}
	for range mostTries {
		var busy, log, checkpointed int
		if err := s.alone(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, &log, &checkpointed); err != nil && !locked(err) {
			return err
		} else if err == nil && busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tryAgain):
		}
	}
	return models.Errorf(models.Unavailable, "It is erased, but its traces in the database's log could not be overwritten yet, because something (a backup?) is reading the database. It is tried again within the hour.")
}

// ToCompact is how large the database is (bytes) if the first erasure has to write it anew, else zero.
func ToCompact(q Q) (int64, error) {
	if _, done, err := Setting(q, settingCompacted); err != nil || done {
		return 0, err
	}
	return scalar[int64](raw(q.db(), "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
}

// compact writes the whole database anew, without anything that was deleted before.
func (s *Store) compact(ctx context.Context) error {
	for _, t := range searched {
		if err := s.alone(ctx, "INSERT INTO "+t.fts+"("+t.fts+") VALUES ('optimize')"); err != nil {
			return s.noted(err)
		}
	}
	if err := s.alone(ctx, "VACUUM"); err != nil {
		return s.noted(err)
	}
	return s.Write(ctx, func(tx *Tx) error { return SetSetting(tx, settingCompacted, "1") })
}

// blankFree overwrites the pages that hold nothing any more, by using and freeing them again.
func (s *Store) blankFree(ctx context.Context) error {
	return s.Write(ctx, func(tx *Tx) error {
		free, err := scalar[int](raw(tx.g, "SELECT freelist_count FROM pragma_freelist_count"))
		if err != nil || free == 0 {
			return err
		}
		return run(tx, []string{"PRAGMA secure_delete = ON", "CREATE TABLE blanks (page BLOB) STRICT",
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @free)
				INSERT INTO blanks SELECT zeroblob((SELECT page_size FROM pragma_page_size) - 100) FROM n`,
			"DROP TABLE blanks", "PRAGMA secure_delete = FAST"}, map[string]any{"free": free})
	})
}

// Mentions finds the inbound events that led to no event of anybody's and whose original holds one of
// the needles (lower case; phones as digits alone, with their +): records of people in stores, orders
// that were deleted, and what could not be read.
func (s *Store) Mentions(ctx context.Context, needles []string) ([]models.ID, error) {
	if len(needles) == 0 {
		return nil, nil
	}
	db := s.r.WithContext(ctx)
	var all, found []models.ID
	err := db.Raw(`SELECT id FROM receipts WHERE event_id IS NULL
		UNION SELECT r.id FROM events e JOIN receipts r ON r.event_id = e.id WHERE e.kind = 'unreadable' AND e.customer_id IS NULL`).Scan(&all).Error
	const atOnce = 100
	for ; err == nil && len(all) > 0; all = all[min(atOnce, len(all)):] {
		var page []struct {
			ReceiptID models.ID
			Encoding  string
			Body      []byte
		}
		if err := db.Raw("SELECT receipt_id, encoding, body FROM raws WHERE receipt_id IN ?", all[:min(atOnce, len(all))]).Scan(&page).Error; err != nil {
			return nil, err
		}
		for _, r := range page {
			if held, err := s.holdsAny(r.Encoding, r.Body, needles); err != nil {
				return nil, err
			} else if held {
				found = append(found, r.ReceiptID)
			}
		}
	}
	return found, err
}

// mostSearched bounds how much of an original is looked through, in bytes.
const mostSearched = 64 << 20

func (s *Store) holdsAny(encoding string, body []byte, needles []string) (bool, error) {
	in, err := s.unpack(encoding, body)
	if models.IsCode(err, models.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer in.Close()
	all, err := io.ReadAll(io.LimitReader(in, mostSearched))
	if err != nil {
		return false, nil // damaged: nobody can read it either
	}
	text := strings.ToLower(string(all))
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("()-./", r) {
			return -1
		}
		return r
	}, text)
	for _, n := range needles {
		if strings.Contains(text, n) || strings.HasPrefix(n, "+") && strings.Contains(digits, n) {
			return true, nil
		}
	}
	return false, nil
}
