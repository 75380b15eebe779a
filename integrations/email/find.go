package email

import (
	"context"
	_ "embed"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"onethread/models"
)

//go:embed servers.txt
var serverTable string

// known is one line of servers.txt.
type known struct {
	domains    []string
	imap, smtp server
	login      []string
}

// table reads servers.txt once.
var table = sync.OnceValue(func() (out []known) {
	for line := range strings.Lines(serverTable) {
		cells := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(cells) != 4 {
			continue
		}
		out = append(out, known{strings.Fields(cells[0]), endpoint(cells[1], 993), endpoint(cells[2], 465), strings.Fields(cells[3])})
	}
	return out
})

// endpoint reads host or host:port/encryption.
func endpoint(text string, port int) server {
	s := server{host: strings.TrimSpace(text), port: port, security: "tls"}
	if host, rest, ok := strings.Cut(s.host, ":"); ok {
		number, security, _ := strings.Cut(rest, "/")
		s.host, s.security = host, security
		s.port, _ = strconv.Atoi(number)
	}
	return s
}

// finder finds the servers of a mail address. Its parts are replaced in tests.
type finder struct {
	mx     func(ctx context.Context, domain string) ([]*net.MX, error)
	srv    func(ctx context.Context, service, domain string) ([]*net.SRV, error)
	get    func(ctx context.Context, url string) ([]byte, error)
	knocks func(ctx context.Context, s server) bool // does somebody answer there?
}

// findWithin bounds a search: somebody waits for it at a form.
const findWithin = 12 * time.Second

// find is models.Provider's Find. The way is that of mail programs: what we know of the domain, who
// receives its mail (MX), what it publishes itself (autoconfig; SRV records, RFC 6186), and what such
// servers are usually called.
func find(ctx context.Context, given map[string]string, host models.Host) (models.Finding, error) {
	address := strings.ToLower(strings.TrimSpace(given["address"]))
	_, domain, ok := strings.Cut(address, "@")
	if !ok || domain == "" || strings.ContainsAny(domain, " /@:?#") {
		return models.Finding{}, models.FieldError("address", "%q is no email address. It should look like support@your-shop.com.", given["address"])
	}
	ctx, cancel := context.WithTimeout(ctx, findWithin)
	defer cancel()
	return newFinder(host).search(ctx, address, domain)
}

func (f finder) search(ctx context.Context, address, domain string) (models.Finding, error) {
	if k, ok := knownBy(func(d string) bool { return d == domain }); ok {
		return k.finding(address, "known"), nil
	}
	exchangers, _ := f.mx(ctx, domain) // no answer is no error: the next way is tried
	for _, x := range exchangers {
		name := strings.ToLower(strings.TrimSuffix(x.Host, "."))
		if k, ok := knownBy(func(d string) bool { return strings.HasPrefix(d, ".") && strings.HasSuffix("."+name, d) }); ok {
			return k.finding(address, "mx"), nil
		}
	}
	for _, way := range []func(context.Context, string, string) (known, bool){f.published, f.recorded, f.usual} {
		if k, ok := way(ctx, address, domain); ok {
			return k.finding(address, "asked"), nil
		}
	}
	return models.Finding{}, models.FieldError("imap_host", "The mail servers of %s could not be found. Your mail provider's help page names them: look for IMAP and SMTP.", domain)
}

func knownBy(matches func(domain string) bool) (known, bool) {
	for _, k := range table() {
		if slices.ContainsFunc(k.domains, matches) {
			return k, true
		}
	}
	return known{}, false
}

// finding is what the settings form takes over.
func (k known) finding(address, source string) models.Finding {
	h := hintFor(k.imap.host)
	f := models.Finding{Source: source, Help: h.words, Page: h.page, Settings: map[string]string{"imap_host": k.imap.host, "imap_port": strconv.Itoa(k.imap.port), "imap_security": k.imap.security,
		"smtp_host": k.smtp.host, "smtp_port": strconv.Itoa(k.smtp.port), "smtp_security": k.smtp.security}}
	local, _, _ := strings.Cut(address, "@")
	for _, word := range k.login {
		switch word {
		case "local":
			f.Settings["username"] = local
		case "app":
			if f.Hint = word; f.Help != "" {
				f.Hint = "" // the provider's own words are better
			}
		case "oauth":
			f.Hint, f.Help, f.Settings["login"] = word, "", "microsoft"
		default:
			f.Settings["username"] = word
		}
	}
	return f
}

// recorded asks for SRV records (RFC 6186, RFC 8314).
func (f finder) recorded(ctx context.Context, _, domain string) (k known, ok bool) {
	first := func(services ...string) (s server, found bool) {
		for _, service := range services {
			records, err := f.srv(ctx, service, domain)
			if err != nil || len(records) == 0 || strings.Trim(records[0].Target, ".") == "" { // "." = not offered
				continue
			}
			security := "tls"
			if service == "submission" || service == "imap" {
				security = "starttls"
			}
			return server{host: strings.TrimSuffix(records[0].Target, "."), port: int(records[0].Port), security: security}, true
		}
		return s, false
	}
	var both bool
	if k.imap, ok = first("imaps", "imap"); !ok {
		return k, false
	}
	k.smtp, both = first("submissions", "submission")
	return k, both
}

// usual tries what such servers are usually called.
func (f finder) usual(ctx context.Context, _, domain string) (k known, ok bool) {
	k.imap, ok = f.firstThatAnswers(ctx, []server{{host: "imap." + domain, port: 993, security: "tls"}, {host: "mail." + domain, port: 993, security: "tls"},
		{host: "imap." + domain, port: 143, security: "starttls"}, {host: "mail." + domain, port: 143, security: "starttls"}})
	if !ok {
		return k, false
	}
	k.smtp, ok = f.firstThatAnswers(ctx, []server{{host: "smtp." + domain, port: 465, security: "tls"}, {host: "mail." + domain, port: 465, security: "tls"},
		{host: "smtp." + domain, port: 587, security: "starttls"}, {host: "mail." + domain, port: 587, security: "starttls"}})
	return k, ok
}

// firstThatAnswers knocks at all at once and takes the first of the list where somebody is.
func (f finder) firstThatAnswers(ctx context.Context, candidates []server) (server, bool) {
	there := make([]bool, len(candidates))
	var wg sync.WaitGroup
	for i, s := range candidates {
		wg.Go(func() { there[i] = f.knocks(ctx, s) })
	}
	wg.Wait()
	if i := slices.Index(there, true); i >= 0 {
		return candidates[i], true
	}
	return server{}, false
}
