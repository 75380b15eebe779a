package demo

import (
	"embed"
	"html/template"
	"io"
	"io/fs"

	"onethread/models"
)

//go:embed shop
var files embed.FS

// Storefront holds the pictures, the style and the script of the sample shop's own site.
var Storefront = sub(files, "shop")

func sub(f fs.FS, dir string) fs.FS {
	inner, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the name is a constant
	}
	return inner
}

// Person is somebody of the stories who has an account on the storefront, and can be logged in there.
type Person struct{ Handle, Account, Email, Name string }

// Accounts are those the storefront offers to log in as.
var Accounts = []Person{
	{"ana", anaDuarte.account, anaDuarte.email, anaDuarte.name},
	{"jonas", "1975", "jonas.berg@example.com", "Jonas Berg"},
	{"priya", "2291", "priya.nair@example.com", "Priya Nair"},
}

// Page is one page of the storefront.
type Page struct {
	Path     string
	Parcel   string // a tracking number, on the page that stands in for the carrier's
	Inbox    string // the address of the inbox, for the widget's line
	Key      string // the chat channel's
	Token    string // the signed word for onethread('identify'), of who is logged in
	Fresh    bool   // somebody just logged in or out: the widget begins anew
	Product  *Product
	Products []Product
	Person   *Person
	People   []Person
}

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"money": func(minor int64) string { return models.FormatAmount(minor, "EUR") }}).ParseFS(Storefront, "page.html"))

// Draw writes the page as HTML.
func (p Page) Draw(w io.Writer) error { return page.Execute(w, p) }
