package models

import (
	"net/netip"
	"strings"
)

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// PrivateHost tells whether a host (a name or an address, without port) can be meant only inside the
// house: private, loopback, link-local and carrier-grade NAT addresses, and names that the internet
// does not know (RFC 6761, 6762, 8375). It asks no name server.
func PrivateHost(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || carrierNAT.Contains(a)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa", ".test", ".invalid"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
