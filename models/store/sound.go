package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"gorm.io/gorm"
)

// bringBack ends every refusal of a database: it is never repaired in silence, and never replaced.
const bringBack = "Nothing was changed. Bring back your last backup with: onethread restore FILE --force"

// checkedAtStart is the size up to which a database is checked whole before it is opened. Larger ones
// are checked while the server runs (see WatchFile): one of a gigabyte would take seconds.
const checkedAtStart = 4 << 20 // bytes; a twentieth of a second

// inspect looks at the database file before anything may write to it, and refuses what is not a
// sound database of ours. A folder without one is made ready for a new one. While that is in the
// making a mark stands beside it: an empty file without the mark was something once.
func inspect(ctx context.Context, path string) error {
	making := exists(path + newMark) // looked at first: it goes when the database is complete
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return begin(path)
	case err != nil:
		return fmt.Errorf("the database %s cannot be read: %w. Allow this user to read and write it. %s", path, err, bringBack)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file but should be the database. %s", path, bringBack)
	case info.Size() == 0 && making:
		return nil
	case info.Size() == 0:
		return fmt.Errorf("the database %s is empty. %s", path, bringBack)
	}
	// What was cut off before the write-ahead log came into use (in the first start, or in the first after
	// a restore) is taken back by SQLite out of its journal, which takes a handle that may write.
	if sizeOf(path+"-journal") > 0 {
		return soundSchema(ctx, path, "rw", making)
	}
	if err := soundHeader(path); err != nil {
		return err
	}
	return soundSchema(ctx, path, "ro", making)
}

// newMark ends the name of the mark beside a database in the making.
const newMark = ".new"

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// begin prepares for a new database, unless what stands around shows that there was one.
func begin(path string) error {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("the database %s is missing, but its write-ahead log is there. Put it back if you moved it. %s", path, bringBack)
	}
	if kept, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "files", "[0-9a-f][0-9a-f]", "*")); len(kept) > 0 {
		return fmt.Errorf("the database %s is missing, but there are attachments beside it. Put it back if you moved it. %s", path, bringBack)
	}
	mark, err := os.OpenFile(path+newMark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written to: %w", filepath.Dir(path), err)
	}
	return errors.Join(mark.Close(), syncDir(filepath.Dir(path)))
}

// soundHeader checks the first hundred bytes (SQLite's file format, section 1.3) against the file's size.
func soundHeader(path string) error {
	wal, err := os.Stat(path + "-wal") // before the header: with a log the file may be behind it
	logged := err == nil && wal.Size() > 0
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the database %s cannot be read: %w. Allow this user to read and write it. %s", path, err, bringBack)
	}
	defer f.Close()
	h := make([]byte, 100)
	if _, err := io.ReadFull(f, h); err != nil || !bytes.HasPrefix(h, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s is not a database, or its beginning is damaged. %s", path, bringBack)
	}
	page := int64(binary.BigEndian.Uint16(h[16:]))
	if page == 1 {
		page = 65536
	}
	if page < 512 || page&(page-1) != 0 || h[18] > 2 || h[19] > 2 || h[20] != 0 || h[21] != 64 || h[22] != 32 || h[23] != 32 || binary.BigEndian.Uint32(h[56:]) > 3 {
		return fmt.Errorf("the beginning of the database %s is damaged. %s", path, bringBack)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	counted := bytes.Equal(h[24:28], h[92:96]) // else the page count was not kept
	if pages := int64(binary.BigEndian.Uint32(h[28:])); !logged && (info.Size()%page != 0 || counted && info.Size() < pages*page) {
		return fmt.Errorf("the database %s was cut short: it has %d bytes of %d. %s", path, info.Size(), pages*page, bringBack)
	}
	return nil
}

// soundSchema reads what the database says of itself; through a handle in the mode "ro" nothing is written.
func soundSchema(ctx context.Context, path, mode string, making bool) error {
	db, err := openHandle("file:"+escaped(path)+"?mode="+mode+"&_pragma=busy_timeout(10000)", 1)
	if err != nil {
		return damaged(err)
	}
	return errors.Join(readSchema(db.WithContext(ctx), path, making), closeHandle(db))
}

func readSchema(db *gorm.DB, path string, making bool) error {
	var about struct{ Version, Ours, Tables, Pages, Size int64 }
	err := db.Raw(`SELECT (SELECT user_version FROM pragma_user_version) AS version, (SELECT page_count FROM pragma_page_count) AS pages,
		(SELECT page_size FROM pragma_page_size) AS size, count(*) AS tables, count(CASE WHEN name IN ('events','customers','receipts') THEN 1 END) AS ours
		FROM sqlite_master WHERE type = 'table'`).Scan(&about).Error
	if err != nil {
		return damaged(err)
	}
	if about.Version == 0 && about.Tables == 0 && making {
		return nil
	}
	if about.Version == 0 || about.Ours < 3 {
		return fmt.Errorf("%s is a database, but not one of Onethread. %s", path, bringBack)
	}
	if has := sizeOf(path) + sizeOf(path+"-wal"); has < about.Pages*about.Size {
		return fmt.Errorf("the database %s was cut short: it has %d bytes of %d. %s", path, has, about.Pages*about.Size, bringBack)
	}
	if about.Pages*about.Size > checkedAtStart {
		return nil
	}
	if found, err := integrity(db, 1); err != nil {
		return damaged(err)
	} else if found != "" {
		return fmt.Errorf("the database %s is damaged (%s). %s", path, found, bringBack)
	}
	return nil
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// inOneLine shortens what SQLite says about damage: it quotes the damaged schema, line breaks and all.
func inOneLine(said string) string {
	said = strings.Join(strings.FieldsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }), " ")
	if r := []rune(said); len(r) > 160 {
		return string(r[:160]) + "…"
	}
	return said
}

// integrity tells what SQLite finds wrong with the file, up to so many findings; nothing is "". Its
// quick check takes nine tenths of the time and sees no damage in indexes.
func integrity(db *gorm.DB, most int) (string, error) {
	var rows []string
	if err := db.Raw(fmt.Sprintf("PRAGMA integrity_check(%d)", most)).Scan(&rows).Error; err != nil {
		return "", err
	}
	if len(rows) == 1 && rows[0] == "ok" {
		return "", nil
	}
	return inOneLine(strings.Join(rows, "; ")), nil
}
