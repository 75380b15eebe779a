package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"onethread/handlers/web"
	"onethread/integrations/email/mailtest"
	"onethread/models"
	"onethread/models/channels"
)

// counter is a till and a member of staff who writes notes with files, on a running program.
type counter struct {
	*doors
	token  string // of the API
	cookie string // of a screen
}

const counterPassword = "walnut desk in lisbon"

// openCounter connects a till, makes the owner mia@casa.example and an API token of hers, and
// connects a mailbox where one is given.
func openCounter(t testing.TB, p *process, mailbox *mailtest.Stack) *counter {
	t.Helper()
	c := &counter{doors: &doors{process: p, client: newClient(), book: newLedger(t), mailbox: mailbox}}
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) (err error) {
		if c.till, err = prog.Channels.Add(ctx, "generic", channels.Input{}); err != nil {
			return err
		}
		u, err := prog.Auth.CreateUser(ctx, "mia@casa.example", "Mia Torres", models.Owner, counterPassword)
		if err != nil {
			return err
		}
		if c.cookie, _, err = prog.Auth.Login(ctx, u.Email, counterPassword, "127.0.0.1", "story"); err != nil {
			return err
		}
		if c.token, _, err = prog.Auth.NewToken(ctx, u, "story", models.ScopeWrite); err != nil || mailbox == nil {
			return err
		}
		_, err = prog.Channels.Add(ctx, "email", channels.Input{Settings: mailbox.Settings(mailtest.Shop)})
		return err
	})
	return c
}

// mustMake makes a call that has to be acknowledged; it returns the customer's id.
func (c *counter) mustMake(made call) string {
	c.t.Helper()
	acked, status, answer := c.make(made)
	var in struct {
		Customer string `json:"customer_id"`
	}
	if !acked || json.Unmarshal(answer, &in) != nil || in.Customer == "" {
		c.t.Fatalf("%s: %d %s", made.key, status, answer)
	}
	return in.Customer
}

// upload keeps a file and returns its id; any other status than 201 has none.
func (c *counter) upload(name string, content []byte) (id string, status int, answer []byte) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || form.Close() != nil {
		c.t.Fatal("a form cannot be made: ", err)
	}
	status, answer = post(c.client, c.url+"/api/v1/attachments", body.Bytes(), map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": form.FormDataContentType()})
	var made struct{ ID string }
	if status == http.StatusCreated && json.Unmarshal(answer, &made) != nil {
		c.t.Errorf("upload: %s", answer)
	}
	return made.ID, status, answer
}

// noted makes the call of a note that carries files; its key is the client's own id, so that it can be
// made again.
func (c *counter) noted(key, customer string, files ...string) call {
	body, _ := json.Marshal(map[string]any{"text": key, "client_id": key, "attachment_ids": files})
	return call{key: key, url: c.url + "/api/v1/customers/" + customer + "/notes", body: body,
		header: map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/json"}}
}

// get reads a page or an answer of the API.
func (c *counter) get(path string) (int, string) {
	req, err := http.NewRequest(http.MethodGet, c.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// screen opens a staff screen's socket.
func (c *counter) screen() *websocket.Conn {
	c.t.Helper()
	head := http.Header{"Cookie": {web.CookieName(c.url) + "=" + c.cookie}, "Origin": {c.url}}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(c.url, "http", "ws", 1)+"/live?after=0", head)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	return conn
}

// banner waits until a screen is told of trouble in these words, or of none when they are "".
func (c *counter) banner(conn *websocket.Conn, words string, within time.Duration) time.Duration {
	c.t.Helper()
	began := time.Now()
	mustDo(c.t, conn.SetReadDeadline(began.Add(within)))
	for {
		var f struct{ T, Name string }
		if err := conn.ReadJSON(&f); err != nil {
			c.t.Fatalf("the screens were not told %q within %v: %v", words, within, err)
		}
		if f.T == "trouble" && strings.Contains(f.Name, words) && (words != "" || f.Name == "") {
			return time.Since(began)
		}
	}
}

// mustHaveFiles expects every attachment's content on disk, whole.
func mustHaveFiles(t testing.TB, data, when string) (n int) {
	t.Helper()
	db := database(t, data)
	defer db.Close()
	sums := column(t, db, "SELECT DISTINCT sha256 FROM attachments WHERE sha256 <> ''")
	for _, sum := range sums {
		b, err := os.ReadFile(filepath.Join(data, "files", sum[:2], sum[2:]))
		if got := sha256.Sum256(b); err != nil || hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s: attachment %s has %d bytes of something else (%v)", when, sum, len(b), err)
		}
	}
	return len(sums)
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyFolder(t testing.TB, from, to string) {
	t.Helper()
	mustDo(t, os.CopyFS(to, os.DirFS(from)))
}

// content is a file's, or "" where there is none.
func content(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

func fileSize(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	mustDo(t, err)
	return info.Size()
}

func overwrite(t testing.TB, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	mustDo(t, err)
	_, err = f.WriteAt(with, at)
	mustDo(t, err)
	mustDo(t, f.Close())
}

// own gives a folder and everything in it to a user.
func own(t testing.TB, dir string, user int) {
	t.Helper()
	mustDo(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, user, user)
	}))
}
