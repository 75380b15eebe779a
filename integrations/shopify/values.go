package shopify

import (
	"strings"
	"time"

	"onethread/models"
)

// id reads an object's id, which Shopify writes as a number or as gid://shopify/Order/450789469.
func id(t models.Tree) string {
	s := t.ID()
	return s[strings.LastIndexByte(s, '/')+1:]
}

// moment reads RFC 3339; anything else is not set.
func moment(s string) models.Time {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || at.UnixMilli() <= 0 {
		return 0
	}
	return models.At(at)
}
