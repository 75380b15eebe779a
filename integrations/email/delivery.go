package email

import (
	"regexp"
	"strings"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// copiedID finds our Message-ID in the head of a mail that came back, where a provider had put one of its
// own in its place.
var copiedID = regexp.MustCompile(`(?im)^[ \t>]*` + idCopy + `:\s*<?([^<>\s]{3,900})`)

// maxSearched bounds how much of a report is searched for our Message-ID, in bytes.
const maxSearched = 256 << 10

// reportedID is the mail of ours that a machine's report is about; empty when it names none. A report that
// wraps others names several ids, and ours need not be the first.
func reportedID(auto mime.Automatic, raw []byte) string {
	if auto.Kind != "bounce" && auto.Kind != "delivered" {
		return ""
	}
	for _, id := range auto.MessageIDs {
		if ownID(id) {
			return id
		}
	}
	if match := copiedID.FindSubmatch(raw[:min(len(raw), maxSearched)]); match != nil && ownID(string(match[1])) {
		return string(match[1])
	}
	return ""
}

// deliveryReport is what a machine says became of a mail of ours: it came back, for good or not, or it
// arrived. Nil: it is about none of ours, or about a delay, after which anything can still happen, or it
// went on to where nothing more is told (relayed, expanded).
func deliveryReport(auto mime.Automatic, id string) *models.DeliveryIn {
	switch {
	case id == "" || auto.Action == "delayed":
		return nil
	case auto.Kind == "bounce":
		report := returned(auto)
		report.ProviderID = id
		return report
	case auto.Action == "delivered":
		return &models.DeliveryIn{ProviderID: id, State: models.DeliveryDelivered}
	}
	return nil
}

// returned is what a bounce says of the mail it is about.
func returned(auto mime.Automatic) *models.DeliveryIn {
	about := auto.Failed
	if len(about) == 0 {
		about = auto.Recipients
	}
	return &models.DeliveryIn{State: models.DeliveryBounced, Error: auto.Words(), Soft: !auto.Hard, Recipients: about}
}

// delayed makes of a report of a delay a message that says so first. The message that is late stays as it
// is: nothing came back.
func delayed(msg *models.MessageIn, auto mime.Automatic, id string) {
	msg.Automatic = "delayed"
	msg.ReplyText = "Delivery is delayed: the mail server has not been able to deliver this message yet, and still tries."
	if len(auto.Recipients) > 0 {
		msg.ReplyText = strings.Replace(msg.ReplyText, "this message", "the message to "+auto.Recipients[0], 1)
	}
	msg.Text, msg.HTML = msg.ReplyText+"\n\n"+msg.Text, ""
	if id != "" {
		msg.InReplyTo = []string{id}
	}
}
