package twilio

import "fmt"

// Twilio's error codes that lead to something of their own (twilio.com/docs/api/errors).
const (
	codeAuth       = 20003
	codeSuspended  = 20005
	codeNotActive  = 10001
	codeNotFound   = 20404
	codeRate       = 20429
	codeOptedOut   = 21610
	codeQueueFull  = 21611
	codeQueueFull2 = 30001
	codeSuspended2 = 30002
)

// meanings say to staff what an error code means and what to do next.
var meanings = map[int]string{
	21211:        "This is no valid phone number. Check it, and its country code, in the customer's details.",
	21212:        "Twilio does not accept your sender number. Check the phone number in Settings, and that this Twilio account owns it.",
	21408:        "Your Twilio account may not text this country. Allow it in the Twilio Console under Messaging › Settings › Geo permissions, then send again.",
	codeOptedOut: "The customer texted STOP, so the carrier takes no messages for this number. Write on another channel; texting START ends it.",
	21606:        "Your sender number cannot text this number. Check in Settings that it is a Twilio number that can send SMS.",
	21612:        "There is no way from your Twilio number to this one. Write on another channel, or send from a number of the same country.",
	21614:        "This number cannot receive text messages; perhaps it is a landline. Write on another channel.",
	21617:        "The message is longer than the 1,600 characters that Twilio takes. Shorten it and send it again.",
	21620:        "Twilio cannot use the address of a file. See that ONETHREAD_URL can be reached from outside, then send again.",
	21623:        "Too many files for one text message. Take some off and send it again.",
	21635:        "This is a landline, which receives no text messages. Write on another channel.",
	21659:        "Your sender number does not belong to this Twilio account. Check the phone number in Settings.",
	21660:        "Your sender number does not belong to this Twilio account. Check the phone number and the Account SID in Settings.",
	21703:        "The messaging service has no number to send from. Add one to it in the Twilio Console.",
	30003:        "The phone is switched off or out of reach. Try again later, or write on another channel.",
	30004:        "The phone or its carrier blocks these messages. Write on another channel.",
	30005:        "The carrier does not know this number; it may no longer be in use. Ask the customer for the right one.",
	30006:        "This is a landline, or its carrier takes no text messages. Write on another channel.",
	30007:        "The carrier took the message for advertising and filtered it out. Word it differently, without shortened links, or write on another channel.",
	30008:        "The carrier did not say why it was not delivered. Try again, or write on another channel.",
	30010:        "The message costs more than the limit set in Twilio. Raise the limit in the Twilio Console and send again.",
	30011:        "This number's carrier takes no pictures from your number. Send it without files, or by email.",
	30019:        "The phone cannot take a file of this size. Send a smaller one, or send it by email.",
	30022:        "Your Twilio number has sent more than US carriers allow it. Try again later.",
	30023:        "Your Twilio number has sent more today than US carriers allow it. Try again tomorrow.",
	30032:        "Your toll-free number is not verified, so carriers take nothing from it. Verify it in the Twilio Console, then send again.",
	30034:        "Your US number is not registered for business messages (A2P 10DLC). Register it in the Twilio Console, then send again.",
	30410:        "The carrier did not answer in time. Try again.",
	30450:        "The message was blocked because this number looks like a fraud target. Check the number.",
	30500:        "Twilio had a problem of its own. Try again.",
	63016:        "More than 24 hours have passed since the customer wrote, and only a template may be sent now. Write on another channel.",
	63018:        "Too many messages at a time for this sender. Try again in a minute.",
	63024:        "This recipient cannot be reached this way. Write on another channel.",
	63038:        "Your Twilio account has sent all it may today. Try again tomorrow, or ask Twilio to raise the limit.",

	codeAuth:       "Twilio does not accept the credentials. Check the Account SID and the auth token (or the API key) in Settings.",
	codeSuspended:  "Your Twilio account is suspended or closed. Look into the Twilio Console.",
	codeNotActive:  "Your Twilio account is suspended or closed. Look into the Twilio Console.",
	codeSuspended2: "Your Twilio account was suspended while the message was on its way. Look into the Twilio Console.",
	codeNotFound:   "Twilio knows no account with this Account SID. Check it in Settings.",
	codeRate:       "Twilio asks to send more slowly. The message is tried again.",
	codeQueueFull:  "Twilio's queue for your number is full. The message is tried again.",
	codeQueueFull2: "Twilio's queue for your number was full. Send the message again in a while.",
}

// wordsFor says what a code means; 0 stands for none.
func wordsFor(code int) string {
	if m, ok := meanings[code]; ok {
		return fmt.Sprintf("%s (Twilio %d)", m, code)
	}
	if code == 0 {
		return "Twilio could not deliver it and did not say why. Try again, or write on another channel."
	}
	return fmt.Sprintf("Twilio could not deliver it: error %d. Look it up at twilio.com/docs/api/errors/%d, or write on another channel.", code, code)
}
