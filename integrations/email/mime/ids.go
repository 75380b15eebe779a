package mime

import "strings"

// maxIDs bounds References; the oldest and the newest are kept.
const maxIDs = 200

// parseIDs reads the message ids of a Message-ID, In-Reply-To or References field, without
// their angle brackets. Ids without "@", with blanks inside or without brackets are taken as
// they are; In-Reply-To's old phrases ("your message of Monday <id>") fall away.
func parseIDs(field string) (ids []string) {
	field = decodeWords(field)
	if !strings.Contains(field, "<") {
		for _, w := range strings.FieldsFunc(field, func(r rune) bool { return r <= ' ' || r == ',' }) {
			ids = appendID(ids, w)
		}
		return capIDs(ids)
	}
	for {
		_, after, ok := strings.Cut(field, "<")
		if !ok {
			return capIDs(ids)
		}
		end := strings.IndexAny(after, "<>")
		if end < 0 {
			end = len(after)
		}
		ids = appendID(ids, strings.Join(strings.Fields(after[:end]), ""))
		field = after[end:]
	}
}

func appendID(ids []string, id string) []string {
	if id = strings.Trim(OneLine(id), "<> "); id == "" || len(id) > 998 {
		return ids
	}
	return append(ids, id)
}

func capIDs(ids []string) []string {
	if len(ids) <= maxIDs {
		return ids
	}
	return append(ids[:1:1], ids[len(ids)-maxIDs+1:]...)
}

// firstID is for Message-ID, which should hold one.
func firstID(field string) string {
	if ids := parseIDs(field); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
