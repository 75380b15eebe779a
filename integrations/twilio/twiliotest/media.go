package twiliotest

import (
	"net/http"
	"strings"
)

// find is a file of a message, nil when there is none.
func (f *Fake) find(message, file string) *File {
	for _, m := range f.messages {
		for i := range m.Files {
			if m.SID == message && m.Files[i].sid == file {
				return &m.Files[i]
			}
		}
	}
	return nil
}

func (f *Fake) listMedia(w http.ResponseWriter, message string) {
	list := []any{}
	for _, m := range f.messages {
		for _, file := range m.Files {
			if m.SID == message && !file.gone {
				list = append(list, map[string]any{"sid": file.sid, "parent_sid": m.SID, "account_sid": f.SID, "content_type": file.Type,
					"uri": "/2010-04-01/Accounts/" + f.SID + "/Messages/" + m.SID + "/Media/" + file.sid + ".json"})
			}
		}
	}
	reply(w, 200, map[string]any{"media_list": list, "uri": "/Media.json", "first_page_uri": "/Media.json", "next_page_uri": nil})
}

// media leads to the file, which lies at another host and needs no password there.
func (f *Fake) media(w http.ResponseWriter, r *http.Request, message, file string) {
	found := f.find(message, file)
	if found == nil || found.gone {
		refuse(w, 404, 20404, "The requested resource was not found")
		return
	}
	to := f.cdn.URL + "/" + message + "/" + file
	if f.redirect != "" {
		to = f.redirect
	}
	http.Redirect(w, r, to, http.StatusTemporaryRedirect)
}

// content is the other host. Credentials that reach it have leaked.
func (f *Fake) content(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		f.leaks++
	}
	message, file, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	found := f.find(message, file)
	if found == nil || found.gone {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", found.Type)
	_, _ = w.Write(found.Body)
}

// Leaks counts how often credentials reached the host where files lie.
func (f *Fake) Leaks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.leaks
}

// RedirectMedia lets every file lead to another address from now on; "" = where it lies.
func (f *Fake) RedirectMedia(to string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.redirect = to
}

// DeleteMedia removes the files of a message.
func (f *Fake) DeleteMedia(message string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		for i := range m.Files {
			m.Files[i].gone = m.Files[i].gone || m.SID == message
		}
	}
}

// MediaURL is the address of the n-th file of a message, as webhooks name it.
func (f *Fake) MediaURL(m Message, n int) string {
	return f.URL() + "/2010-04-01/Accounts/" + f.SID + "/Messages/" + m.SID + "/Media/" + m.Files[n].sid
}
