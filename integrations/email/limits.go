package email

import "onethread/models"

// mostMail is the size that common servers take of one mail, as it goes over the wire
// (support.google.com/mail/answer/6584: 25 MB).
const mostMail = 25 << 20

// fits implements models.Provider.Fits. Files go as base64 in lines of 76 (RFC 2045 section 6.8): 78 bytes
// for each 57; the words and heads take little.
func fits(files []models.Attachment) error {
	var size int64
	for _, f := range files {
		size += f.Size/57*78 + 600
	}
	if size <= mostMail {
		return nil
	}
	return models.FieldError("attachment_ids", "These files make a mail of %.1f MB; most mail servers take 25 MB. Take some off, make them smaller, or send a link.", float64(size)/(1<<20))
}
