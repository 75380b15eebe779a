// Package models holds the words of the domain: types and constants that every
// other package shares. It does no I/O and imports the standard library only.
//
// The words mean what docs/model.md says they mean: one Customer has exactly one
// thread; a thread is made of immutable Events; a Conversation is a span of it.
package models

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"
)

// ID is a row's number in the database. The API shows IDs as strings; customers
// never see one (what they see in URLs is a random token). Zero means "none".
type ID int64

// Scan reads a nullable integer column; NULL becomes zero.
func (id *ID) Scan(v any) error {
	n, err := scanInt(v)
	*id = ID(n)
	return err
}

// Value writes zero as NULL, so that an absent reference satisfies its foreign key.
func (id ID) Value() (driver.Value, error) {
	if id == 0 {
		return nil, nil
	}
	return int64(id), nil
}

// String is the ID as the API shows it; empty for none.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// ParseID reads an ID as the API shows it. Anything that is not a positive number is a NotFound
// error: an id nobody was given leads nowhere.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, Errorf(NotFound, "There is nothing with the id %q.", s)
	}
	return ID(n), nil
}

// Time is a moment in milliseconds since 1970-01-01 UTC, as the database stores it.
// Zero means "not set" and is stored as NULL.
type Time int64

// At converts a time.Time, cutting it to whole milliseconds. The zero time.Time becomes zero.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMilli())
}

// Std returns the moment as a time.Time in UTC; the zero Time gives the zero time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Add moves the moment by d (cut to milliseconds).
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// Sub returns t − u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Millisecond }

// IsZero tells whether the moment is not set.
func (t Time) IsZero() bool { return t == 0 }

// String formats as RFC 3339 in UTC with milliseconds; empty when not set.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Std().Format("2006-01-02T15:04:05.000Z07:00")
}

// MarshalJSON writes an RFC 3339 string, or null when not set.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return []byte(`"` + t.String() + `"`), nil
}

// UnmarshalJSON reads an RFC 3339 string; null and "" mean not set.
func (t *Time) UnmarshalJSON(b []byte) error {
	s := string(b)
	if s == "null" || s == `""` {
		*t = 0
		return nil
	}
	std, err := time.Parse(`"`+time.RFC3339+`"`, s)
	if err != nil {
		return fmt.Errorf("%s is not an RFC 3339 time such as 2026-11-20T10:31:00Z", s)
	}
	*t = At(std)
	return nil
}

// Scan reads an INTEGER column of milliseconds; NULL becomes zero.
func (t *Time) Scan(v any) error {
	n, err := scanInt(v)
	*t = Time(n)
	return err
}

// Value writes milliseconds, or NULL when not set.
func (t Time) Value() (driver.Value, error) {
	if t == 0 {
		return nil, nil
	}
	return int64(t), nil
}

func scanInt(v any) (int64, error) {
	switch n := v.(type) {
	case nil:
		return 0, nil
	case int64:
		return n, nil
	}
	return 0, fmt.Errorf("expected an integer column, got %T", v)
}
