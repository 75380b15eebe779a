package inbox

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Settings of the shop that the inbox obeys, with their defaults.
const (
	settingReopenHours = "reopen_hours" // an inbound message within this many hours of closing re-opens (24)
	settingCountry     = "country"      // ISO 3166 alpha-2, for phones written without it
	settingThanks      = "bare_thanks"  // "1": a message that only says thanks opens nothing
)

const (
	defaultReopen = 24
	longestReopen = 24 * 365 // hours
)

// Settings are how the shop wants its inbox to work.
type Settings struct {
	Country     string // ISO 3166 alpha-2, in capitals; "" = phones must be written with theirs
	ReopenHours int    // a message within so many hours of closing re-opens, 0–8760
	BareThanks  bool   // a message that only says thanks opens nothing
}

// Settings reads them.
func (b *Inbox) Settings(ctx context.Context) (Settings, error) {
	q := b.st.Read(ctx)
	where, _, err := store.Setting(q, settingCountry)
	if err != nil {
		return Settings{}, err
	}
	window, err := b.reopenWindow(q)
	if err != nil {
		return Settings{}, err
	}
	thanks, _, err := store.Setting(q, settingThanks)
	return Settings{Country: where, ReopenHours: int(window / time.Hour), BareThanks: thanks == "1"}, err
}

var countryCode = regexp.MustCompile(`^([A-Z]{2})?$`)

// SaveSettings changes them. They count from the next message on.
func (b *Inbox) SaveSettings(ctx context.Context, s Settings) error {
	if !countryCode.MatchString(s.Country) {
		return models.FieldError("country", "%q is no country. Give its two letters, PT for Portugal for example.", s.Country)
	}
	if s.ReopenHours < 0 || s.ReopenHours > longestReopen {
		return models.FieldError("reopen_hours", "Choose from 0 hours to %d (a year).", longestReopen)
	}
	thanks := ""
	if s.BareThanks {
		thanks = "1"
	}
	return b.st.Write(ctx, func(tx *store.Tx) error {
		for key, value := range map[string]string{settingCountry: s.Country, settingReopenHours: strconv.Itoa(s.ReopenHours), settingThanks: thanks} {
			if err := store.SetSetting(tx, key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *Inbox) reopenWindow(q store.Q) (time.Duration, error) {
	text, ok, err := store.Setting(q, settingReopenHours)
	if err != nil || !ok {
		return defaultReopen * time.Hour, err
	}
	hours, err := strconv.Atoi(text)
	if err != nil || hours < 0 {
		return defaultReopen * time.Hour, nil
	}
	return time.Duration(hours) * time.Hour, nil
}

// country is read only where a phone number needs it.
func country(q store.Q, hints []models.Hint) (string, error) {
	for _, h := range hints {
		if h.Kind == models.PhoneIdentity || h.Kind == "whatsapp" {
			text, _, err := store.Setting(q, settingCountry)
			return text, err
		}
	}
	return "", nil
}
