package views

import "onethread/models"

// ErasePage asks before a customer is erased.
type ErasePage struct {
	Shell
	CustomerID models.ID
	Name       string // as the screen calls them
	Word       string // to be typed
	Error      string
	Entries    int
	Files      int
	Orders     int
	Merged     string // names of the records that go along
	Copies     string // older copies of the database in the data folder
}
