package woocommerce

import (
	"time"

	"onethread/models"
)

// moment reads a clock of a *_gmt field, which is UTC and does not say so; anything else is not set.
func moment(t models.Tree) models.Time {
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, time.DateTime} {
		if at, err := time.Parse(layout, t.Text()); err == nil && at.Unix() > 0 {
			return models.At(at)
		}
	}
	return 0
}

// changed is an object's own clock: one that was never changed has only its beginning.
func changed(t models.Tree) models.Time {
	if at := moment(t.At("date_modified_gmt")); at != 0 {
		return at
	}
	return moment(t.At("date_created_gmt"))
}
