package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"onethread/handlers/staff"
	"onethread/integrations"
	"onethread/models/store"
)

// Env is what the environment says (README.md, "Configuration").
type Env struct {
	Addr      string
	Data      string
	URL       string // without a trailing slash
	SecretKey []byte // nil: the file in the data folder
	Proxies   []string
	LogLevel  slog.Level

	images staff.Dialer // how pictures in mails are fetched when staff ask; nil: from public addresses only
}

func (e Env) imageDialer() staff.Dialer {
	if e.images != nil {
		return e.images
	}
	return integrations.Dial(false)
}

// readEnv reads and checks the environment; every problem is one sentence that says what to do.
func readEnv(lookup func(string) (string, bool)) (Env, error) {
	get := func(name, fallback string) string {
		if v, ok := lookup(name); ok && v != "" {
			return v
		}
		return fallback
	}
	env := Env{Addr: get("ONETHREAD_ADDR", ":8080"), Data: get("ONETHREAD_DATA", "./data"), URL: strings.TrimRight(get("ONETHREAD_URL", "http://localhost:8080"), "/")}
	if err := checkURL(env.URL); err != nil {
		return env, err
	}
	if err := env.LogLevel.UnmarshalText([]byte(get("ONETHREAD_LOG", "info"))); err != nil {
		return env, fmt.Errorf("ONETHREAD_LOG is %q; it must be debug, info, warn or error", get("ONETHREAD_LOG", ""))
	}
	for _, p := range strings.FieldsFunc(get("ONETHREAD_TRUSTED_PROXIES", ""), func(r rune) bool { return r == ',' || r == ' ' }) {
		if _, err := netip.ParseAddr(p); err != nil {
			if _, err := netip.ParsePrefix(p); err != nil {
				return env, fmt.Errorf("ONETHREAD_TRUSTED_PROXIES holds %q; it must hold addresses such as 10.0.0.2 or networks such as 10.0.0.0/8", p)
			}
		}
		env.Proxies = append(env.Proxies, p)
	}
	if get("DATABASE_URL", "") != "" {
		return env, fmt.Errorf("DATABASE_URL is set, but this version keeps everything in SQLite in the data folder; remove it")
	}
	var err error
	env.SecretKey, err = secretKey(get("ONETHREAD_SECRET_KEY", ""), get("ONETHREAD_SECRET_KEY_FILE", ""))
	return env, err
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("ONETHREAD_URL is %q; it must be the public address alone, such as https://inbox.example.com", text)
	}
	return nil
}

func secretKey(text, file string) ([]byte, error) {
	if text == "" && file == "" {
		return nil, nil
	}
	if text == "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("ONETHREAD_SECRET_KEY_FILE cannot be read: %w", err)
		}
		text = string(b)
	}
	return store.ParseKey(text)
}
