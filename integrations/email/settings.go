package email

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// settings are the channel's fields, read and checked.
type settings struct {
	address, name string
	signature     string // below every answer; {name} stands for who writes
	imap, smtp    server
	folder        string
	sentFolder    string // empty = find it
	readJunk      bool   // bring in what the server takes for spam, as spam
	readSent      bool   // bring in what staff send from their own mail programs
	saveSent      string // auto, yes, no: copies of what we send are laid into the folder of sent mail
	plusReplies   bool   // the provider delivers address+anything@ to the same mailbox
	backfill      int    // days
	poll, idle    time.Duration
	timeout       time.Duration // per command; bodies get bodyTimeout
	oauth         *oauth        // how it is opened in place of a password; nil = it has one
	since         time.Time     // when the channel was connected: what is older is history
}

// server is one end to talk to.
type server struct {
	host, security     string
	port               int
	username, password string
	roots              *x509.CertPool // nil = the system's
	tokens             *tokens        // in place of a password; nil = there is one
}

// token is an access token to log in with, empty where a password does; see tokens.get.
func (s server) token(ctx context.Context, refusedOne string) (string, error) {
	if s.tokens == nil {
		return "", nil
	}
	token, err := s.tokens.get(ctx, refusedOne)
	if err != nil && !errors.As(err, new(refused)) {
		err = unreached{err}
	}
	return token, err
}

func (s server) addr() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// settingReader collects the first problem, so that reading stays one line per setting.
type settingReader struct {
	values map[string]string
	err    error
}

func readSettings(values map[string]string) (settings, error) {
	r := &settingReader{values: values}
	s := settings{address: r.address("address"), name: mime.OneLine(r.text("name")), folder: r.text("folder"), sentFolder: r.text("sent_folder"), readSent: r.text("read_sent") == "true", readJunk: r.text("read_junk") == "true", plusReplies: values["plus_replies"] == "true"}
	s.saveSent = r.choice("save_sent")
	s.signature = strings.ReplaceAll(r.text("signature"), "\r\n", "\n")
	if len(s.signature) > 5000 {
		r.fail("signature", "The signature is longer than 5,000 characters.")
	}
	roots := r.roots("ca_pem")
	s.imap = server{host: r.host("imap_host"), port: r.number("imap_port", 1, 65535), security: r.security("imap_security"), roots: roots}
	s.smtp = server{host: r.host("smtp_host"), port: r.number("smtp_port", 1, 65535), security: r.security("smtp_security"), roots: roots}
	s.imap.username, s.imap.password = or(r.text("username"), s.address), values["password"]
	s.smtp.username, s.smtp.password = or(r.text("smtp_username"), s.imap.username), or(values["smtp_password"], s.imap.password)
	if s.oauth = r.consent(roots); s.oauth == nil && s.imap.password == "" {
		r.fail("password", "%s", strings.TrimSpace("The password is missing. "+hintFor(s.imap.host).advice()))
	}
	s.backfill = r.number("backfill_days", 0, 36500)
	s.poll = time.Duration(r.number("poll_seconds", 1, 86400)) * time.Second
	s.idle = time.Duration(r.number("idle_seconds", 1, 1500)) * time.Second
	s.timeout = time.Duration(r.number("timeout_seconds", 1, 120)) * time.Second
	return s, r.err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (r *settingReader) fail(key, format string, args ...any) {
	if r.err == nil {
		r.err = models.FieldError(key, format, args...)
	}
}

// text returns a setting, or its field's default.
func (r *settingReader) text(key string) string {
	if v := strings.TrimSpace(r.values[key]); v != "" {
		return v
	}
	i := slices.IndexFunc(fields, func(f models.Field) bool { return f.Key == key })
	return fields[i].Default
}

func (r *settingReader) address(key string) string {
	a, err := mail.ParseAddress(r.text(key))
	if err != nil || a.Name != "" {
		r.fail(key, "%q is no email address. It should look like support@your-shop.com.", r.text(key))
		return ""
	}
	return strings.ToLower(a.Address)
}

func (r *settingReader) host(key string) string {
	h := strings.Trim(r.text(key), "[]")
	if h == "" || strings.ContainsAny(h, "/@ \t\r\n?#") || strings.Contains(h, ":") && net.ParseIP(h) == nil {
		r.fail(key, "%q is no server name. It should look like mail.your-provider.com, without https:// or a port.", h)
	}
	return h
}

func (r *settingReader) number(key string, low, high int) int {
	n, err := strconv.Atoi(r.text(key))
	if err != nil || n < low || n > high {
		r.fail(key, "%q does not fit here. Put a whole number from %d to %d.", r.text(key), low, high)
	}
	return n
}

// choice is a setting with a few possible values.
func (r *settingReader) choice(key string) string {
	v := r.text(key)
	i := slices.IndexFunc(fields, func(f models.Field) bool { return f.Key == key })
	if !slices.Contains(fields[i].Options, v) {
		r.fail(key, "%q is none of %s.", v, strings.Join(fields[i].Options, ", "))
	}
	return v
}

func (r *settingReader) security(key string) string {
	v := r.text(key)
	if !slices.Contains(security, v) {
		r.fail(key, "%q is none of tls, starttls and none.", v)
	}
	if v == "none" && r.text("allow_private") != "true" {
		r.fail(key, "Without encryption anybody on the way can read the password. Choose tls or starttls; none only works on your own network, with allow_private=true.")
	}
	return v
}

func (r *settingReader) roots(key string) *x509.CertPool {
	pem := r.text(key)
	if pem == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(pem)) {
		r.fail(key, "This is no PEM certificate. It should begin with -----BEGIN CERTIFICATE-----.")
	}
	return pool
}
