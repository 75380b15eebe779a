package shopify

import (
	"context"
	"net/url"

	"onethread/models"
)

// check tells what would keep Shopify's calls away: it delivers to https addresses only.
func (s shop) check(public string) func(context.Context) []models.Check {
	return func(context.Context) []models.Check {
		address := models.Check{Step: "public address", OK: true}
		if u, err := url.Parse(public); err != nil || u.Scheme != "https" {
			address.OK, address.Problem = false, "Shopify calls https addresses only, and this server's is "+public+". Put it behind a domain with a certificate and set ONETHREAD_URL to that."
		} else if models.PrivateHost(u.Hostname()) {
			address.OK, address.Problem = false, "Shopify cannot reach "+u.Hostname()+" from outside. Set ONETHREAD_URL to an address that the internet can reach."
		}
		secret := models.Check{Step: "signing secret", OK: s.secrets[0] != ""}
		if !secret.OK {
			secret.Problem = "There is no signing secret, so every call is refused. Copy it from Shopify and save it here."
		}
		return []models.Check{address, secret}
	}
}
