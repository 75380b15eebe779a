package main

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/demo"
)

// storefront is the sample shop's own site: a server of its own, on an origin of its own, with the
// widget's line on every page as any shop would have it.
type storefront struct {
	inbox   string // ONETHREAD_URL
	chat    models.Channel
	carrier *carrier

	mu    sync.Mutex
	enter string // the secret of the one link that logs in to the inbox; empty once used
	login func(r *http.Request) (cookie string, err error)
}

func newStorefront(inbox string, chat models.Channel, carrier *carrier, login func(*http.Request) (string, error)) *storefront {
	return &storefront{inbox: inbox, chat: chat, carrier: carrier, enter: words32(), login: login}
}

// words32 is 256 random bits, safe in addresses.
func words32() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (s *storefront) routes() http.Handler {
	mux := http.NewServeMux()
	for _, p := range append([]string{"/{$}", "/cart", "/parcel/{number}"}, paths()...) {
		mux.HandleFunc("GET "+p, s.show)
	}
	mux.HandleFunc("GET /login", s.logIn)
	mux.HandleFunc("GET /logout", s.logOut)
	mux.HandleFunc("GET /enter/{secret}", s.enterInbox)
	mux.HandleFunc("GET /letter.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(demo.Letter()) // the reader may be gone
	})
	for _, f := range []string{"/style.css", "/shop.js", "/desk.svg", "/lamp.svg", "/stool.svg"} {
		mux.Handle("GET "+f, http.FileServerFS(demo.Storefront))
	}
	s.carrier.routes(mux)
	return mux
}

func paths() (out []string) {
	for _, p := range demo.Products {
		out = append(out, p.Path)
	}
	return out
}

func (s *storefront) show(w http.ResponseWriter, r *http.Request) {
	page := demo.Page{Path: r.URL.Path, Parcel: r.PathValue("number"), Inbox: s.inbox, Key: s.chat.Key, Products: demo.Products, People: demo.Accounts}
	if i := slices.IndexFunc(demo.Products, func(p demo.Product) bool { return p.Path == r.URL.Path }); i >= 0 {
		page.Product = &demo.Products[i]
	}
	if c, err := r.Cookie("shop_fresh"); err == nil && c.Value != "" {
		page.Fresh = true
		http.SetCookie(w, &http.Cookie{Name: "shop_fresh", Path: "/", MaxAge: -1})
	}
	if p := person(r); p != nil {
		page.Person = p
		var err error
		if page.Token, err = s.token(*p); err != nil {
			http.Error(w, "The log-in could not be signed.", http.StatusInternalServerError)
			return
		}
	}
	var b bytes.Buffer
	if err := page.Draw(&b); err != nil {
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

// person is who the browser is logged in as on the storefront. It is a sample shop: the cookie says
// it, and nobody checks a password.
func person(r *http.Request) *demo.Person {
	c, err := r.Cookie("shop_person")
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(demo.Accounts, func(p demo.Person) bool { return p.Handle == c.Value })
	if i < 0 {
		return nil
	}
	return &demo.Accounts[i]
}

// token signs who is logged in, as a shop's server does for onethread('identify').
func (s *storefront) token(p demo.Person) (string, error) {
	claims := jwt.MapClaims{"sub": p.Account, "email": p.Email, "name": p.Name, "exp": time.Now().Add(time.Hour).Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(s.chat.Settings["secret"]))
}

func (s *storefront) logIn(w http.ResponseWriter, r *http.Request) {
	s.become(w, r, &http.Cookie{Name: "shop_person", Value: r.URL.Query().Get("as"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *storefront) logOut(w http.ResponseWriter, r *http.Request) {
	s.become(w, r, &http.Cookie{Name: "shop_person", Path: "/", MaxAge: -1})
}

func (s *storefront) become(w http.ResponseWriter, r *http.Request, who *http.Cookie) {
	http.SetCookie(w, who)
	http.SetCookie(w, &http.Cookie{Name: "shop_fresh", Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// enterInbox logs in to the inbox with the link printed at the start. It works once. Cookies do
// not tell ports apart (RFC 6265 section 8.5), so one set here counts for the inbox on this host.
func (s *storefront) enterInbox(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	good := s.enter != "" && subtle.ConstantTimeCompare([]byte(s.enter), []byte(r.PathValue("secret"))) == 1
	if good {
		s.enter = ""
	}
	s.mu.Unlock()
	w.Header().Set("Referrer-Policy", "no-referrer")
	if good {
		if cookie, err := s.login(r); err == nil {
			http.SetCookie(w, &http.Cookie{Name: web.CookieName(s.inbox), Value: cookie, Path: "/", HttpOnly: true, Secure: web.Secure(s.inbox),
				SameSite: http.SameSiteLaxMode, MaxAge: int(auth.SessionTotal.Seconds())})
		}
	}
	http.Redirect(w, r, strings.TrimRight(s.inbox, "/")+"/", http.StatusSeeOther) // without a session it asks for the password
}
