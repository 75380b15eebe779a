//go:build !linux

package mime

import "time"

var began = time.Now()

// threadTime is the time that has passed: elsewhere nothing better is told of a thread.
func threadTime() time.Duration { return time.Since(began) }
