package email

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"onethread/integrations/email/mime"
)

// bearer logs in with an access token, to IMAP and to SMTP: by XOAUTH2 (developers.google.com/gmail/imap/xoauth2-protocol)
// or by OAUTHBEARER (RFC 7628). In both a challenge is the server's refusal of the token, as JSON. The connection
// is of no more use then: go-imap would answer with "=", which Dovecot takes for broken base64.
type bearer struct {
	mechanism string
	to        server
	token     string
}

// bearerFor chooses the mechanism that the server offers.
func bearerFor(to server, token string, offered func(mechanism string) bool) (*bearer, error) {
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		if offered(mechanism) {
			return &bearer{mechanism, to, token}, nil
		}
	}
	return nil, fmt.Errorf("%s offers no login by OAuth 2 (XOAUTH2 or OAUTHBEARER). Check that it is your provider's server, or log in with a password", to.host)
}

func (b *bearer) initial() []byte {
	if b.mechanism == "XOAUTH2" {
		return []byte("user=" + b.to.username + "\x01auth=Bearer " + b.token + "\x01\x01")
	}
	name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(b.to.username)
	return []byte("n,a=" + name + ",\x01host=" + b.to.host + "\x01port=" + strconv.Itoa(b.to.port) + "\x01auth=Bearer " + b.token + "\x01\x01")
}

func challenged(challenge []byte) error {
	return refused{errors.New(clipText(mime.OneLine(string(challenge)), 300))}
}

// saslBearer is sasl.Client.
type saslBearer struct{ *bearer }

func (b saslBearer) Start() (string, []byte, error) { return b.mechanism, b.initial(), nil }

func (b saslBearer) Next(challenge []byte) ([]byte, error) { return nil, challenged(challenge) }

// smtpBearer is smtp.Auth.
type smtpBearer struct{ *bearer }

func (b smtpBearer) Start(s *smtp.ServerInfo) (string, []byte, error) {
	if !s.TLS && b.to.security != "none" {
		return "", nil, errors.New("the connection is not encrypted")
	}
	return b.mechanism, b.initial(), nil
}

func (b smtpBearer) Next(challenge []byte, more bool) ([]byte, error) {
	if more {
		return nil, challenged(challenge)
	}
	return nil, nil
}
