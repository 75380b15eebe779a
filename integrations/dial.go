package integrations

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"code.dny.dev/ssrf"
)

// ErrPrivate is why a channel without allow_private does not reach a private or loopback address.
var ErrPrivate = errors.New("the address lies in a private network or on this machine. If that is meant, switch on “allow private addresses” for this channel")

// guard checks the address that is really dialled, after every name was resolved: neither a name
// that points inside (DNS rebinding), nor a redirect, nor an odd spelling gets past it. It
// follows IANA's registries of special-purpose addresses.
var guard = ssrf.New(ssrf.WithAnyPort(), ssrf.WithNetworks("tcp4", "tcp6"))

// Dial makes the dialler of a channel. Without allowPrivate it refuses addresses that are not
// public. Connecting takes at most ten seconds.
func Dial(allowPrivate bool) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !allowPrivate {
		d.Control = guard.Safe
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, addr)
		if errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork) {
			return nil, fmt.Errorf("%w (%s)", ErrPrivate, addr)
		}
		return conn, err
	}
}
