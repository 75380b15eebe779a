package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// carrier is the sample shop's telephone company. It answers as Twilio's API does, delivers text
// messages nowhere, and soon says that they arrived.
type carrier struct {
	ctx         context.Context // ends with the sample shop
	account     string
	token       string
	number      string
	arriveAfter time.Duration
}

func newCarrier(ctx context.Context) *carrier {
	return &carrier{ctx: ctx, account: "AC" + hex32(), token: hex32(), number: "+351210105080", arriveAfter: 1200 * time.Millisecond}
}

// hex32 is 32 hexadecimal digits, the form of Twilio's ids.
func hex32() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	const digits = "0123456789abcdef"
	var out strings.Builder
	for _, x := range b {
		out.WriteByte(digits[x>>4])
		out.WriteByte(digits[x&15])
	}
	return out.String()
}

// settings connect a channel to it; site is where it is reached.
func (c *carrier) settings(site string) map[string]string {
	return map[string]string{"account_sid": c.account, "auth_token": c.token, "number": c.number, "base_url": site + "/carrier", "allow_private": "true"}
}

func (c *carrier) routes(mux *http.ServeMux) {
	base := "/carrier/2010-04-01/Accounts/" + c.account
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // the caller may be gone
	}
	mux.HandleFunc("GET "+base+".json", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"sid": c.account, "status": "active", "friendly_name": "Casa Nogueira"})
	})
	mux.HandleFunc("GET "+base+"/IncomingPhoneNumbers.json", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"incoming_phone_numbers": []any{map[string]any{"sid": "PN" + c.account[2:], "phone_number": c.number}}})
	})
	mux.HandleFunc("GET "+base+"/Messages.json", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"messages": []any{}})
	})
	mux.HandleFunc("POST "+base+"/Messages.json", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != c.account || password != c.token {
			answer(w, http.StatusUnauthorized, map[string]any{"code": 20003, "message": "Authenticate", "status": 401})
			return
		}
		m := url.Values{"MessageSid": {"SM" + hex32()}, "AccountSid": {c.account}, "From": {c.number}, "To": {r.PostFormValue("To")}, "ApiVersion": {"2010-04-01"}}
		answer(w, http.StatusCreated, map[string]any{"sid": m.Get("MessageSid"), "status": "queued", "to": m.Get("To"), "from": c.number,
			"body": r.PostFormValue("Body"), "direction": "outbound-api"})
		if to := r.PostFormValue("StatusCallback"); to != "" {
			time.AfterFunc(c.arriveAfter, func() { c.report(to, m, "sent"); c.report(to, m, "delivered") })
		}
	})
}

// report tells the channel what became of a message, signed as Twilio signs.
func (c *carrier) report(to string, m url.Values, status string) {
	m.Set("MessageStatus", status)
	m.Set("SmsStatus", status)
	mac := hmac.New(sha1.New, []byte(c.token))
	mac.Write([]byte(to))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		mac.Write([]byte(k + m.Get(k)))
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, to, bytes.NewReader([]byte(m.Encode())))
	if err != nil {
		slog.Warn("demo: a delivery report has no address", "error", err)
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return // the shop is closing
	}
	_ = resp.Body.Close()
}
