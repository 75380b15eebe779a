package email

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"onethread/models"
)

// maxConfig bounds an autoconfig document, in bytes.
const maxConfig = 256 << 10

func newFinder(host models.Host) finder {
	web := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: host.Dial, DisableKeepAlives: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || r.URL.Scheme != "https" {
				return errors.New("too far, or not encrypted")
			}
			return nil
		}}
	return finder{
		mx: net.DefaultResolver.LookupMX,
		srv: func(ctx context.Context, service, domain string) ([]*net.SRV, error) {
			_, records, err := net.DefaultResolver.LookupSRV(ctx, service, "tcp", domain)
			return records, err
		},
		get: func(ctx context.Context, address string) ([]byte, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return nil, err
			}
			resp, err := web.Do(req)
			if err != nil {
				return nil, err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return nil, errors.New(resp.Status)
			}
			return io.ReadAll(io.LimitReader(resp.Body, maxConfig))
		},
		knocks: func(ctx context.Context, s server) bool {
			ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
			defer cancel()
			conn, err := host.Dial(ctx, "tcp", s.addr())
			if err != nil {
				return false
			}
			return conn.Close() == nil
		},
	}
}

// autoconfig is what a domain publishes for mail programs (Mozilla's config file format 1.1).
type autoconfig struct {
	Incoming []configServer `xml:"emailProvider>incomingServer"`
	Outgoing []configServer `xml:"emailProvider>outgoingServer"`
}

type configServer struct {
	Type     string `xml:"type,attr"`
	Host     string `xml:"hostname"`
	Port     int    `xml:"port"`
	Security string `xml:"socketType"`
	Username string `xml:"username"`
}

// published asks the domain itself, encrypted: who answers gets a password.
func (f finder) published(ctx context.Context, address, domain string) (known, bool) {
	for _, at := range []string{"https://autoconfig." + domain + "/mail/config-v1.1.xml?emailaddress=" + url.QueryEscape(address),
		"https://" + domain + "/.well-known/autoconfig/mail/config-v1.1.xml"} {
		raw, err := f.get(ctx, at)
		if err != nil {
			continue
		}
		var c autoconfig
		if xml.Unmarshal(raw, &c) != nil {
			continue
		}
		if k, ok := c.servers(address, domain); ok {
			return k, true
		}
	}
	return known{}, false
}

// servers takes the first encrypted server of each kind.
func (c autoconfig) servers(address, domain string) (k known, ok bool) {
	local, _, _ := strings.Cut(address, "@")
	fill := strings.NewReplacer("%EMAILADDRESS%", address, "%EMAILLOCALPART%", local, "%EMAILDOMAIN%", domain)
	pick := func(list []configServer, kind string) (server, string, bool) {
		for _, s := range list {
			security := map[string]string{"SSL": "tls", "STARTTLS": "starttls"}[s.Security]
			host := fill.Replace(strings.TrimSpace(s.Host))
			if s.Type == kind && security != "" && s.Port > 0 && s.Port < 65536 && soundHost(host) {
				return server{host: host, port: s.Port, security: security}, fill.Replace(strings.TrimSpace(s.Username)), true
			}
		}
		return server{}, "", false
	}
	var username string
	var both bool
	if k.imap, username, ok = pick(c.Incoming, "imap"); !ok {
		return k, false
	}
	if username != "" && username != address && !strings.ContainsAny(username, " \t\r\n%") {
		k.login = []string{username}
	}
	k.smtp, _, both = pick(c.Outgoing, "smtp")
	return k, both
}

func soundHost(h string) bool {
	return h != "" && len(h) < 254 && strings.Trim(h, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}
