package email

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"onethread/integrations/email/mime"
	"onethread/models"
)

const rawType = "message/rfc822"

// inbound makes of one mail what the single door in takes. It never fails: what cannot be read
// is kept as unreadable, raw. sent: it lies in the mailbox's own folder of sent mail.
func (r *receiver) inbound(it item, silent, sent bool) models.Inbound {
	in := models.Inbound{ChannelID: r.channel, ReceivedAt: models.At(it.arrived), Silent: silent, Raw: it.raw, RawType: rawType}
	m, err := mime.Parse(it.raw)
	in.ExternalID, in.Anywhere = contentKey(it.raw, m), true
	switch {
	case it.problem != "":
		in.Anywhere = false
		in.ExternalID = fmt.Sprintf("uid-%d-%d-%s", it.uid, it.arrived.Unix(), in.ExternalID)
		in.Payload = &models.UnreadableIn{Reason: it.problem}
	case err != nil:
		in.Payload = &models.UnreadableIn{Reason: err.Error()}
	default:
		r.fill(&in, m, sent)
	}
	return in
}

// fill turns a parsed mail into a message, or into the delivery report it is.
func (r *receiver) fill(in *models.Inbound, m *mime.Mail, sent bool) {
	auto := mime.Classify(m, in.Raw)
	in.OccurredAt = models.At(m.Date)
	reported := reportedID(auto, in.Raw)
	if report := deliveryReport(auto, reported); report != nil && !sent {
		in.Payload = report
		return
	}
	msg := &models.MessageIn{
		Direction: models.In, Subject: m.Subject, Text: m.Words(), HTML: m.Page(),
		CC: mime.Line(others(m, r.settings.address)), MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References,
		ReplyTokens: replyTokens(m, r.settings.address), Markers: markers(m), Attachments: files(m.Files),
	}
	if id := strings.TrimSpace(m.Header.Get(idCopy)); sent && ownID(id) && id != m.MessageID {
		msg.MessageID, msg.Alias = id, m.MessageID
	}
	if auto.Kind != "none" {
		msg.Automatic = auto.Kind
	}
	if auto.Kind == "bounce" {
		msg.Bounce = returned(auto)
		msg.InReplyTo = slices.Concat(auto.MessageIDs, msg.InReplyTo) // of a mail that a colleague's program sent, most likely
	}
	if msg.ReplyText = m.Reply(); msg.ReplyText == strings.TrimSpace(msg.Text) {
		msg.ReplyText = ""
	}
	who := resolveSender(m, r.settings, auto, sent, r.host.Staff)
	msg.Direction, msg.Warning, msg.Author, msg.NoReply = who.direction, who.warning, who.author, isMachine(who.hint.Value, "")
	if m.Cut && msg.Warning == "" {
		msg.Warning = "This mail has too many parts to show them all. The original is kept."
	}
	if msg.Direction == models.Out {
		msg.CC = mime.Line(slices.DeleteFunc(others(m, r.settings.address), func(a mime.Address) bool { return strings.EqualFold(a.Address, who.hint.Value) }))
	}
	in.Hints, in.Name, in.Payload = []models.Hint{who.hint}, who.name, msg
	if who.handed && plainly(m, auto) || who.group && auto.Kind == "list" {
		msg.Automatic = ""
	}
	if auto.Action == "delayed" && !sent {
		delayed(msg, auto, reported)
	}
	msg.Spam = msg.Direction == models.In && takenForSpam(m)
	if !sent && auto.Kind == "none" && msg.Direction == models.In {
		r.handOn(in, msg, m)
	}
	in.Language = models.LanguageTag(m.Header.Get("Content-Language")) // RFC 3282
}

// others are the further recipients of a mail, whom an answer to all goes to: everybody in Cc, and in
// To beside the shop.
func others(m *mime.Mail, own string) (list []mime.Address) {
	for _, a := range slices.Concat(m.CC, m.To) {
		local, domain, _ := strings.Cut(strings.ToLower(a.Address), "@")
		local, _, _ = strings.Cut(local, "+")
		if local+"@"+domain == own || !mime.ValidAddress(a.Address) || slices.ContainsFunc(list, func(x mime.Address) bool { return strings.EqualFold(x.Address, a.Address) }) {
			continue
		}
		if len(list) < 50 {
			list = append(list, a)
		}
	}
	return list
}

func files(of []mime.File) (list []models.FileIn) {
	for _, f := range of {
		list = append(list, models.FileIn{Name: f.Name, Type: f.Type, ContentID: f.ContentID, Inline: f.Inline, Body: f.Body})
	}
	return list
}

// ownID tells a Message-ID in the form of those we mint: m.{message}.{mac}@domain.
func ownID(id string) bool {
	local, _, ok := strings.Cut(id, "@")
	parts := strings.Split(local, ".")
	return ok && len(parts) == 3 && parts[0] == "m" && parts[1] != "" && len(parts[2]) >= 16
}

// marker is what our own mails carry in their HTML, unseen: the conversation's signed token, as in the
// plus-address. Programs that drop In-Reply-To still quote it.
var marker = regexp.MustCompile(`(?i)\[ref:c(\d{1,18}\.[a-z2-7]{26})\]`)

// maxMarkers bounds how many markers of one mail are looked at.
const maxMarkers = 20

// markers finds the tokens that a mail quotes, each once. Whether a token is genuine is for the inbox to say.
func markers(m *mime.Mail) (tokens []string) {
	for _, text := range []string{m.Text, m.HTML} {
		for _, match := range marker.FindAllStringSubmatch(text, -1) {
			token := strings.ToLower(match[1])
			if len(tokens) < maxMarkers && !slices.Contains(tokens, token) {
				tokens = append(tokens, token)
			}
		}
	}
	return tokens
}

// replyTokens finds the tokens of plus-addresses of ours: local+c{token}@domain. Whether a
// token is genuine is for the inbox to say.
func replyTokens(m *mime.Mail, own string) (tokens []string) {
	local, domain, _ := strings.Cut(own, "@")
	var all []mime.Address
	for _, name := range []string{"Delivered-To", "X-Original-To"} {
		for _, value := range m.Header.All(name) {
			all = append(all, mime.ParseAddresses(value)...)
		}
	}
	seen := map[string]bool{}
	for _, a := range append(append(all, m.To...), m.CC...) {
		token, ok := strings.CutPrefix(strings.ToLower(a.Address), local+"+c")
		token, ok2 := strings.CutSuffix(token, "@"+domain)
		if ok && ok2 && token != "" && !seen[token] && len(tokens) < 20 {
			seen[token], tokens = true, append(tokens, token)
		}
	}
	return tokens
}
