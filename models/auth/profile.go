package auth

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/store"
)

// What a member of staff may choose for themselves.
var (
	Themes      = []string{"auto", "light", "dark"}
	UndoSeconds = []int{0, 5, 10, 30}
)

// SetProfile changes what people may change about themselves: name, colours and how long a sent
// email can be called back.
func (a *Auth) SetProfile(ctx context.Context, user models.ID, name, theme string, undoSeconds int) error {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > 100:
		return models.FieldError("name", "Give a name of 1 to 100 characters.")
	case !slices.Contains(Themes, theme):
		return models.FieldError("theme", "Choose auto, light or dark.")
	case !slices.Contains(UndoSeconds, undoSeconds):
		return models.FieldError("undo_seconds", "Choose 0, 5, 10 or 30 seconds.")
	}
	return a.st.Write(ctx, func(tx *store.Tx) error { return store.SetProfile(tx, user, name, theme, undoSeconds) })
}

// maxSignature is the longest signature, in characters.
const maxSignature = 2000

// SetSignature changes what stands below the mails that a user writes: plain text; empty = the channel's.
func (a *Auth) SetSignature(ctx context.Context, user models.ID, text string) error {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "\uFFFD")))
	if utf8.RuneCountInString(text) > maxSignature {
		return models.FieldError("signature", "The signature is longer than %d characters. Shorten it.", maxSignature)
	}
	return a.st.Write(ctx, func(tx *store.Tx) error { return store.SetSignature(tx, user, text) })
}
