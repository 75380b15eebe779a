package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/emersion/go-imap/v2"

	"onethread/models"
)

// explain says to people what went wrong with a server and what to do next. It tells apart
// wrong credentials, a host that cannot be reached, a certificate that does not hold and an
// address that is not allowed.
func explain(err error, to server, protocol string) string {
	if err == nil {
		return ""
	}
	if text := explainNetwork(err, to, protocol); text != "" {
		return text
	}
	var answer *imap.Error
	switch {
	case errors.As(err, new(refused)) && to.tokens != nil:
		return fmt.Sprintf("%s refuses the access token for the user %s. Connect again and choose the account %s there; at Microsoft 365, IMAP and authenticated SMTP must be switched on for the mailbox. The server says: %s.", to.host, to.username, to.username, strings.TrimSuffix(words(err), "."))
	case errors.As(err, new(refused)):
		text := fmt.Sprintf("Wrong user name or password for %s (user %s). The server says: %s. Check both. %s", to.host, to.username, strings.TrimSuffix(words(err), "."), hintFor(to.host).advice())
		return strings.TrimSpace(text)
	case errors.As(err, &answer):
		return fmt.Sprintf("%s answered: %s", to.host, answer.Text)
	case smtpCode(err) > 0:
		return fmt.Sprintf("%s answered: %s", to.host, serverWords(err))
	}
	return fmt.Sprintf("The connection to %s failed: %v. It will be tried again.", to.addr(), err)
}

func words(err error) string {
	var answer *imap.Error
	if errors.As(err, &answer) {
		return answer.Text
	}
	return serverWords(err)
}

func explainNetwork(err error, to server, protocol string) string {
	var own *models.Error
	var dns *net.DNSError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &own):
		return own.Message
	case errors.As(err, &dns):
		return fmt.Sprintf("There is no host %s. Check the name of the %s server for typing mistakes.", to.host, protocol)
	case errors.As(err, &name):
		return fmt.Sprintf("The certificate of %s is for another name (%v). Put the name that stands in the certificate as the server.", to.host, name)
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return fmt.Sprintf("The certificate of %s is signed by nobody this computer trusts. If it is your own server, paste its authority's certificate under “Private certificate authority”.", to.host)
	case errors.As(err, &invalid):
		return fmt.Sprintf("The certificate of %s is not valid (%v). Whoever runs the server must renew it.", to.host, invalid)
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return fmt.Sprintf("The certificate of %s could not be verified: %v.", to.host, err)
	case errors.As(err, &record), strings.Contains(err.Error(), "first record does not look like a TLS handshake"):
		return fmt.Sprintf("%s does not speak TLS on port %d. Choose starttls instead, or another port.", to.host, to.port)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("Nothing answers on port %d of %s. Check the %s server and its port.", to.port, to.host, protocol)
	case errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("%s did not answer in time. Check the %s server and its port (and that no firewall stands in between).", to.addr(), protocol)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("%s cannot be reached from here. Check the network and the %s server.", to.host, protocol)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed):
		return fmt.Sprintf("%s closed the connection. If it happens again, check the port and the encryption (%s).", to.addr(), to.security)
	}
	return ""
}
