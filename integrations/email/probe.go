package email

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// probeMark is in the plus-address and in a header of the mails by which a channel's check finds out whether
// plus-addresses arrive. Such a mail is from the mailbox to itself; it is nobody's, and is never brought in.
const (
	probeMark   = "onethread-probe"
	probeHeader = "X-Onethread-Probe"
)

// How long a probe may take to arrive, and how often it is looked for.
const (
	probeWithin = 20 * time.Second
	probeEvery  = 500 * time.Millisecond
)

// isProbe tells a probe of this mailbox's own.
func isProbe(raw []byte, address string) bool {
	head := raw[:min(len(raw), 16<<10)]
	if !strings.Contains(string(head), probeHeader+": ") {
		return false
	}
	m, err := mime.Parse(head)
	local, domain, _ := strings.Cut(address, "@")
	return err == nil && m.Header.Get(probeHeader) != "" && len(m.From) == 1 && strings.EqualFold(m.From[0].Address, address) && len(m.To) == 1 &&
		strings.HasPrefix(strings.ToLower(m.To[0].Address), local+"+"+probeMark+".") && strings.HasSuffix(strings.ToLower(m.To[0].Address), "@"+domain)
}

// probe sends a mail to the mailbox's own plus-address and waits for it. That none arrives is no fault.
func (c *checker) probe(s settings) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(c.ctx, probeWithin)
	defer cancel()
	note, err := "", c.probed(ctx, s)
	switch {
	case err == nil && s.plusReplies:
		note = "Plus-addresses arrive, so that answers find their conversation."
	case err == nil:
		note = "Plus-addresses arrive here: “Mark answers with a plus-address” can be switched on."
	case s.plusReplies:
		note = "A mail to a plus-address did not arrive: switch “Mark answers with a plus-address” off, or answers may be lost."
	default:
		note = "A mail to a plus-address did not arrive; leave “Mark answers with a plus-address” off. Answers find their conversation without it."
	}
	check := models.Check{Step: "Plus-address", OK: true, Note: note, Took: time.Since(began)}
	if err != nil && s.plusReplies {
		check.OK, check.Note, check.Problem = false, "", note
	}
	c.checks = append(c.checks, check)
}

func (c *checker) probed(ctx context.Context, s settings) error {
	random := make([]byte, 8)
	rand.Read(random)
	tag := hex.EncodeToString(random)
	local, domain, _ := strings.Cut(s.address, "@")
	to := local + "+" + probeMark + "." + tag + "@" + domain
	box, err := openMailbox(ctx, s.imap, min(checkTime, s.timeout), c.host)
	if err != nil {
		return err
	}
	defer box.close()
	out, err := openSubmission(ctx, s.smtp, min(checkTime, s.timeout), c.host)
	if err != nil {
		return err
	}
	defer out.close()
	text := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Onethread checks this mailbox\r\nDate: %s\r\nMessage-ID: <%s.%s@%s>\r\n%s: %s\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"+
		"Onethread sent this to find out whether mail to plus-addresses arrives.\r\nIt can be deleted.\r\n", s.address, to, c.host.Now().Format(time.RFC1123Z), probeMark, tag, domain, probeHeader, tag)
	if _, err := out.transmit(s.address, []string{to}, strings.NewReader(text)); err != nil {
		return err
	}
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		if found, err := box.takeAway(s.folder, tag); err != nil || found {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// takeAway tells whether the probe has arrived in the folder, and deletes it there, where the server can delete one
// mail alone (UIDPLUS).
func (s *session) takeAway(folder, tag string) (found bool, err error) {
	err = s.within(s.timeout, func() error {
		if _, err := s.client.Select(folder, nil).Wait(); err != nil {
			return err
		}
		data, err := s.client.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: probeHeader, Value: tag}}}, nil).Wait()
		if err != nil || len(data.AllUIDs()) == 0 {
			return err
		}
		found = true
		if !s.client.Caps().Has(imap.CapUIDPlus) {
			return nil
		}
		uids := imap.UIDSetNum(data.AllUIDs()...)
		if err := s.client.Store(uids, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Close(); err != nil {
			return err
		}
		return s.client.UIDExpunge(uids).Close()
	})
	return found, err
}
