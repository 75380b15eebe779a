package twilio

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"onethread/models"
)

const (
	// cursorName is under which name the time of the newest message seen is kept.
	cursorName = "messages"
	// overlap is read again at the start and every deepEvery, nearOverlap on every poll: lists may show
	// a message late.
	overlap     = 24 * time.Hour
	deepEvery   = time.Hour
	nearOverlap = time.Hour
	// window is how much time one list spans, so that a long absence is read oldest day first.
	window = 24 * time.Hour
	// maxPages bounds one window's list.
	maxPages = 400
)

// place is the cursor's value: everything up to Until has been looked at.
type place struct {
	Until time.Time `json:"until"`
}

// round brings in what came since the last one, oldest first.
func (r *receiver) round(ctx context.Context, deliver models.Deliver) error {
	p, stored, err := r.place(ctx)
	if err != nil {
		return err
	}
	begun := r.host.Now()
	from, deep := p.Until, begun.Sub(r.deep) >= deepEvery
	switch {
	case stored && deep:
		from = from.Add(-overlap)
	case stored:
		from = from.Add(-nearOverlap)
	}
	for last := false; !last; from = from.Add(window) {
		last = from.Add(window + time.Minute).After(begun)
		list, err := r.list(ctx, from, last)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := r.hand(ctx, deliver, m, &p); err != nil {
				return err
			}
		}
	}
	if deep {
		r.deep = begun
	}
	r.forget(begun)
	return r.keep(ctx, deliver, p, begun)
}

// place reads the cursor; a new channel begins a day back.
func (r *receiver) place(ctx context.Context) (p place, stored bool, err error) {
	text, err := r.host.Cursor(ctx, cursorName)
	if err != nil {
		return p, false, err
	}
	if text == "" || json.Unmarshal([]byte(text), &p) != nil || p.Until.IsZero() {
		return place{Until: r.host.Now().Add(-overlap)}, false, nil
	}
	return p, true, nil
}

// keep moves the cursor past a time in which nothing came, so that the next list need not span it.
func (r *receiver) keep(ctx context.Context, deliver models.Deliver, p place, begun time.Time) error {
	if begun.Sub(p.Until) < nearOverlap {
		return nil
	}
	p.Until = begun
	_, err := deliver(ctx, models.Inbound{ChannelID: r.channel, Cursor: p.cursor()})
	return err
}

// forget drops ids that no list will show again.
func (r *receiver) forget(now time.Time) {
	for sid, at := range r.seen {
		if now.Sub(at) > 3*overlap {
			delete(r.seen, sid)
		}
	}
}

func (p place) cursor() *models.Cursor {
	value, err := json.Marshal(p)
	if err != nil {
		return nil // a time beyond the year 9999: the next one will do
	}
	return &models.Cursor{Name: cursorName, Value: string(value)}
}

// list is one window's messages to us that this receiver has not delivered yet, oldest first.
func (r *receiver) list(ctx context.Context, from time.Time, last bool) ([]openapi.ApiV2010Message, error) {
	p := (&openapi.ListMessageParams{}).SetDateSentAfter(from.UTC().Truncate(time.Second)).SetPageSize(pageSize)
	if !last {
		p.SetDateSentBefore(from.Add(window).UTC().Truncate(time.Second))
	}
	if r.number != "" {
		p.SetTo(r.number)
	}
	var out []openapi.ApiV2010Message
	err := r.pages(ctx, p, maxPages, func(page []openapi.ApiV2010Message, _ time.Duration) bool {
		for _, m := range page {
			if r.wanted(m) {
				out = append(out, m)
			}
		}
		return true
	})
	slices.Reverse(out) // newest first, and within one second that is all that tells the order
	slices.SortStableFunc(out, func(a, b openapi.ApiV2010Message) int { return sentAt(a).Compare(sentAt(b)) })
	return out, err
}

// wanted tells a whole message of a customer to us that is still to be delivered.
func (r *receiver) wanted(m openapi.ApiV2010Message) bool {
	if or(m.Direction) != "inbound" || or(m.Status) != "received" || !messageSID.MatchString(or(m.Sid)) {
		return false
	}
	if r.number == "" && or(m.MessagingServiceSid) != r.service {
		return false
	}
	_, seen := r.seen[*m.Sid]
	return !seen
}

func sentAt(m openapi.ApiV2010Message) time.Time {
	if t := parseTime(m.DateSent); !t.IsZero() {
		return t
	}
	return parseTime(m.DateCreated)
}

// hand delivers one message with the cursor that stands behind it.
func (r *receiver) hand(ctx context.Context, deliver models.Deliver, m openapi.ApiV2010Message, p *place) error {
	in, err := r.fromList(ctx, m)
	if err != nil {
		return err
	}
	at := sentAt(m)
	if at.After(p.Until) && at.Before(r.host.Now().Add(overlap)) {
		p.Until = at
	}
	in.Cursor = p.cursor()
	if !at.IsZero() {
		in.OccurredAt, in.Silent = models.At(at), at.Before(r.created)
	}
	if _, err := deliver(ctx, in); err != nil {
		return err
	}
	if r.seen == nil {
		r.seen = map[string]time.Time{}
	}
	r.seen[in.ExternalID] = at
	return nil
}

// fromList makes of a listed message what its webhook would have made.
func (r *receiver) fromList(ctx context.Context, m openapi.ApiV2010Message) (models.Inbound, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return models.Inbound{}, err
	}
	t := text{sid: *m.Sid, from: or(m.From), to: or(m.To), body: or(m.Body)}
	if reason := t.foreign(); reason != "" {
		return models.Inbound{ChannelID: r.channel, ExternalID: t.sid, Signed: true, Raw: raw, RawType: "application/json", Payload: &models.UnreadableIn{Reason: reason}}, nil
	}
	if n, _ := strconv.Atoi(or(m.NumMedia)); n > 0 {
		if t.files, t.warning, err = r.listed(ctx, t.sid); err != nil {
			return models.Inbound{}, err
		}
	}
	in := r.inbound(t)
	in.Raw, in.RawType = raw, "application/json"
	return in, nil
}

var mediaSID = regexp.MustCompile(`^ME[0-9a-fA-F]{32}$`)

// listed asks for the files of a message. Files that were deleted at Twilio leave a warning.
func (r *receiver) listed(ctx context.Context, sid string) (files []models.FileIn, warning string, err error) {
	c := r.api(ctx)
	defer c.end()
	page, err := c.PageMedia(sid, (&openapi.ListMediaParams{}).SetPageSize(maxFiles), "", "")
	if err != nil && c.answer.status != 404 {
		return nil, "", c.failed(err, r.host.Now())
	}
	if err == nil {
		for n, m := range page.MediaList {
			if n < maxFiles && mediaSID.MatchString(or(m.Sid)) {
				files = append(files, models.FileIn{Name: fileName(n, or(m.ContentType)), Type: or(m.ContentType),
					URL: r.base.String() + "/2010-04-01/Accounts/" + r.sid + "/Messages/" + sid + "/Media/" + *m.Sid})
			}
		}
	}
	if len(files) == 0 {
		warning = "The files of this message are no longer at Twilio."
	}
	return files, warning, nil
}
