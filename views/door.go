package views

import "onethread/models"

// DoorPage is a page for people who are not logged in: set-up, login, forgotten password,
// reset, invitation.
type DoorPage struct {
	Shell
	Token  string
	Email  string
	Name   string
	Error  string
	Field  string
	Notice string
	Next   string // where to go after login; a path of ours
	Role   string
}

// ErrorPage says what happened and what to do next.
type ErrorPage struct {
	Shell
	Status    int
	Heading   string
	Message   string
	RequestID string
}

// SearchPage is the search screen.
type SearchPage struct {
	Shell
	Query   string
	Results Results
}

// Results are what a query found.
type Results struct {
	Query     string
	Customers []CustomerHit
	Messages  []MessageHit
	Orders    []OrderHit
}

// Found tells whether there is anything to show.
func (r Results) Found() bool { return len(r.Customers)+len(r.Messages)+len(r.Orders) > 0 }

// CustomerHit is a customer found.
type CustomerHit struct {
	ID      models.ID
	Name    string
	Title   []Span
	Details []Span
}

// Initials are the letters of the avatar.
func (h CustomerHit) Initials() string { return Initials(h.Name) }

// Hue is the colour of the avatar.
func (h CustomerHit) Hue() int { return Hue(h.Name) }

// MessageHit is a message found.
type MessageHit struct {
	CustomerID models.ID
	EventID    models.ID
	Name       string
	Icon       string
	Excerpt    []Span
	When       string
}

// OrderHit is an order found.
type OrderHit struct {
	CustomerID models.ID
	EventID    models.ID
	Number     []Span
	Name       string
	Chip       Chip
	Total      string
	When       string
}
