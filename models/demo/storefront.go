package demo

import "embed"

// Storefront holds the pages and pictures of the sample shop's own site.
//
//go:embed shop
var Storefront embed.FS

// Person is somebody of the stories who has an account on the storefront, and can be logged in there.
type Person struct{ Handle, Account, Email, Name string }

// Accounts are those the storefront offers to log in as.
var Accounts = []Person{
	{"ana", anaDuarte.account, anaDuarte.email, anaDuarte.name},
	{"jonas", "1975", "jonas.berg@example.com", "Jonas Berg"},
	{"priya", "2291", "priya.nair@example.com", "Priya Nair"},
}
