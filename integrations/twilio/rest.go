package twilio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// maxAnswer bounds one answer of the API, in bytes.
const maxAnswer = 1 << 20

// call is one call of Twilio's API: twilio-go's own client, whose requests know no context and go to
// one fixed address, over a transport that gives them both and remembers what the library drops of
// the answer.
type call struct {
	*openapi.ApiService
	handler *client.RequestHandler
	answer  *answer
	end     context.CancelFunc
}

// answer is what came back: the zero value when nothing did.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// api begins a call, which end ends.
func (a *account) api(ctx context.Context) *call {
	ctx, cancel := context.WithTimeout(ctx, a.call)
	got := &answer{}
	c := &client.Client{Credentials: client.NewCredentials(a.user, a.password), HTTPClient: &http.Client{
		Transport:     transport{account: a, ctx: ctx, answer: got},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	c.SetAccountSid(a.sid)
	h := &client.RequestHandler{Client: c} // not NewRequestHandler, which reads the environment
	return &call{ApiService: openapi.NewApiService(h), handler: h, answer: got, end: cancel}
}

// transport sends a request of twilio-go where the settings say.
type transport struct {
	*account
	ctx    context.Context
	answer *answer
}

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)

// RoundTrip implements http.RoundTripper. The whole answer is read here, while the context holds.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(t.ctx)
	req.URL.Scheme, req.URL.Host, req.Host = t.base.Scheme, t.base.Host, ""
	req.URL.Path = t.base.Path + req.URL.Path
	resp, err := t.wire.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errTooLong
	}
	if err != nil {
		return nil, err
	}
	*t.answer = answer{status: resp.StatusCode, header: resp.Header, body: body}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// skew is how far Twilio's clock is ahead of ours, by the answer's Date; 0 when it does not tell.
func (g *answer) skew(now time.Time) time.Duration {
	there, err := http.ParseTime(g.header.Get("Date"))
	if err != nil {
		return 0
	}
	return there.Sub(now).Truncate(time.Second)
}

// page reads the next page of a list, by the next_page_uri of the one before; the host is always ours.
func (c *call) page(uri string, into func([]byte) error) error {
	resp, err := c.handler.Get(realAPI+"/"+strings.TrimLeft(uri, "/"), nil, map[string]any{"Content-Type": "application/x-www-form-urlencoded"}, "")
	if err != nil {
		return err
	}
	resp.Body.Close()
	return into(c.answer.body)
}

// or returns what p points to; the API leaves out what it does not know.
func or[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// parseTime reads the API's times (RFC 2822 with a numeric zone); zero when it makes no sense.
func parseTime(p *string) time.Time {
	t, err := time.Parse(time.RFC1123Z, or(p))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

var errGarbage = errors.New("the answer makes no sense")
