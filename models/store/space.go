package store

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"onethread/models"
)

// Space is the room on the data folder's disk, in bytes.
type Space struct {
	Free  int64
	Total int64
	Full  bool // there is none, or a write failed for want of it just now
}

const (
	lowSpace = 500 << 20 // bytes
	// fullFor is how long a disk counts as full after a write failed. SQLite goes on for a while in its
	// own files, so that between writes that fail others succeed.
	fullFor = 15 * time.Second
)

// Low tells when staff should be warned: less than 500 MB are free, or on a small disk less than a tenth.
func (s Space) Low() bool { return s.Full || s.Free < min(lowSpace, s.Total/10) }

// Space tells how much room the data folder's disk has.
func (s *Store) Space() (Space, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(s.dir, &fs); err != nil {
		return Space{}, err
	}
	failed := s.full.Load() || s.now().Sub(time.UnixMilli(s.fullAt.Load())) < fullFor
	return Space{Free: int64(fs.Bavail) * int64(fs.Bsize), Total: int64(fs.Blocks) * int64(fs.Bsize), Full: failed || fs.Bavail == 0}, nil
}

var errFull = &models.Error{Code: models.Unavailable, After: 30 * time.Second, Message: "The disk is full. Nothing was lost: free some space and it goes on by itself."}

// noted remembers whether the disk had room for a write and whether the file proved damaged, and
// gives people's words to why not.
func (s *Store) noted(err error) error {
	told := translate(err)
	if err == nil || told == error(errFull) {
		s.full.Store(err != nil)
	}
	if told == error(errFull) {
		s.fullAt.Store(s.now().UnixMilli())
	}
	if told == error(errDamaged) {
		s.damage.Store(true)
	}
	return told
}

// onDisk gives people's words to what a file system reports.
func onDisk(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errFull
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EROFS):
		return errDisk
	}
	return err
}

// probe writes something small, to learn whether the disk has room again: without it a quiet shop
// would go on reading that it has none.
func probe(tx *Tx) error { return SetSetting(tx, "probed_at", tx.Now().String()) }
