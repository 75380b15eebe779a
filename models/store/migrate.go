package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"gorm.io/gorm"
	ms "modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed search.sql
var searchSchema string

// migrate brings the schema up to date: numbered SQL files, each in one transaction, recorded in
// PRAGMA user_version. Before an upgrade the database is copied beside itself.
func migrate(ctx context.Context, db *gorm.DB, path string, now time.Time) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	db = db.WithContext(ctx)
	var have int
	if err := db.Raw("PRAGMA user_version").Scan(&have).Error; err != nil {
		return damaged(err)
	}
	if have > len(files) {
		return fmt.Errorf("this database was written by a newer version of Onethread (schema %d, this program knows %d). Start that version, or bring back a backup made by this one with: onethread restore FILE --force", have, len(files))
	}
	if have > 0 && have < len(files) {
		if err := snapshot(db, path, have, now); err != nil {
			return err
		}
	}
	for n := have; n < len(files); n++ {
		if err := step(db, files[n], n+1); err != nil {
			return fmt.Errorf("upgrading the database to schema %d: %w", n+1, damaged(err))
		}
	}
	if err := ensureSearch(db); err != nil {
		return damaged(err)
	}
	if have > 0 {
		return nil
	}
	// Nothing was ever deleted here by a version that does not overwrite it: see Purge.
	return damaged(db.Exec("INSERT INTO settings(key, value) VALUES (?, '1')", settingCompacted).Error)
}

func step(db *gorm.DB, file string, version int) error {
	sql, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	return db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec(string(sql)).Error; err != nil {
			return err
		}
		return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error
	})
}

func snapshot(db *gorm.DB, path string, version int, now time.Time) error {
	copyPath := fmt.Sprintf("%s.before-%d-%s", path, version+1, now.UTC().Format("20060102-150405"))
	if err := db.Exec("VACUUM INTO ?", copyPath).Error; err != nil {
		return errors.Join(fmt.Errorf("copying the database before its upgrade: %w", err), os.Remove(copyPath))
	}
	return os.Chmod(copyPath, 0o600)
}

// ensureSearch creates the full-text tables and their triggers where they are missing; it may
// run at every start.
func ensureSearch(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec(searchSchema).Error; err != nil {
			return err
		}
		for _, t := range searched {
			// What leaves search leaves the file as well, at once; small indexes wait for TidySearch.
			for option, want := range map[string]int{"secure-delete": 1, "automerge": 16} {
				is, err := scalar[int](tx.Raw("SELECT v FROM "+t.fts+"_config WHERE k = ?", option))
				if err == nil && is != want {
					err = tx.Exec("INSERT INTO "+t.fts+"("+t.fts+", rank) VALUES (?, ?)", option, want).Error
				}
				if err != nil {
					return err
				}
			}
		}
		return indexMessages(tx)
	})
}

func damaged(err error) error {
	if err == nil {
		return nil
	}
	var e *ms.Error
	switch {
	case locked(err):
		return errors.New("the database is busy with another program (a backup, a database tool). Try again when that has ended")
	case errors.As(err, &e) && e.Code()&0xff == 8: // SQLITE_READONLY
		return fmt.Errorf("the database cannot be written to: %w. Allow this user to read and write it and the files beside it whose names begin alike. %s", err, bringBack)
	case isDamage(err):
		return fmt.Errorf("the database is damaged: %s. %s", inOneLine(err.Error()), bringBack)
	}
	return fmt.Errorf("the database cannot be opened: %w. If disk and permissions are in order, bring back your last backup with: onethread restore FILE --force", err)
}
