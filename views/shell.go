package views

import (
	"onethread/models"
)

// Shell is what surrounds every staff page: who is looking, in which words and colours.
type Shell struct {
	Title   string
	Section string // inbox, search, settings, account: which rail entry is lit
	Me      Me
	CSRF    string
	Theme   string    // auto, light, dark
	Seq     models.ID // the live socket starts after this event
	Unread  int
	Pairs   int  // suggestions that wait, up to a hundred, where the page counts them
	NoRail  bool // pages for people who are not logged in
}

// Me is the member of staff who looks at the page.
type Me struct {
	ID       models.ID
	Name     string
	Email    string
	Initials string
	CanWrite bool // may answer customers
	CanEdit  bool // may say who a customer is
	IsAdmin  bool // may change channels and users
}

// Chip is a small coloured word: an order's state, a label.
type Chip struct {
	Text string
	Tone string // good, warn, bad, muted
	Hue  int    // 0–11, for labels (Tone empty)
}

// Link is a named address; URL has passed SafeURL.
type Link struct{ Text, URL string }

// Option is one choice of a menu.
type Option struct {
	Value   string
	Text    string
	Hint    string
	Current bool
}
