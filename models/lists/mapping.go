package lists

import (
	"slices"
	"strings"
	"unicode"

	"onethread/models"
)

// Fields are what a column can be, in the order they are offered.
var Fields = []string{"name", "first_name", "last_name", "email", "phone", "language", "notes", "number"}

// Mapping says what each column of a list is; "" = it is not imported.
type Mapping []string

// known are the names that programs and people give to columns, in lower case without signs.
var known = map[string][]string{
	"name":       {"name", "fullname", "displayname", "customer", "customername", "contact", "contactname", "nome", "nombre", "nom", "kunde", "vollname", "nomecompleto", "nombrecompleto"},
	"first_name": {"firstname", "givenname", "vorname", "prenom", "prénom", "primeironome", "billingfirstname"},
	"last_name":  {"lastname", "surname", "familyname", "nachname", "apellido", "apellidos", "apelido", "sobrenome", "billinglastname"},
	"email":      {"email", "emails", "emailaddress", "mail", "emailaddress1", "email1", "email1value", "email2value", "correo", "correoelectronico", "correoelectrónico", "courriel", "billingemail", "emailadresse"},
	"phone":      {"phone", "phones", "telephone", "tel", "mobile", "cell", "phonenumber", "mobilephone", "telefone", "telefono", "teléfono", "telefon", "téléphone", "telemovel", "telemóvel", "handy", "billingphone", "phone1value", "phone2value", "defaultaddressphone"},
	"language":   {"language", "lang", "locale", "sprache", "idioma", "langue", "língua"},
	"notes":      {"notes", "note", "comments", "comment", "notizen", "notas", "observations", "observaciones"},
	"number":     {"number", "id", "customerid", "customernumber", "customerno", "kundennummer", "kundennr", "reference", "externalid", "numero"},
}

// Guess says what the columns are by their names.
func Guess(columns []string) Mapping {
	m := make(Mapping, len(columns))
	for i, c := range columns {
		plain := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, c)
		for _, field := range Fields {
			if !slices.Contains(known[field], plain) {
				continue
			}
			if field == "email" || field == "phone" || !slices.Contains(m, field) { // of others the first counts
				m[i] = field
			}
		}
	}
	return m
}

// Check refuses a mapping that names nothing, or nobody.
func (m Mapping) Check(columns []string) error {
	if len(m) != len(columns) {
		return models.FieldError("map", "The file has %d columns, the mapping %d.", len(columns), len(m))
	}
	for i, field := range m {
		if field != "" && !slices.Contains(Fields, field) {
			return models.FieldError("map", "A column cannot be %q; use one of: %s.", field, strings.Join(Fields, ", "))
		}
		if field != "" && field != "email" && field != "phone" && slices.Index(m, field) != i {
			return models.FieldError("map", "Two columns are said to be the %s.", strings.ReplaceAll(field, "_", " "))
		}
	}
	if !slices.Contains(m, "email") && !slices.Contains(m, "phone") && !slices.Contains(m, "number") {
		return models.FieldError("map", "Say which column holds email addresses, phone numbers or customer numbers: people are recognised by them.")
	}
	return nil
}

func (m Mapping) row(line int, record []string) Row {
	r := Row{Line: line}
	for i, cell := range record {
		if i >= len(m) {
			break
		}
		r.take(m[i], unguarded(strings.TrimSpace(cell)))
	}
	return r.whole()
}

// take puts a value in its place.
func (r *Row) take(field, value string) {
	if value == "" {
		return
	}
	switch field {
	case "name":
		r.Name = cut(value, 200)
	case "first_name":
		r.first = value
	case "last_name":
		r.last = value
	case "email":
		r.Emails = add(r.Emails, value)
	case "phone":
		r.Phones = add(r.Phones, value)
	case "language":
		r.Language = cut(value, 35)
	case "notes":
		r.Notes = cut(value, 5000)
	case "number":
		r.Number = cut(value, 200)
	}
}

// mostAddresses bounds the addresses of one row and kind.
const mostAddresses = 20

// add takes a cell apart that holds several addresses.
func add(list []string, cell string) []string {
	for _, v := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";,|\n\r", r) }) {
		if v = unguarded(strings.TrimSpace(v)); v != "" && len(list) < mostAddresses && !slices.Contains(list, v) {
			list = append(list, cut(v, 320))
		}
	}
	return list
}

// whole makes one name of its parts.
func (r Row) whole() Row {
	if r.Name == "" {
		r.Name = cut(strings.TrimSpace(r.first+" "+r.last), 200)
	}
	r.first, r.last = "", ""
	return r
}
