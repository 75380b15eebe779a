package models

import (
	"errors"
	"fmt"
	"time"
)

// Code is what a machine may rely on in an Error.
type Code string

// The codes and the HTTP status each is answered with.
const (
	Invalid     Code = "invalid"      // 422 (400 for unreadable syntax)
	NotFound    Code = "not_found"    // 404, also for what the caller may not see
	Conflict    Code = "conflict"     // 409
	Forbidden   Code = "forbidden"    // 403
	Unsigned    Code = "unsigned"     // 401: a signature or credential is missing or wrong
	RateLimited Code = "rate_limited" // 429
	Unavailable Code = "unavailable"  // 503: try again later
	Internal    Code = "internal"     // 500
)

// Error is an error meant for people: Message says what happened and what to do
// next. Field names the input at fault ("identities[0].value"), if one is.
type Error struct {
	Code    Code
	Message string
	Field   string
	After   time.Duration // for RateLimited and Unavailable: when to try again; 0 = unknown
}

func (e *Error) Error() string { return e.Message }

// Errorf makes an Error of the given code.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldError makes an Invalid error about one input field.
func FieldError(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// IsCode tells whether err is, or wraps, an Error of the given code.
func IsCode(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// SendError is how a Sender says what is to become of a failed message.
type SendError struct {
	Err       error
	Permanent bool          // never try again: show the reason to staff
	After     time.Duration // try again no sooner than this; 0 = the usual back-off
	Pause     bool          // the channel itself is refused (bad credentials): stop the queue, keep the message
	Doubt     bool          // the answer was lost: the provider may have accepted the message
	OptedOut  bool          // the carrier says that this person does not want our messages: recorded as consent
}

func (e *SendError) Error() string { return e.Err.Error() }
func (e *SendError) Unwrap() error { return e.Err }

// Permanent marks a failure that no retry can mend (an unknown mailbox, an opted-out number).
func Permanent(err error) error { return &SendError{Err: err, Permanent: true} }

// OptedOut marks a refusal because the person has opted out at the carrier: Permanent, and
// recorded as their consent.
func OptedOut(err error) error { return &SendError{Err: err, Permanent: true, OptedOut: true} }

// RetryAfter marks a failure that the provider asked us to retry after d.
func RetryAfter(err error, d time.Duration) error { return &SendError{Err: err, After: d} }

// Doubtful marks a failure after which nobody knows whether the provider accepted the message. It is tried
// again, and the Sender is told (Outbound.Doubt).
func Doubtful(err error) error { return &SendError{Err: err, Doubt: true} }

// Paused marks a refusal of the whole channel (wrong password, revoked token): messages wait
// until its settings change.
func Paused(err error) error { return &SendError{Err: err, Pause: true} }
