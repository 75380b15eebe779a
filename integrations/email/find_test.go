package email

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"onethread/models"
)

// world answers a finder's questions as the test decides; it notes what was asked.
type findWorld struct {
	mx    map[string]string
	srv   map[string]string // service and domain → host
	pages map[string]string
	open  []string
	asked []string
}

func (w *findWorld) finder() finder {
	nothing := errors.New("no such host")
	return finder{
		mx: func(_ context.Context, domain string) ([]*net.MX, error) {
			w.asked = append(w.asked, "MX "+domain)
			if host, ok := w.mx[domain]; ok {
				return []*net.MX{{Host: host + ".", Pref: 10}}, nil
			}
			return nil, nothing
		},
		srv: func(_ context.Context, service, domain string) ([]*net.SRV, error) {
			if host, ok := w.srv[service+" "+domain]; ok {
				return []*net.SRV{{Target: host + ".", Port: 1993}}, nil
			}
			return nil, nothing
		},
		get: func(_ context.Context, url string) ([]byte, error) {
			if page, ok := w.pages[url]; ok {
				return []byte(page), nil
			}
			return nil, nothing
		},
		knocks: func(_ context.Context, s server) bool { return slices.Contains(w.open, s.addr()) },
	}
}

const publishedConfig = `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="casa.example">
<incomingServer type="pop3"><hostname>pop.casa.example</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>plain.casa.example</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>mx.%EMAILDOMAIN%</hostname><port>143</port><socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></incomingServer>
<outgoingServer type="smtp"><hostname>out.casa.example</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer></emailProvider></clientConfig>`

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		address string
		world   findWorld
		want    string // imap, smtp, user name, source, hint
	}{
		"a domain we know":        {"Shop@Gmail.com", findWorld{}, "imap.gmail.com:993 tls smtp.gmail.com:465 tls  known "},
		"with its own user name":  {"shop@icloud.com", findWorld{}, "imap.mail.me.com:993 tls smtp.mail.me.com:587 starttls shop known "},
		"without passwords":       {"shop@outlook.com", findWorld{}, "outlook.office365.com:993 tls smtp-mail.outlook.com:587 starttls  known oauth"},
		"at a host we know":       {"hello@casa.example", findWorld{mx: map[string]string{"casa.example": "aspmx.l.google.com"}}, "imap.gmail.com:993 tls smtp.gmail.com:465 tls  mx "},
		"an MX that only ends so": {"hello@casa.example", findWorld{mx: map[string]string{"casa.example": "notgoogle.com"}, open: []string{"mail.casa.example:993", "mail.casa.example:465"}}, "mail.casa.example:993 tls mail.casa.example:465 tls  asked "},
		"published": {"hello@casa.example", findWorld{pages: map[string]string{"https://autoconfig.casa.example/mail/config-v1.1.xml?emailaddress=hello%40casa.example": publishedConfig}},
			"mx.casa.example:143 starttls out.casa.example:587 starttls hello asked "},
		"published elsewhere": {"hello@casa.example", findWorld{pages: map[string]string{"https://autoconfig.casa.example/mail/config-v1.1.xml?emailaddress=hello%40casa.example": "<html>", "https://casa.example/.well-known/autoconfig/mail/config-v1.1.xml": publishedConfig}},
			"mx.casa.example:143 starttls out.casa.example:587 starttls hello asked "},
		"SRV records": {"hello@casa.example", findWorld{srv: map[string]string{"imaps casa.example": "in.host.example", "submissions casa.example": "out.host.example"}}, "in.host.example:1993 tls out.host.example:1993 tls  asked "},
		"not offered": {"hello@casa.example", findWorld{srv: map[string]string{"imaps casa.example": "", "imap casa.example": "in.host.example", "submission casa.example": "out.host.example"}}, "in.host.example:1993 starttls out.host.example:1993 starttls  asked "},
		"usual names": {"hello@casa.example", findWorld{open: []string{"mail.casa.example:143", "imap.casa.example:143", "smtp.casa.example:587"}}, "imap.casa.example:143 starttls smtp.casa.example:587 starttls  asked "},
	} {
		address := strings.ToLower(c.address)
		_, domain, _ := strings.Cut(address, "@")
		got, err := c.world.finder().search(t.Context(), address, domain)
		s := got.Settings
		told := strings.Join([]string{s["imap_host"] + ":" + s["imap_port"], s["imap_security"], s["smtp_host"] + ":" + s["smtp_port"], s["smtp_security"], s["username"], got.Source, got.Hint}, " ")
		if err != nil || told != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, told, c.want)
		}
		if len(c.world.asked) > 0 && got.Source == "known" {
			t.Errorf("%s: asked %v of a domain that is known", name, c.world.asked)
		}
	}
}

func TestFindSaysWhatToDo(t *testing.T) {
	w := &findWorld{}
	_, err := w.finder().search(t.Context(), "hello@casa.example", "casa.example")
	var e *models.Error
	if !errors.As(err, &e) || e.Field != "imap_host" || !strings.Contains(e.Message, "help page") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "hello", "hello@", "a@b/c", "a@127.0.0.1:25"} {
		if _, err := find(t.Context(), map[string]string{"address": bad}, models.Host{}); !errors.As(err, &e) || e.Field != "address" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestServerTableIsSound: every line has both ends, and what it fills in the settings accept.
func TestServerTableIsSound(t *testing.T) {
	if len(table()) < 50 {
		t.Fatalf("%d lines", len(table()))
	}
	seen := map[string]bool{}
	for _, k := range table() {
		settings := k.finding("shop@casa.example", "known").Settings
		settings["address"], settings["password"], settings["oauth_client_id"] = "shop@casa.example", "p", "id"
		if _, err := readSettings(settings); err != nil {
			t.Errorf("%v: %v", k.domains, err)
		}
		for _, d := range k.domains {
			if seen[d] || strings.ToLower(d) != d {
				t.Errorf("%s stands twice, or in capitals", d)
			}
			seen[d] = true
		}
	}
}
