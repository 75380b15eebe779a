// Package staff holds what logged-in staff see and do: the inbox, threads, search, settings and
// their own account. Handlers bind, call one command, and draw; the words and looks are in views.
package staff

import (
	"context"
	"net/url"
	"time"
	_ "time/tzdata" // the shop's people may be anywhere, and small images carry no time zones

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

// Deps is what the zone is wired from.
type Deps struct {
	Store    *store.Store
	Inbox    *inbox.Inbox
	Auth     *auth.Auth
	Channels *channels.Registry
	Views    *views.Views
	Signals  *web.Signals
	URL      string          // ONETHREAD_URL without a trailing slash
	Streams  context.Context // ends when the server shuts down: open sockets end with it
	Dial     Dialer          // for remote images; refuses private addresses. nil = none are fetched
}

// Handlers is everything that the routes of this zone need.
type Handlers struct {
	*Screens
	*Settings
	*Lists
}

// New makes the handlers.
func New(d Deps) *Handlers {
	return &Handlers{
		Screens:  &Screens{Store: d.Store, Inbox: d.Inbox, Auth: d.Auth, Views: d.Views, Signals: d.Signals, URL: d.URL, Streams: d.Streams, Dial: d.Dial},
		Settings: &Settings{Store: d.Store, Inbox: d.Inbox, Auth: d.Auth, Channels: d.Channels, Views: d.Views, URL: d.URL},
		Lists:    &Lists{Store: d.Store, Inbox: d.Inbox, Views: d.Views, Streams: d.Streams},
	}
}

// Screens is the inbox with its threads, search and live stream.
type Screens struct {
	Store   *store.Store
	Inbox   *inbox.Inbox
	Auth    *auth.Auth
	Views   *views.Views
	Signals *web.Signals
	URL     string
	Streams context.Context
	Dial    Dialer

	news news // what the open streams read in common
}

// id reads an id from the path. What is no id is not found: the answer must not tell the two apart.
func id(c *fiber.Ctx, name string) (models.ID, error) {
	n, err := models.ParseID(c.Params(name))
	if err != nil || n <= 0 {
		return 0, models.Errorf(models.NotFound, "There is nothing here, or nothing that you may see.")
	}
	return n, nil
}

// zone is the time zone that the browser told in a cookie, else UTC.
func zone(c *fiber.Ctx) *time.Location { return zoneOf(c.Cookies("tz")) }

func zoneOf(cookie string) *time.Location {
	name, err := url.QueryUnescape(cookie)
	if err != nil || name == "" || len(name) > 64 || name == "Local" {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

func shell(c *fiber.Ctx, section, title string) views.Shell {
	u := web.User(c)
	return views.Shell{Title: title, Section: section, CSRF: web.CSRF(c), Theme: u.Theme, Me: views.Me{ID: u.ID, Name: u.Name, Email: u.Email,
		Initials: views.Initials(u.Name), CanWrite: auth.Can(u.Role, auth.InboxWrite), CanEdit: auth.Can(u.Role, auth.CustomersWrite), IsAdmin: auth.Can(u.Role, auth.SettingsUsers)}}
}

// now is the store's clock, which tests may set.
func (s *Screens) now() time.Time { return s.Store.Now().Std() }

func (s *Screens) words(c *fiber.Ctx) *views.Words { return s.Views.Words(web.Lang(c)) }

// done answers an action whose effect comes back over the live socket.
func done(c *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
