package twilio

import (
	"context"
	"errors"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"onethread/models"
)

const (
	// slack is how much older than the first attempt a message of it may look: Twilio's times are
	// whole seconds.
	slack = time.Minute
	// pageSize keeps a page of the longest messages within maxAnswer.
	pageSize = 50
	// maxLooked bounds how far back an earlier attempt is looked for, in pages.
	maxLooked = 40
)

// earlier looks for a message that Twilio accepted from an earlier attempt although its answer
// never came: to the same number, from us, in the same words, no older than the first attempt, and
// belonging to no other message of ours. nil = there is none. No date is asked for: the filter goes
// by date_sent, which a queued message does not have yet.
func (a *account) earlier(ctx context.Context, out models.Outbound) (*openapi.ApiV2010Message, error) {
	p := (&openapi.ListMessageParams{}).SetTo(out.To).SetPageSize(pageSize)
	var found *openapi.ApiV2010Message
	var inner error
	err := a.pages(ctx, p, maxLooked, func(page []openapi.ApiV2010Message, skew time.Duration) bool {
		begin, older := out.Since.Std().Add(skew-slack), true
		for i := range page {
			m := &page[i]
			if parseTime(m.DateCreated).Before(begin) {
				continue
			}
			older = false
			ok, err := a.sameAs(ctx, m, out)
			if err != nil || ok {
				found, inner = m, err
				return false
			}
		}
		return !older
	})
	if inner != nil {
		return nil, inner
	}
	return found, err
}

func (a *account) sameAs(ctx context.Context, m *openapi.ApiV2010Message, out models.Outbound) (bool, error) {
	ours := or(m.From) == a.number && a.number != "" || or(m.MessagingServiceSid) == a.service && a.service != ""
	if !ours || or(m.Direction) == "inbound" || !messageSID.MatchString(or(m.Sid)) || !sameWords(or(m.Body), out.Text) {
		return false, nil
	}
	if out.Taken == nil {
		return true, nil
	}
	taken, err := out.Taken(ctx, or(m.Sid))
	return !taken, err
}

// sameWords compares past what Twilio changes: line ends, blanks around, and the sentence that it
// puts before messages of trial accounts.
func sameWords(theirs, ours string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	theirs = strings.TrimPrefix(plain(theirs), "Sent from your Twilio trial account - ")
	return strings.TrimSpace(theirs) == plain(ours)
}

var errEndless = errors.New("Twilio's list of messages does not end; it is tried again")

// pages reads a list of messages page by page, newest first, until there is no more, see returns
// false, or most pages were read (an error: what was not seen cannot be told). skew is how far
// Twilio's clock is ahead of ours.
func (a *account) pages(ctx context.Context, p *openapi.ListMessageParams, most int, see func(page []openapi.ApiV2010Message, skew time.Duration) bool) error {
	next := ""
	for range most {
		page, skew, err := a.page(ctx, p, next)
		if err != nil {
			return err
		}
		if !see(page.Messages, skew) || or(page.NextPageUri) == "" {
			return nil
		}
		next = *page.NextPageUri
	}
	return errEndless
}

// page reads one page: the first one by its parameters, others by their address.
func (a *account) page(ctx context.Context, p *openapi.ListMessageParams, next string) (page *openapi.ListMessageResponse, skew time.Duration, err error) {
	c := a.api(ctx)
	defer c.end()
	if next == "" {
		page, err = c.PageMessage(p, "", "")
	} else {
		page = &openapi.ListMessageResponse{}
		err = c.page(next, decode(page))
	}
	if err == nil && page.Uri == "" && page.FirstPageUri == "" && page.Messages == nil {
		err = errGarbage // "{}" is no empty list
	}
	if err != nil {
		return nil, 0, c.failed(err, a.host.Now())
	}
	return page, c.answer.skew(a.host.Now()), nil
}
