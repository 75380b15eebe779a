package mime

import "strings"

// Words says to staff why a mail came back.
func (a Automatic) Words() string {
	text := reasonWords[a.Reason]
	switch {
	case text == "" && a.Status == "":
		return "the receiving server gave no reason"
	case text == "":
		return "the receiving server gave only the code " + a.Status
	case a.Status != "":
		text += " (code " + a.Status + ")"
	}
	return text
}

var reasonWords = map[string]string{
	"userunknown": "there is no such mailbox", "hostunknown": "there is no such mail domain", "mailboxfull": "the mailbox is full",
	"mesgtoobig": "the mail is too big", "spamdetected": "it was taken for spam", "blocked": "it refuses mail from our server",
	"expired": "it could not be reached for days", "suspend": "the mailbox is closed or locked", "norelaying": "it does not take mail for that address",
	"policyviolation": "its rules forbid it", "authfailure": "it does not believe that the mail is from us",
	"requireptr": "it refuses mail from our server, whose address has no name", "networkerror": "its network could not be reached",
	"rejected": "it does not take mail from our address", "toomanyconn": "it wants less mail at a time", "speeding": "it wants less mail at a time",
	"systemerror": "it has a fault of its own", "mailererror": "it has a fault of its own", "filtered": "the receiver's own rules refused it",
	"contenterror": "it refuses what is in the mail", "virusdetected": "it found a virus in the mail", "hasmoved": "the mailbox has moved",
	"notaccept": "that domain takes no mail", "exceedlimit": "the mail is too big for that mailbox",
}

// reasonHints are words of servers, most telling first.
var reasonHints = []struct{ reason, words string }{
	{"mailboxfull", "mailbox full|mailbox is full|mailbox size limit|quota exceeded|over quota|overquota|exceeded quota|out of storage|exceeded storage|storage limit|insufficient disk|disk full|disk quota|mailfolder is full|account is full|mailbox exceed|inbox is full"},
	{"requireptr", "ptr record|reverse dns|rdns record|reverse lookup|no ptr"},
	{"authfailure", "dmarc|spf fail|spf record|spf check|dkim|unauthenticated email|authentication check"},
	{"virusdetected", "virus"},
	{"speeding", "sending rate|too fast|rate limit|receiving mail at a rate|too many messages"},
	{"toomanyconn", "too many connections|too many concurrent|too many recipients|connection limit|maximum number of connections"},
	{"norelaying", "relaying denied|relay access denied|unable to relay|relay not permitted|relaying not allowed|not a relay"},
	{"suspend", "account disabled|account is disabled|mailbox disabled|account inactive|is inactive|account has been suspended|account suspended|is suspended|mailbox is frozen|account that you tried to reach is disabled|temporarily locked|mailbox is blocked|account expired"},
	{"hostunknown", "host not found|domain not found|host unknown|unknown host|no such domain|unrouteable|domain does not exist|name or service not known|cannot resolve|dns error|domain lookup failed|recipient's domain"},
	{"notaccept", "does not accept mail|no mx|null mx|nullmx|host does not accept"},
	{"mesgtoobig", "message too large|message size exceeds|too big|exceeds size|message file too|size limit|exceeds the maximum size"},
	{"userunknown", "user unknown|unknown user|no such user|no such mailbox|user not exist|user does not exist|address does not exist|account does not exist|account that you tried to reach does not exist|does not exist|recipient address rejected|mailbox unavailable|mailbox not found|invalid recipient|no mailbox|unknown recipient|recipient unknown|address unknown|unknown address|not listed in|no such recipient|no such address|unknown local|user not found|not a known user|invalid user|user doesn't have|recipient not found|bad destination|address not found|no account"},
	{"spamdetected", "spam|unsolicited|ube,|bulk mail|message content rejected"},
	{"policyviolation", "policy|duplicate header|denied by"},
	{"rejected", "sender address rejected|sender rejected|domain of sender|sender domain|sender verif|email address is not verified|sender denied|permission to post|from address"},
	{"blocked", "blacklist|blocklist|block list|blocked|access denied|banned|spamhaus|rbl|poor reputation|bad reputation|invalid ip|service not available|not allowed to send|client host rejected|connection refused by policy|mismatches client ip"},
	{"expired", "delivery time expired|message expired|timed out|timeout|retry time|too long in the queue|could not be delivered for|delivery attempts|retry limit"},
	{"networkerror", "connection refused|network is unreachable|no route to host|lost connection|connection reset|connect to |routing loop|too many hops|name service error|not reachable"},
	{"mailererror", "mailer error|procmail|exited with|pipe to|x-unix"},
	{"systemerror", "system error|local error|internal error|configuration error|temporary failure|could not load|i/o error|resources temporarily"},
	{"contenterror", "content rejected|invalid content|attachment"},
}

// reasonByStatus are the codes of RFC 3463 (and RFC 7505, 7372) that mean one thing only.
var reasonByStatus = map[string]string{
	"5.1.1": "userunknown", "5.1.2": "hostunknown", "5.1.3": "userunknown", "5.1.6": "hasmoved", "5.1.7": "rejected", "5.1.8": "rejected", "5.1.10": "notaccept",
	"5.2.2": "mailboxfull", "4.2.2": "mailboxfull", "5.2.3": "exceedlimit", "5.3.4": "mesgtoobig", "4.3.1": "systemfull",
	"4.4.7": "expired", "5.4.7": "expired", "5.4.6": "networkerror", "5.6.0": "contenterror",
	"5.7.25": "requireptr", "5.7.26": "authfailure", "5.7.27": "notaccept",
}

// reasonOf names why a mail came back, in the words of sisimai, which also name the corpus'
// reasons; "" means not known.
func reasonOf(status, said string) string {
	if r := reasonByStatus[status]; r != "" {
		return r
	}
	said = strings.ToLower(said)
	for _, hint := range reasonHints {
		for word := range strings.SplitSeq(hint.words, "|") {
			if strings.Contains(said, word) {
				return hint.reason
			}
		}
	}
	return map[string]string{"5.2.1": "suspend", "5.1.0": "userunknown", "5.4.4": "hostunknown"}[status]
}
