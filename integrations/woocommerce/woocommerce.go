// Package woocommerce takes the signed webhooks of a WooCommerce store: orders with their refunds,
// customers and products. What it relies on was measured on WooCommerce 11.0.1: order.updated may come
// before order.created, clocks have whole seconds, and a failed delivery is not made again.
package woocommerce

import (
	"net/url"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// Provider is one WooCommerce store.
var Provider = models.Provider{
	Kind: "woocommerce", Name: "WooCommerce", Hooks: []string{""},
	Fields: []models.Field{
		{Key: "store_url", Label: "Store address", Type: "url", Required: true, Help: "Where the shop is, such as https://casa.example."},
		{Key: "secret", Label: "Webhook secret", Type: "password", Secret: true, Generate: true,
			Help: "Made for you; the channel's page shows it again whenever you need it. Paste it, with the webhook address, into WooCommerce › Settings › Advanced › Webhooks: one webhook each for order created, updated, deleted and restored, and for customers and products created and updated."},
		{Key: "old_secret", Label: "Previous webhook secret", Type: "password", Secret: true, Advanced: true,
			Help: "While you change the secret, calls signed with this one are accepted too."},
	},
	Validate: validate,
	Open: func(c models.Channel, h models.Host) (models.Connection, error) {
		s := newStore(c)
		return models.Connection{Hook: s, Check: s.check(h.URL)}, nil
	},
}

func validate(s map[string]string) error {
	if !shopdata.WebURL(s["store_url"]) {
		return models.FieldError("store_url", "%q is not the address of a shop, such as https://casa.example.", s["store_url"])
	}
	if len(s["secret"]) < 16 {
		return models.FieldError("secret", "The webhook secret must have at least 16 characters.")
	}
	return nil
}

// store is one opened channel.
type store struct {
	channel models.ID
	base    string // its address without a trailing slash
	scope   string // host and path of base: whose customers its account ids are
	secrets []string
}

func newStore(c models.Channel) store {
	s := store{channel: c.ID, base: strings.TrimRight(c.Settings["store_url"], "/"), secrets: []string{c.Settings["secret"], c.Settings["old_secret"]}}
	if u, err := url.Parse(s.base); err == nil {
		s.base = strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/")
		s.scope = strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/")
	}
	return s
}
