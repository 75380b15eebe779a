package email

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"onethread/models"
)

// dialTime bounds connecting and the TLS handshake, each.
const dialTime = 10 * time.Second

// connect opens the TCP connection; wrap adds TLS where the security setting says so.
func (s server) connect(ctx context.Context, host models.Host) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	return host.Dial(ctx, "tcp", s.addr())
}

// wrap makes an open connection a TLS one.
func (s server) wrap(ctx context.Context, conn net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	secure := tls.Client(conn, s.tlsConfig())
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func (s server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}
