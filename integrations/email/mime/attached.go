package mime

import "strings"

// attached is the one mail that hangs on this one as a file ("forward as attachment"); nil where there is
// none, or several, or where a machine hung it on: reports send back what they are about, and a digest is
// a list's.
func (m *Mail) attached() *Forwarded {
	kind := parseContent(m.Header.Get("Content-Type"))
	if kind.value == "multipart/report" || kind.value == "multipart/digest" || m.part("message/delivery-status") != nil || m.part("message/feedback-report") != nil ||
		machineFrom().MatchString(m.Header.Get("From")) || m.Header.Get("X-Failed-Recipients") != "" || m.Header.Get("List-Id") != "" {
		return nil
	}
	var found *File
	for i := range m.Files {
		if !isMailFile(m.Files[i]) {
			continue
		}
		if found != nil {
			return nil // whose mail is it then?
		}
		found = &m.Files[i]
	}
	if found == nil {
		return nil
	}
	inner, err := Parse(found.Body)
	if err != nil || len(inner.From) != 1 || !ValidAddress(inner.From[0].Address) {
		return nil
	}
	return &Forwarded{FromName: inner.From[0].Name, FromAddress: strings.ToLower(inner.From[0].Address), Subject: inner.Subject,
		Body: strings.TrimSpace(inner.Words()), Message: strings.TrimSpace(m.Reply()), Mail: inner}
}

// isMailFile knows a mail among the files; some programs call it a file like any other.
func isMailFile(f File) bool {
	return f.Type == "message/rfc822" || f.Type == "message/global" || f.Type == "application/octet-stream" && strings.HasSuffix(strings.ToLower(f.Name), ".eml")
}

// Besides are the files of a mail that forwards another one whole, without that one and without the pictures
// of its own words.
func (m *Mail) Besides() (list []File) {
	for _, f := range m.Files {
		if !isMailFile(f) && !(f.Inline && f.ContentID != "") {
			list = append(list, f)
		}
	}
	return list
}
