package mime

import (
	"net/mail"
	"strings"
	"time"
)

// dateLayouts are forms of Date that RFC 5322 does not know and senders use.
var dateLayouts = []string{
	time.RFC3339, time.ANSIC, time.UnixDate, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05",
	"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 06 15:04:05 -0700",
	"Mon 2 Jan 2006 15:04:05 -0700", "Mon, 2 January 2006 15:04:05 -0700", "02/01/2006 15:04:05",
}

// parseDate reads a Date field; the zero time means that it makes no sense.
func parseDate(field string) time.Time {
	field, _ = CutComments(field)
	field = strings.Join(strings.Fields(field), " ")
	if len(field) > 100 || field == "" {
		return time.Time{}
	}
	t, err := mail.ParseDate(field)
	for i := 0; err != nil && i < len(dateLayouts); i++ {
		t, err = time.Parse(dateLayouts[i], field)
	}
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
