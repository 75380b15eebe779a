// Package shopify takes the signed webhooks of a Shopify store: orders, refunds, customers and
// products (Shopify, "Webhooks": topics, headers and delivery; REST resources of version 2026-07).
package shopify

import (
	"regexp"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// Provider is one Shopify store.
var Provider = models.Provider{
	Kind: "shopify", Name: "Shopify", Hooks: []string{""},
	Fields: []models.Field{
		{Key: "shop_domain", Label: "Shop domain", Type: "text", Required: true, Help: "The shop's own address at Shopify, such as casa.myshopify.com."},
		{Key: "secret", Label: "Webhook signing secret", Type: "password", Required: true, Secret: true,
			Help: "The client secret of your app (Dev Dashboard › your app › Settings), or the key below the list in Settings › Notifications › Webhooks."},
		{Key: "old_secret", Label: "Previous signing secret", Type: "password", Secret: true, Advanced: true,
			Help: "While you change the secret, calls signed with this one are accepted too."},
		{Key: "base_url", Label: "Address for links", Type: "url", Advanced: true, Help: "Empty: https:// and the shop domain."},
	},
	Validate: validate,
	Open: func(c models.Channel, h models.Host) (models.Connection, error) {
		s := newShop(c)
		return models.Connection{Hook: s, Check: s.check(h.URL)}, nil
	},
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)

func validate(s map[string]string) error {
	if !hostName.MatchString(strings.ToLower(s["shop_domain"])) {
		return models.FieldError("shop_domain", "%q is not the domain of a shop, such as casa.myshopify.com (no https://, no path).", s["shop_domain"])
	}
	if len(s["secret"]) < 16 {
		return models.FieldError("secret", "The signing secret must have at least 16 characters. Copy it whole from Shopify.")
	}
	if base := s["base_url"]; base != "" && !shopdata.WebURL(base) {
		return models.FieldError("base_url", "%q is not an http or https address.", base)
	}
	return nil
}

// shop is one opened channel.
type shop struct {
	channel models.ID
	domain  string // lower case; the scope of its customers' accounts
	base    string // where its pages are, without a trailing slash
	secrets []string
}

func newShop(c models.Channel) shop {
	s := shop{channel: c.ID, domain: strings.ToLower(c.Settings["shop_domain"]), secrets: []string{c.Settings["secret"], c.Settings["old_secret"]}}
	s.base = strings.TrimRight(c.Settings["base_url"], "/")
	if s.base == "" {
		s.base = "https://" + s.domain
	}
	return s
}
