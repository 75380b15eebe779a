package mime

import (
	"syscall"
	"time"
)

// threadTime is the processor's time that this thread has used: other programs' work does not count.
func threadTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(1, &u); err != nil { // RUSAGE_THREAD
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
