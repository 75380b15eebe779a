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
	Minutes    int    // how long the shop stands still meanwhile; zero = too short to say
}

// RedactSheet asks before a message's words are taken out.
type RedactSheet struct {
	EventID models.ID
	Words   string // how it begins
	Files   int
}

// PrivacyPage sets what is forgotten by itself.
type PrivacyPage struct {
	Shell
	Rules   []RuleField
	Error   string
	Saved   bool
	Preview bool
	Counts  []RuleCount // what the rules as entered would remove now
	Copies  string      // older copies of the database in the data folder
}

// RuleField is one rule with its number; zero is never.
type RuleField struct {
	Key, Unit string
	Value     int
}

// RuleCount is how much a rule would remove.
type RuleCount struct {
	Key string
	N   int
}

// ImportPage takes a list of customers, and asks what its columns are.
type ImportPage struct {
	Shell
	Token   string
	File    string
	Charset string
	VCard   bool
	Columns []ImportColumn
	Sample  [][]string // of vCards
	Error   string
	Job     *ImportJob
}

// ImportColumn is a column of a list with what it can be.
type ImportColumn struct {
	Index   int
	Name    string
	Samples []string
	Options []Option
}

// ImportJob is a run over a list.
type ImportJob struct {
	Token  string
	Dry    bool
	Done   bool
	Failed string
	Total  int // rows so far
	Counts []ImportCount
	Rows   []ImportRow
	Report string // where every row is told
}

// ImportCount is how many rows came to one thing.
type ImportCount struct {
	What string
	N    int
}

// ImportRow is what became of a row.
type ImportRow struct {
	Line           int
	Name           string
	What, Problems string
}
