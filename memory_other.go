//go:build !linux

package main

import "runtime/debug"

// returnMemory returns to the system the memory that only the start needed.
func returnMemory() { debug.FreeOSMemory() }
