package webchat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"onethread/integrations/conformance"
	"onethread/models"
)

const (
	secret    = "the shop's own secret of 32 bytes"
	oldSecret = "the secret before that one, as long"
)

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func testMAC(purpose string, message []byte) []byte {
	h := hmac.New(sha256.New, []byte("server key"))
	fmt.Fprintf(h, "%s|%s", purpose, message)
	return h.Sum(nil)
}

func testChat() *Chat { return New(testMAC, func() time.Time { return now }) }

func channel() models.Channel {
	return models.Channel{ID: 3, Type: Kind, Key: "k3y", Settings: map[string]string{"secret": secret, "old_secret": oldSecret}}
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Case{
		Provider: Provider,
		Settings: map[string]string{"title": "Chat", "color": "#112233", "origins": "https://shop.example\nhttp://localhost:3000/", "secret": secret},
		Wrong: map[string]string{"color": "red;}", "origins": "shop.example", "secret": "short", "old_secret": "short",
			"title": strings.Repeat("x", 81), "welcome": strings.Repeat("x", 501)},
		Send: &conformance.Send{
			Answers: []conformance.Answer{conformance.Accepts},
			Open: func(t *testing.T, _ conformance.Answer) models.Sender {
				conn, err := Provider.Open(channel(), conformance.Host())
				if err != nil {
					t.Fatal(err)
				}
				return conn.Sender
			},
			Out: models.Outbound{EventID: 9, To: "0f", Text: "Yes, two left."},
		},
	})
}

func TestOrigins(t *testing.T) {
	got, err := Origins(" https://Shop.example/path \n\nhttp://localhost:3000\nhttps://a.example:443\r\n")
	if fmt.Sprint(got) != "[https://shop.example http://localhost:3000 https://a.example]" || err != nil {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"*", "https://*.example", "javascript:alert(1)", "https://a.example;script-src *", "https://u:p@a.example", "//a.example"} {
		if _, err := Origins(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestVisitorToken(t *testing.T) {
	c, ch := testChat(), channel()
	visitor := c.Visitor()
	token := c.Token(ch, visitor)
	if got, ok := c.Verify(ch, token); !ok || got != visitor {
		t.Fatalf("%q %v", got, ok)
	}
	other := ch
	other.Key = "other"
	if _, ok := c.Verify(other, token); ok {
		t.Error("it counts on another channel")
	}
	if _, ok := New(func(p string, m []byte) []byte { return testMAC("x"+p, m) }, c.now).Verify(ch, token); ok {
		t.Error("it counts under another key")
	}
	parts := strings.Split(token, ".")
	for _, bad := range []string{"", ".", "..", visitor, token[:len(token)-1], token + "A", strings.ToUpper(token),
		parts[0] + "." + parts[1] + ".", c.Visitor() + "." + parts[1] + "." + parts[2], parts[0] + ".zzzzzz." + parts[2], strings.Repeat("a", 1<<20)} {
		if _, ok := c.Verify(ch, bad); ok {
			t.Errorf("%.60q is accepted", bad)
		}
	}
	for age, ok := range map[time.Duration]bool{399 * 24 * time.Hour: true, 401 * 24 * time.Hour: false, -2 * time.Hour: false} {
		later := New(testMAC, func() time.Time { return now.Add(age) })
		if _, got := later.Verify(ch, token); got != ok {
			t.Errorf("after %s: %v", age, got)
		}
	}
}

func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	s, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestIdentify(t *testing.T) {
	c, ch := testChat(), channel()
	ana := func() jwt.MapClaims {
		return jwt.MapClaims{"sub": "c-17", "email": "ana@example.com", "phone": "+351912007031", "name": "Ana Duarte", "exp": now.Add(time.Hour).Unix()}
	}
	with := func(key string, value any) jwt.MapClaims {
		m := ana()
		if m[key] = value; value == nil {
			delete(m, key)
		}
		return m
	}
	tok := func(claims jwt.MapClaims, key string) string {
		return fmt.Sprintf(`{"token":%q}`, sign(t, jwt.SigningMethodHS256, []byte(key), claims))
	}
	hash := func(sub, email, key string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(sub + ":" + email))
		return hex.EncodeToString(h.Sum(nil))
	}
	good := sign(t, jwt.SigningMethodHS256, []byte(secret), ana())
	parts := strings.Split(good, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"c-1","email":"victim@example.com","exp":4102444800}`))
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	for name, x := range map[string]struct {
		raw string
		ok  bool
	}{
		"signed":                       {`{"token":"` + good + `"}`, true},
		"signed with the old secret":   {tok(ana(), oldSecret), true},
		"hash":                         {`{"sub":"c-17","email":"ana@example.com","hash":"` + hash("c-17", "ana@example.com", secret) + `"}`, true},
		"hash, old secret":             {`{"sub":"c-17","email":"ana@example.com","hash":"` + hash("c-17", "ana@example.com", oldSecret) + `"}`, true},
		"foreign secret":               {tok(ana(), "somebody else's secret of 32 byte"), false},
		"no secret at all":             {tok(ana(), ""), false},
		"expired":                      {tok(with("exp", now.Add(-time.Second).Unix()), secret), false},
		"without exp":                  {tok(with("exp", nil), secret), false},
		"exp as text":                  {tok(with("exp", "never"), secret), false},
		"not yet valid":                {tok(with("nbf", now.Add(time.Hour).Unix()), secret), false},
		"HS512":                        {`{"token":"` + sign(t, jwt.SigningMethodHS512, []byte(secret), ana()) + `"}`, false},
		"alg none":                     {`{"token":"` + sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, ana()) + `"}`, false},
		"alg none by hand":             {`{"token":"` + none + "." + parts[1] + `."}`, false},
		"alg none with the signature":  {`{"token":"` + none + "." + parts[1] + "." + parts[2] + `"}`, false},
		"claims changed":               {`{"token":"` + parts[0] + "." + forged + "." + parts[2] + `"}`, false},
		"signature cut":                {`{"token":"` + parts[0] + "." + parts[1] + `."}`, false},
		"nobody":                       {tok(jwt.MapClaims{"exp": now.Add(time.Hour).Unix()}, secret), false},
		"two addresses":                {tok(with("email", "ana@example.com,leo@example.com"), secret), false},
		"header in the address":        {tok(with("email", "ana@example.com\r\nBcc: x@example.com"), secret), false},
		"plain claim":                  {`{"sub":"c-17","email":"ana@example.com"}`, false},
		"empty hash":                   {`{"sub":"c-17","email":"ana@example.com","hash":""}`, false},
		"hash of another address":      {`{"sub":"c-17","email":"victim@example.com","hash":"` + hash("c-17", "ana@example.com", secret) + `"}`, false},
		"hash split elsewhere":         {`{"sub":"c-17","email":"x:ana@example.com","hash":"` + hash("c-17:x", "ana@example.com", secret) + `"}`, false},
		"no JSON":                      {`token`, false},
		"huge":                         {`{"token":"` + strings.Repeat("a", 1<<20) + `"}`, false},
		"a list where text belongs":    {`{"token":["` + good + `"]}`, false},
		"prototype pollution":          {`{"__proto__":{"token":"` + good + `"}}`, false},
		"the token beside a bad claim": {`{"token":"` + parts[0] + "." + parts[1] + ".AAAA" + `","sub":"c-17","email":"ana@example.com","hash":"00"}`, false},
	} {
		in, err := c.Identify(ch, "0f", []byte(x.raw))
		if (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			if !models.IsCode(err, models.Unsigned) || len(in.Hints) > 0 {
				t.Errorf("%s: %v, hints %v", name, err, in.Hints)
			}
			continue
		}
		if in.Hints[0].Kind != models.ChatIdentity || in.Hints[0].Evidence != models.Asserted || in.Hints[1].Value != "ana@example.com" ||
			in.Hints[1].Evidence != models.Proved || !in.Signed {
			t.Errorf("%s: %+v", name, in)
		}
	}
	ch.Settings = map[string]string{}
	if _, err := c.Identify(ch, "0f", []byte(tok(ana(), ""))); err == nil {
		t.Error("a channel without a secret believes everybody")
	}
}

func TestIdentifyOnEveryPageIsOneEvent(t *testing.T) {
	c, ch := testChat(), channel()
	id := func(minutes int, email string) string {
		token := sign(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "1", "email": email, "exp": now.Add(time.Duration(minutes) * time.Minute).Unix()})
		in, err := c.Identify(ch, "0f", []byte(`{"token":"`+token+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		return in.ExternalID
	}
	if id(5, "ana@example.com") != id(50, "ana@example.com") || id(5, "ana@example.com") == id(5, "leo@example.com") {
		t.Error("the duplicate key follows the token instead of what it proves")
	}
}

func TestMessage(t *testing.T) {
	c, ch := testChat(), channel()
	in, err := c.Message(ch, "0f", "client-id-1", "Is it in stock?", []models.ID{4})
	if err != nil || in.ExternalID != "0f:client-id-1" || in.ChannelID != 3 || in.Hints[0].Value != "0f" || in.Hints[0].Scope != "k3y" {
		t.Fatalf("%+v %v", in, err)
	}
	if m := in.Payload.(*models.MessageIn); m.Text != "Is it in stock?" || m.Attachments[0].UploadID != 4 || m.HTML != "" {
		t.Errorf("%+v", m)
	}
	for _, bad := range [][2]string{{"short", "x"}, {"client id 1", "x"}, {"client-id-1", " \n"}, {"client-id-1", strings.Repeat("x", maxText+1)},
		{"client-id-1", "nul\x00"}, {"client-id-1", "\xff"}, {"", "x"}, {strings.Repeat("a", 65), "x"}} {
		if _, err := c.Message(ch, "0f", bad[0], bad[1], nil); !models.IsCode(err, models.Invalid) {
			t.Errorf("%.30q: %v", bad, err)
		}
	}
}

func TestContactOnlyEverSuggests(t *testing.T) {
	c, ch := testChat(), channel()
	in, err := c.Contact(ch, "0f", " Ana@example.com ", "+351 912 007 031", "Ana")
	if err != nil || len(in.Hints) != 3 || in.Signed {
		t.Fatalf("%+v %v", in, err)
	}
	for _, h := range in.Hints[1:] {
		if h.Evidence != models.Typed {
			t.Errorf("%+v", h)
		}
	}
	for _, bad := range [][2]string{{"", ""}, {"ana", ""}, {"a@b@example.com", ""}, {"a@x.example, b@x.example", ""}, {"", "call me"}, {"", strings.Repeat("9", 90)}} {
		if _, err := c.Contact(ch, "0f", bad[0], bad[1], ""); !models.IsCode(err, models.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTrack(t *testing.T) {
	c, ch := testChat(), channel()
	raw := `{"consent":false,"events":[
	 {"id":"event-001","name":"page_viewed","at":"2026-11-20T08:59:00Z","data":{"url":"https://u:p@shop.example/desk?x=1#top","title":"Desk\u0000\n<b>","duration":160.4}},
	 {"id":"event-002","name":"product_saved","at":"2031-01-01T00:00:00Z","data":{"id":42,"title":"Walnut desk","price":"449.00","currency":"EUR","url":"javascript:alert(1)"}},
	 {"id":"event-003","name":"cart_updated","data":{"currency":"JPY","total":1200,"lines":[{"title":"Lamp","sku":7,"quantity":2,"price":"600"}]}},
	 {"id":"event-004","name":"order_placed","data":{"number":1042,"email":"ana@example.com","phone":"x"}},
	 {"id":"event-005","name":"wishlist_shared","data":{"__proto__":{"x":1}}},
	 {"id":"event-006","name":"Bad Name"},{"id":"x","name":"page_viewed"},
	 {"id":"event-007","name":"product_unsaved","data":["no object"]}]}`
	list, err := c.Track(ch, "0f", []byte(raw))
	if err != nil || len(list) != 6 {
		t.Fatalf("%d events, %v", len(list), err)
	}
	var got []string
	for _, in := range list {
		b, _ := json.Marshal(in.Payload)
		got = append(got, fmt.Sprintf("%s %s %d %s", in.Payload.EventKind(), in.OccurredAt, len(in.Hints), b))
	}
	want := `page_view 2026-11-20T08:59:00.000Z 1 {"url":"https://shop.example/desk?x=1","title":"Desk  \u003cb\u003e","duration_seconds":160}
product_saved  1 {"id":"42","title":"Walnut desk","price_minor":44900,"currency":"EUR"}
cart  1 {"status":"updated","currency":"JPY","total_minor":1200,"lines":[{"title":"Lamp","sku":"7","quantity":2,"price_minor":600}]}
page_view  2 {"url":"","title":"1042","name":"order_placed"}
page_view  1 {"url":"","name":"wishlist_shared"}
product_unsaved  1 {"title":""}`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if h := list[3].Hints[1]; h.Evidence != models.Typed || h.Value != "ana@example.com" {
		t.Errorf("order_placed: %+v", h)
	}
	ch.Settings["consent_required"] = "true"
	if list, err := c.Track(ch, "0f", []byte(raw)); len(list) != 0 || err != nil {
		t.Errorf("%d events before consent, %v", len(list), err)
	}
	if list, _ := c.Track(ch, "0f", []byte(strings.Replace(raw, "false", "true", 1))); len(list) != 6 {
		t.Errorf("%d events with consent", len(list))
	}
	for _, bad := range []string{"", "[]", `{"events":{}}`, "\x00"} {
		if list, err := c.Track(ch, "0f", []byte(bad)); err == nil || len(list) > 0 {
			t.Errorf("%q: %d events", bad, len(list))
		}
	}
}

func TestMinor(t *testing.T) {
	for in, want := range map[[2]string]int64{{"449.00", "EUR"}: 44900, {"134.1", "EUR"}: 13410, {"53.555", "USD"}: 0, {"-84.10", "EUR"}: -8410,
		{"1200", "JPY"}: 1200, {"1.234", "KWD"}: 1234, {"1e9", "EUR"}: 0, {"€5", "EUR"}: 0, {"5", ""}: 0, {"999999999999.99", "EUR"}: 99999999999999} {
		if got := minor(models.Loose(in[0]), in[1]); got != want {
			t.Errorf("%v = %d, want %d", in, got, want)
		}
	}
}
