package views

import (
	"io"
	"testing"
)

// BenchmarkThread draws a thread with everything around it.
func BenchmarkThread(b *testing.B) {
	v, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	t := sampleThread(v.Words("en"))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Render(io.Discard, "en", "thread", t); err != nil {
			b.Fatal(err)
		}
	}
}
