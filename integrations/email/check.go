package email

import (
	"context"
	"time"

	"onethread/models"
)

// checkTime bounds each step of the live test.
const checkTime = 10 * time.Second

// checker runs steps until one fails.
type checker struct {
	ctx    context.Context
	host   models.Host
	checks []models.Check
}

// step runs one step; problem turns its error into words.
func (c *checker) step(name string, to server, protocol string, do func(ctx context.Context) error) bool {
	ctx, cancel := context.WithTimeout(c.ctx, checkTime)
	defer cancel()
	began := time.Now()
	err := do(ctx)
	c.checks = append(c.checks, models.Check{Step: name, OK: err == nil, Problem: explain(err, to, protocol), Took: time.Since(began)})
	return err == nil
}

// probe is the part of the live test that sends a mail.
func probe(ctx context.Context, s settings, host models.Host) []models.Check {
	c := &checker{ctx: ctx, host: host}
	c.probe(s)
	return c.checks
}

// check is the settings screen's live test: reading, then sending. It sends nothing.
func check(ctx context.Context, s settings, host models.Host) []models.Check {
	c := &checker{ctx: ctx, host: host}
	if c.reach("IMAP", s.imap) {
		c.reading(s)
	}
	if c.reach("SMTP", s.smtp) {
		c.sending(s)
	}
	return c.checks
}

// reach tries connecting and, where asked for, TLS from the first byte, as steps of their own.
func (c *checker) reach(protocol string, to server) bool {
	return c.step(protocol+" connect", to, protocol, func(ctx context.Context) error {
		conn, err := to.connect(ctx, c.host)
		if err == nil {
			conn.Close()
		}
		return err
	})
}

func (c *checker) reading(s settings) {
	name := "IMAP TLS"
	if s.imap.security == "none" {
		name = "IMAP greeting"
	}
	ok := c.step(name, s.imap, "IMAP", func(ctx context.Context) error {
		imap, err := dialIMAP(ctx, s.imap, min(checkTime, s.timeout), c.host)
		if err == nil {
			imap.close()
		}
		return err
	})
	if !ok || s.oauth != nil && !c.step("OAuth 2", s.imap, "sign-in", func(ctx context.Context) error { _, err := s.imap.token(ctx, ""); return err }) {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	var imap *session
	ok = c.step("IMAP login", s.imap, "IMAP", func(context.Context) (err error) {
		imap, err = openMailbox(ctx, s.imap, min(checkTime, s.timeout), c.host)
		return err
	})
	if !ok {
		return
	}
	defer imap.close()
	c.step("Folder "+s.folder, s.imap, "IMAP", func(context.Context) error {
		_, err := imap.examine(s.folder)
		return err
	})
}

func (c *checker) sending(s settings) {
	name := "SMTP TLS"
	if s.smtp.security == "none" {
		name = "SMTP greeting"
	}
	_ = c.step(name, s.smtp, "SMTP", func(ctx context.Context) error {
		smtp, err := dialSMTP(ctx, s.smtp, min(checkTime, s.timeout), c.host)
		if err == nil {
			smtp.close()
		}
		return err
	}) && c.step("SMTP login", s.smtp, "SMTP", func(ctx context.Context) error {
		smtp, err := openSubmission(ctx, s.smtp, min(checkTime, s.timeout), c.host)
		if err == nil {
			smtp.close()
		}
		return err
	})
}
