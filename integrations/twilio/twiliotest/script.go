package twiliotest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Behaviour is what the fake does with one call instead of, or (returning true) before, answering it.
type Behaviour func(f *Fake, w http.ResponseWriter, r *http.Request) (goOn bool)

// OnSend says what the next calls that send a message meet, in order; afterwards all is well again.
func (f *Fake) OnSend(next ...Behaviour) { f.expect("send", next) }

// OnList says what the next calls that list messages meet.
func (f *Fake) OnList(next ...Behaviour) { f.expect("list", next) }

// OnMedia says what the next calls that fetch a file meet.
func (f *Fake) OnMedia(next ...Behaviour) { f.expect("media", next) }

func (f *Fake) expect(what string, next []Behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script[what] = append(f.script[what], next...)
}

// next takes the behaviour that the script has for a call.
func (f *Fake) next(r *http.Request) (Behaviour, bool) {
	what := ""
	switch {
	case strings.HasSuffix(r.URL.Path, "/Messages.json") && r.Method == "POST":
		what = "send"
	case strings.HasSuffix(r.URL.Path, "/Messages.json"):
		what = "list"
	case strings.Contains(r.URL.Path, "/Media/"):
		what = "media"
	}
	list := f.script[what]
	if len(list) == 0 {
		return nil, false
	}
	f.script[what] = list[1:]
	return list[0], true
}

// Well answers as usual: a pause in a script.
func Well(*Fake, http.ResponseWriter, *http.Request) bool { return true }

// TooFast is a 429 that asks to come back after a while.
func TooFast(after time.Duration) Behaviour {
	return func(_ *Fake, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", fmt.Sprint(int(after.Seconds())))
		refuse(w, 429, 20429, "Too Many Requests")
		return false
	}
}

// Refuses answers with an error of Twilio's.
func Refuses(status, code int) Behaviour {
	return func(_ *Fake, w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, status, code, fmt.Sprint("refused with ", code))
		return false
	}
}

// Says answers with whatever it is given: a page of HTML, half an object, nothing.
func Says(status int, contentType, body string) Behaviour {
	return func(_ *Fake, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return false
	}
}

// Hangs says nothing until the caller has left.
func Hangs(_ *Fake, _ http.ResponseWriter, r *http.Request) bool {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the caller left
	<-r.Context().Done()
	return false
}

// Drops does what it is asked to, then cuts the connection instead of answering: the caller cannot
// know.
func Drops(f *Fake, w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	f.create(discard{}, r)
	f.mu.Unlock()
	cut(w)
	return false
}

// Cuts drops the connection before anything was done.
func Cuts(_ *Fake, w http.ResponseWriter, _ *http.Request) bool {
	cut(w)
	return false
}

func cut(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

// discard is an answer that nobody gets.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
