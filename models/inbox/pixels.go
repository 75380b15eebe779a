package inbox

import (
	"bytes"
	"image"
	_ "image/gif"  // its size
	_ "image/jpeg" // its size
	_ "image/png"  // its size
)

// pixels tells how big a picture says it is, from its head alone; zeros where that cannot be told.
func pixels(body []byte) (width, height int) {
	c, _, err := image.DecodeConfig(bytes.NewReader(body[:min(len(body), 1<<20)]))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return 0, 0
	}
	return c.Width, c.Height
}
