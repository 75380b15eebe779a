package email

import "onethread/integrations/email/mime"

// Report is what `onethread mail parse` prints for one file: a raw mail or, where bodyKind is
// "text" or "html", a bare body. It marshals to JSON, one object a mail.
func Report(raw []byte, bodyKind string) mime.Reading { return mime.Report(raw, bodyKind) }
