package mime

import (
	"strings"
	"unicode"
)

// maxName bounds a file's name in bytes, as file systems do.
const maxName = 255

// fileName is the name a part gives its file: Content-Disposition's filename, else
// Content-Type's name. It is data for people, never a path.
func fileName(disposition, kind content) string {
	for _, name := range []string{disposition.params["filename"], kind.params["name"], kind.params["filename"], disposition.params["name"]} {
		if name = CleanFileName(name); name != "" {
			return name
		}
	}
	return ""
}

// CleanFileName decodes the words Outlook and others put into parameters (against RFC 2047
// section 5) and takes out characters that make a name look like another one.
func CleanFileName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return -1
		case unicode.Is(unicode.Cf, r) && r != '\u200d': // zero-width and bidi marks; joiners stay for emoji
			return -1
		}
		return r
	}, decodeWords(s))
	s = strings.TrimSpace(s)
	if len(s) <= maxName {
		return s
	}
	ext := ""
	if dot := strings.LastIndexByte(s, '.'); dot >= 0 && len(s)-dot <= 16 {
		ext = s[dot:]
	}
	return strings.ToValidUTF8(s[:maxName-len(ext)], "") + ext
}
