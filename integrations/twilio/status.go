package twilio

import (
	"strconv"

	"onethread/models"
)

// report reads a status callback. Twilio promises no order (delivered may come before sent); whoever
// keeps the state lets it only move forward. What comes before "sent" tells nothing new.
func (h hook) report(req models.HookRequest, f form) []models.Inbound {
	sid, status, code := f.get("MessageSid"), f.get("MessageStatus"), f.get("ErrorCode")
	state, known := states[status]
	if !known {
		return h.unreadable(req, sid+":"+short(status), "Twilio reported a state of a sent message that Onethread does not know: “"+short(status)+"”.")
	}
	if state == models.DeliverySending {
		return nil
	}
	d := &models.DeliveryIn{ProviderID: sid, State: state}
	in := models.Inbound{ChannelID: h.channel, ExternalID: sid + ":" + status, Signed: true, Payload: d}
	if state == models.DeliveryFailed {
		number, _ := strconv.Atoi(code)
		d.Error, d.OptedOut = wordsFor(number), number == codeOptedOut
		in.ExternalID += ":" + short(code)
	}
	in.Raw, in.RawType = rawOf(req)
	return []models.Inbound{in}
}

// states are Twilio's message states in ours (api_v2010, message_enum_status).
var states = map[string]string{
	"accepted": models.DeliverySending, "scheduled": models.DeliverySending, "queued": models.DeliverySending, "sending": models.DeliverySending,
	"sent": models.DeliverySent, "partially_delivered": models.DeliverySent, "delivered": models.DeliveryDelivered, "read": models.DeliveryRead,
	"failed": models.DeliveryFailed, "undelivered": models.DeliveryFailed, "canceled": models.DeliveryCanceled,
}
