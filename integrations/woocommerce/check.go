package woocommerce

import (
	"context"
	"net/url"
	"slices"

	"onethread/models"
)

// ports are those that WordPress calls (wp_http_validate_url); the empty one is the scheme's own.
var ports = []string{"", "80", "443", "8080"}

// check tells what would keep the store's calls away: it delivers through wp_safe_remote_request, which
// refuses private and loopback addresses and all but three ports without a word.
func (s store) check(public string) func(context.Context) []models.Check {
	return func(context.Context) []models.Check {
		address := models.Check{Step: "public address", Problem: unreachable(public)}
		secret := models.Check{Step: "webhook secret"}
		if s.secrets[0] == "" {
			secret.Problem = "There is no webhook secret, so every call is refused. Enter one here and the same one in WooCommerce."
		}
		address.OK, secret.OK = address.Problem == "", secret.Problem == ""
		return []models.Check{address, secret}
	}
}

func unreachable(public string) string {
	u, err := url.Parse(public)
	switch {
	case err != nil || (u.Scheme != "https" && u.Scheme != "http"):
		return "This server's address " + public + " is not one that WooCommerce can call. Set ONETHREAD_URL."
	case models.PrivateHost(u.Hostname()):
		return "WooCommerce refuses to call private addresses such as " + u.Hostname() + ", so no orders would come. Set ONETHREAD_URL to an address that the internet can reach."
	case !slices.Contains(ports, u.Port()):
		return "WooCommerce calls the ports 80, 443 and 8080 only, and this server's is " + u.Port() + ". Put it behind one of those and set ONETHREAD_URL to that."
	}
	return ""
}
