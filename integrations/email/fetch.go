package email

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Limits of fetching: what one batch may hold in memory, which mails wait for the others of their lot, and
// how big a mail may be.
const (
	batchMails  = 50
	lateBytes   = 25 << 20
	batchBytes  = 24 << 20
	maxMail     = 100 << 20
	bodyTimeout = 10 * time.Minute
)

// item is one mail as it lies on the server. problem says why raw is not the whole of it.
type item struct {
	uid     imap.UID
	arrived time.Time // INTERNALDATE
	size    int64
	raw     []byte
	problem string
}

// batch is what is delivered together; done is the last UID, in the order of the run, up to which all mails
// are in this batch or in one before it. Zero: the first mail of the run is still to come.
type batch struct {
	items []item
	done  imap.UID
}

// fetch reads up to batchMails mails and hands them on in batches that fit into memory, the very large ones
// last, so that nobody waits for them. Only UID, INTERNALDATE, RFC822.SIZE and BODY.PEEK[] are asked for:
// broken BODYSTRUCTUREs and ENVELOPEs of real servers would end the connection (go-imap issue 659).
func (s *session) fetch(uids []imap.UID, emit func(batch) bool) error {
	listed, err := s.list(uids)
	if err != nil {
		return err
	}
	order, taken := largeLast(uids, listed), map[imap.UID]bool{}
	for at := 0; len(order) > 0; {
		var b batch
		for size := int64(0); len(order) > 0; order = order[1:] {
			it, there := listed[order[0]]
			if there && len(b.items) > 0 && size+it.size > batchBytes {
				break
			}
			if there { // else: deleted since the search
				b.items, size = append(b.items, it), size+it.size
			}
			taken[order[0]] = true
		}
		for at < len(uids) && taken[uids[at]] {
			at++
		}
		if at > 0 {
			b.done = uids[at-1]
		}
		if err := s.bodies(b.items); err != nil {
			return err
		}
		if b.items, err = s.present(b.items); err != nil {
			return err
		}
		if !emit(b) {
			return nil
		}
	}
	return nil
}

// largeLast puts the very large mails behind the others.
func largeLast(uids []imap.UID, listed map[imap.UID]item) []imap.UID {
	order := slices.Clone(uids)
	slices.SortStableFunc(order, func(a, b imap.UID) int {
		return min(1, int(listed[a].size/lateBytes)) - min(1, int(listed[b].size/lateBytes))
	})
	return order
}

// present leaves out mails of which the server sent nothing because they were deleted since they were listed.
func (s *session) present(items []item) ([]item, error) {
	var silent []imap.UID
	for _, it := range items {
		if it.raw == nil && it.problem == "" {
			silent = append(silent, it.uid)
		}
	}
	if len(silent) == 0 {
		return items, nil
	}
	there, err := s.list(silent)
	return slices.DeleteFunc(items, func(it item) bool {
		_, still := there[it.uid]
		return slices.Contains(silent, it.uid) && !still
	}), err
}

// list asks for date and size of mails.
func (s *session) list(uids []imap.UID) (map[imap.UID]item, error) {
	out := make(map[imap.UID]item, len(uids))
	options := &imap.FetchOptions{UID: true, InternalDate: true, RFC822Size: true}
	err := s.within(4*s.timeout, func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), options)
		defer cmd.Close()
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			m, err := data.Collect()
			if err != nil {
				return err
			}
			if slices.Contains(uids, m.UID) {
				out[m.UID] = item{uid: m.UID, arrived: m.InternalDate, size: m.RFC822Size}
			}
		}
		return cmd.Close()
	})
	return out, err
}

// bodies fills in the raw mails. When the server refuses the lot (one mail damaged in its
// store), each is asked for alone, and the refused one is kept as unreadable: one bad mail
// must not stand in the way of those behind it.
func (s *session) bodies(items []item) error {
	err := s.body(items, 0)
	var refusal *imap.Error
	if !errors.As(err, &refusal) {
		return err
	}
	for i := range items {
		err := s.body(items[i:i+1], 0)
		if errors.As(err, &refusal) {
			items[i].problem = "The mail server could not hand this mail over: " + refusal.Text
		} else if err != nil {
			return err
		}
	}
	return nil
}

// body fetches whole mails, or of one that is too big its first limit bytes.
func (s *session) body(items []item, limit int64) error {
	var set imap.UIDSet
	for i := range items {
		if items[i].size > maxMail && limit == 0 {
			items[i].problem = fmt.Sprintf("This mail is larger than %d MB. It still lies in the mailbox; here are its first lines.", maxMail>>20)
			if err := s.body(items[i:i+1], 64<<10); err != nil {
				return err
			}
			continue
		}
		set.AddNum(items[i].uid)
	}
	if len(set) == 0 {
		return nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	if limit > 0 {
		section.Partial = &imap.SectionPartial{Size: limit}
	}
	return s.within(bodyTimeout, func() error {
		cmd := s.client.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		defer cmd.Close()
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			if err := readBody(data, items); err != nil {
				return err
			}
		}
		return cmd.Close()
	})
}

func readBody(data *imapclient.FetchMessageData, items []item) error {
	var uid imap.UID
	for part := data.Next(); part != nil; part = data.Next() {
		switch part := part.(type) {
		case imapclient.FetchItemDataUID:
			uid = part.UID
		case imapclient.FetchItemDataBodySection:
			if part.Literal == nil {
				continue
			}
			raw := make([]byte, 0, max(0, min(part.Literal.Size(), maxMail)))
			raw, err := appendAll(raw, io.LimitReader(part.Literal, maxMail+1))
			if err != nil {
				return err
			}
			if len(raw) > maxMail {
				return fmt.Errorf("the server sent more of a mail than it had announced")
			}
			for i := range items {
				if items[i].uid == uid {
					items[i].raw = raw
				}
			}
		}
	}
	return nil
}

// appendAll is io.ReadAll into a buffer of known size.
func appendAll(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, 512)
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}
