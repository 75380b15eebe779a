package twilio

import (
	"slices"
	"strings"

	"onethread/models"
)

// The words that carriers and Twilio act on when they are the whole message
// (help.twilio.com "Twilio support for opt-out keywords"; REVOKE and OPTOUT since April 2025).
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"}
	startWords = []string{"START", "YES", "UNSTOP"}
)

// consentOf reads what a message means to the carrier: opted_out, opted_in, or nothing. What Twilio
// says of it counts before the words. On a toll-free number, where carriers do the blocking, YES
// does not end it.
func consentOf(body, optOut, number string) string {
	switch strings.ToUpper(strings.TrimSpace(optOut)) {
	case "STOP":
		return models.OptedOutState
	case "START":
		return models.OptedInState
	case "HELP":
		return ""
	}
	if len(body) > 64 {
		return ""
	}
	word := strings.ToUpper(strings.Join(strings.Fields(body), " "))
	switch {
	case slices.Contains(stopWords, word):
		return models.OptedOutState
	case word == "YES" && tollFree(number):
		return ""
	case slices.Contains(startWords, word):
		return models.OptedInState
	}
	return ""
}

// tollFree tells the toll-free numbers of the North American numbering plan (FCC: 800, 833, 844,
// 855, 866, 877, 888).
func tollFree(number string) bool {
	return len(number) == 12 && slices.Contains([]string{"+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"}, number[:5])
}
