package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// returnMemory returns to the system what only the start needed: some 3 MB of rubbish from templates, migrations
// and tables that nothing would ask for again, and 8 to 10 MB of the program's own file, which the kernel would else
// count as ours until memory is short. What is used again is mapped again from the file (madvise(2),
// MADV_DONTNEED on pages that are only read).
func returnMemory() {
	debug.FreeOSMemory()
	own, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps") // proc_pid_maps(5): from-to permissions offset device inode path
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		if len(f) != 6 || f[5] != own || f[1] != "r-xp" && f[1] != "r--p" {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		a, errA := strconv.ParseUint(from, 16, 64)
		b, errB := strconv.ParseUint(to, 16, 64)
		if errA == nil && errB == nil {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(a), uintptr(b-a), unix.MADV_DONTNEED) // a refusal costs nothing but the memory
		}
	}
}
