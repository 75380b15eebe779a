package lists

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// guarded keeps a spreadsheet from running a cell as a formula: it gets an apostrophe, which Each takes away.
func guarded(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unguarded(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// Write writes all customers as CSV, in UTF-8 with the byte order mark that spreadsheets want, a few at a
// time. The columns are those that Guess knows.
func Write(ctx context.Context, st *store.Store, w io.Writer) (n int, err error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"Onethread", "Name", "Email", "Phone", "Language", "Notes", "Since", "Number"}); err != nil {
		return 0, err
	}
	q := st.Read(ctx)
	for after := models.ID(0); ; {
		page, err := store.CustomersAfter(q, after, 500)
		if err != nil || len(page) == 0 {
			out.Flush()
			if err == nil {
				err = out.Error()
			}
			return n, err
		}
		ids := make([]models.ID, len(page))
		for i, c := range page {
			ids[i], after = c.ID, c.ID
		}
		addresses, err := store.IdentitiesOf(q, ids...)
		if err != nil {
			return n, err
		}
		of := map[models.ID]map[models.IdentityKind][]string{}
		for _, i := range addresses {
			if of[i.CustomerID] == nil {
				of[i.CustomerID] = map[models.IdentityKind][]string{}
			}
			if i.Evidence != models.Typed {
				of[i.CustomerID][i.Kind] = append(of[i.CustomerID][i.Kind], i.Value)
			}
		}
		for _, c := range page {
			a := of[c.ID]
			cells := []string{c.ID.String(), c.Name, strings.Join(a[models.EmailIdentity], "; "), strings.Join(a[models.PhoneIdentity], "; "), c.Language, c.Notes,
				c.CreatedAt.Std().Format("2006-01-02"), strings.Join(a[NumberIdentity], "; ")}
			for i := range cells {
				cells[i] = guarded(cells[i])
			}
			if err := out.Write(cells); err != nil {
				return n, err
			}
			n++
		}
	}
}

// Outcomes are what can become of a row, in the order they are told.
var Outcomes = []string{New, Joined, Several, Same, Erased, Invalid, Failed}

// Report is what became of each row, as CSV.
type Report struct{ out *csv.Writer }

// NewReport begins a report.
func NewReport(w io.Writer) *Report {
	r := &Report{csv.NewWriter(w)}
	_ = r.out.Write([]string{"Line", "Outcome", "Onethread", "Name", "Email", "Phone", "Problems"}) // Close tells
	return r
}

// Add tells of one row.
func (r *Report) Add(o Outcome) error {
	cells := []string{strconv.Itoa(o.Line), o.What, o.CustomerID.String(), o.Name, strings.Join(o.Emails, "; "), strings.Join(o.Phones, "; "), strings.Join(o.Problems, "; ")}
	for i := range cells {
		cells[i] = guarded(cells[i])
	}
	return r.out.Write(cells)
}

// Close writes what is left.
func (r *Report) Close() error {
	r.out.Flush()
	return r.out.Error()
}
