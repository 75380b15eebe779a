package webchat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"onethread/models"
)

// AccountIdentity is the kind of the shop's own customer id ("sub"); its scope is the channel's key.
const AccountIdentity models.IdentityKind = "account"

// identity is what onethread('identify', …) sends: a token, or the three fields of shops that
// can make no JWT.
type identity struct {
	Token string `json:"token"`
	Sub   string `json:"sub"`
	Email string `json:"email"`
	Hash  string `json:"hash"`
}

// person is what the shop's server signed.
type person struct {
	Email string `json:"email"`
	Phone string `json:"phone"`
	Name  string `json:"name"`
	jwt.RegisteredClaims
}

var errIdentity = &models.Error{Code: models.Unsigned, Field: "identity",
	Message: "The identify token is not signed with this channel's secret, or has expired. Make a new one on your server."}

// Identify builds what the shop's own server proved about a visitor: a JWT signed with HS256 and
// nothing else (RFC 8725 3.1), with an expiry; or hash = hex(HMAC-SHA256(secret, sub + ":" +
// email)). During rotation two secrets count. Without a secret nothing does.
func (c *Chat) Identify(ch models.Channel, visitor string, raw []byte) (models.Inbound, error) {
	var id identity
	if len(raw) > 8192 || json.Unmarshal(raw, &id) != nil {
		return models.Inbound{}, errIdentity
	}
	for _, secret := range []string{ch.Settings["secret"], ch.Settings["old_secret"]} {
		if len(secret) < minSecret {
			continue
		}
		if p, ok := c.proved(secret, id); ok {
			return identified(ch, visitor, p), nil
		}
	}
	return models.Inbound{}, errIdentity
}

func (c *Chat) proved(secret string, id identity) (p person, ok bool) {
	if id.Token != "" {
		_, err := jwt.ParseWithClaims(id.Token, &p, func(*jwt.Token) (any, error) { return []byte(secret), nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(c.now), jwt.WithStrictDecoding())
		return p, err == nil && sane(p)
	}
	given, err := hex.DecodeString(id.Hash)
	if err != nil || id.Sub == "" {
		return p, false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(id.Sub + ":" + id.Email))
	p = person{Email: id.Email, RegisteredClaims: jwt.RegisteredClaims{Subject: id.Sub}}
	return p, hmac.Equal(given, mac.Sum(nil)) && sane(p)
}

// sane refuses what no shop means to sign. An email address holds no colon (plausibleEmail), so
// "sub:email" can be split in one way only.
func sane(p person) bool {
	return p.Subject+p.Email+p.Phone != "" && len(p.Subject) <= 200 && len(p.Name) <= 200 && clean(p.Subject) && clean(p.Name) &&
		(p.Email == "" || plausibleEmail(p.Email)) && (p.Phone == "" || plausiblePhone.MatchString(p.Phone))
}

// identified names the event by what was proved, so that a fresh token on every page of the shop
// is one event, not one a page.
func identified(ch models.Channel, visitor string, p person) models.Inbound {
	in := models.Inbound{ChannelID: ch.ID, ExternalID: "identify:" + visitor + ":" + fingerprint(p.Subject, p.Email, p.Phone, p.Name),
		Signed: true, Name: strings.TrimSpace(p.Name), Hints: []models.Hint{browser(ch, visitor)}, Payload: &models.ContactIn{}}
	const reason = "signed by the shop's own site"
	in.Hints = append(in.Hints, addresses(p.Email, p.Phone, models.Proved, reason)...)
	if p.Subject != "" {
		in.Hints = append(in.Hints, models.Hint{Kind: AccountIdentity, Scope: ch.Key, Value: p.Subject, Evidence: models.Proved, Reason: reason})
	}
	return in
}
