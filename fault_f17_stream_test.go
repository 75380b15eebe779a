package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"sync"
	"testing"
	"time"
)

// stream is a steady stream of events: two hundred a second through the signed door, and visitors who
// send files.
type stream struct {
	*doors
	end  context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	began time.Time
	count int
	took  []time.Duration // since the last look
}

// writesASecond is what F17 asks for.
const writesASecond = 200

// stream begins the stream.
func (d *doors) stream(t *testing.T) *stream {
	ctx, end := context.WithCancel(t.Context())
	l := &stream{doors: d, end: end, began: time.Now()}
	next := make(chan int)
	l.done.Go(func() {
		defer close(next)
		for n, tick := 0, time.NewTicker(time.Second/writesASecond); ; n++ {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			select {
			case next <- n:
			case <-ctx.Done():
			}
		}
	})
	for range 16 {
		l.done.Go(func() {
			for n := range next {
				l.write(n)
			}
		})
	}
	l.done.Go(func() { l.sendFiles(ctx) })
	return l
}

func (l *stream) write(n int) {
	c := l.signed(fmt.Sprint("load-", n), signedKinds[n%len(signedKinds)], n%customers)
	began := time.Now()
	acked, status, answer := l.make(c)
	l.mu.Lock()
	l.count++
	l.took = append(l.took, time.Since(began))
	l.mu.Unlock()
	if !acked {
		l.t.Errorf("%s: %d %s", c.key, status, answer)
	}
}

// sendFiles writes as one visitor after the other, five files each, ten files a second.
func (l *stream) sendFiles(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		v, ok := l.boot(700_000 + n)
		if acked, status, answer := l.make(l.says(v, fmt.Sprintf("greeting-%d", n))); !ok || !acked {
			l.t.Errorf("a visitor: %d %s", status, answer)
			return
		}
		for i := 0; i < 5 && ctx.Err() == nil; i++ {
			<-tick.C
			key := fmt.Sprintf("files-%d-%d", n, i)
			body, _ := json.Marshal(map[string]any{"key": l.chat.Key, "token": v.token, "id": key, "text": key, "files": []string{l.upload(v)}})
			c := l.says(v, key)
			c.body = body
			if acked, status, answer := l.make(c); !acked {
				l.t.Errorf("%s: %d %s", key, status, answer)
			}
		}
	}
}

// upload hands over a file of 64 KB and returns the token that a message names it by.
func (l *stream) upload(v visitor) string {
	content := make([]byte, 64<<10)
	rand.Read(content)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("key", l.chat.Key)
	_ = w.WriteField("token", v.token)
	part, err := w.CreateFormFile("file", "picture.bin")
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || w.Close() != nil {
		l.t.Error(err)
	}
	status, answer := post(l.client, l.url+"/c/chat/upload", body.Bytes(), map[string]string{"Content-Type": w.FormDataContentType(), "X-Forwarded-For": v.ip})
	var file struct{ Token string }
	if status != http.StatusCreated || json.Unmarshal(answer, &file) != nil {
		l.t.Errorf("upload: %d %s", status, answer)
	}
	return file.Token
}

// watch begins to note how long writes take; the function ends it.
func (l *stream) watch() func() []time.Duration {
	look := func() (took []time.Duration) {
		l.mu.Lock()
		defer l.mu.Unlock()
		took, l.took = l.took, nil
		return took
	}
	look()
	return look
}

// measure tells how long the writes of a while took.
func (l *stream) measure(d time.Duration) []time.Duration {
	done := l.watch()
	<-time.After(d)
	return done()
}

// rate is how many events came in a second through the signed door.
func (l *stream) rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return float64(l.count) / time.Since(l.began).Seconds()
}

// stop ends the stream and waits until what has begun is answered.
func (l *stream) stop() { l.end(); l.done.Wait() }
