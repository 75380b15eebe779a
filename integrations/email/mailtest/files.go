package mailtest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
)

// postfixMaster is where Debian keeps the program that runs Postfix.
const postfixMaster = "/usr/lib/postfix/sbin/master"

// mailID is the numeric owner of all mailboxes: no system user is needed.
const mailID = 5000

func (s *Stack) writeFiles() error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	for _, d := range []string{"run", "mail", "pf", "q", "q/pid"} {
		if err := os.MkdirAll(s.path(d), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(s.path("mail"), mailID, mailID); err != nil {
		return err
	}
	if err := s.makeQueue(); err != nil {
		return err
	}
	var err error
	if s.CAPEM, err = writeCertificate(s.path("tls.crt"), s.path("tls.key")); err != nil {
		return err
	}
	return s.writeConfig()
}

// makeQueue makes the directories that Postfix expects to own.
func (s *Stack) makeQueue() error {
	postfix, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(postfix.Uid)
	if err != nil {
		return err
	}
	queues := "active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop"
	for _, d := range append(strings.Fields(queues), "../pfdata") {
		if err := os.MkdirAll(s.path("q", d), 0o755); err != nil {
			return err
		}
		if err := os.Chown(s.path("q", d), uid, -1); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) writeConfig() error {
	var users strings.Builder
	for _, u := range []string{Shop, Alice, Bob} {
		fmt.Fprintf(&users, "%s:{PLAIN}%s:%d:%d::%s::\n", u, Password, mailID, mailID, s.path("mail", u))
	}
	fill := strings.NewReplacer("$DIR", s.dir, "$IMAPS", strconv.Itoa(s.IMAPS), "$IMAP", strconv.Itoa(s.IMAP), "$LMTP", strconv.Itoa(s.lmtp),
		"$SMTPS", strconv.Itoa(s.SMTPS), "$SMTP", strconv.Itoa(s.SMTP), "$SUBMIT", strconv.Itoa(s.Submit), "$OAUTH", s.OAuth.URL)
	for name, content := range map[string]string{"users": users.String(), "dovecot.conf": dovecotConf, "oauth2.ext": oauthConf, "pf/main.cf": mainCF, "pf/master.cf": masterCF} {
		if err := os.WriteFile(s.path(name), []byte(fill.Replace(content)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Dovecot 2.3 wants a newline after every "{".
const dovecotConf = `protocols = imap lmtp
base_dir = $DIR/run
instance_name = mailtest
listen = 127.0.0.1
log_path = $DIR/dovecot.log
mail_location = maildir:~/Maildir
first_valid_uid = 100
ssl = yes
ssl_cert = <$DIR/tls.crt
ssl_key = <$DIR/tls.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
recipient_delimiter = +
lda_mailbox_autocreate = yes
mail_max_userip_connections = 200
stats_writer_socket_path =
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
  mailbox Junk {
    special_use = \Junk
    auto = subscribe
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = $IMAP
  }
  inet_listener imaps {
    port = $IMAPS
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $LMTP
  }
}
service auth {
  unix_listener $DIR/q/private/auth {
    mode = 0666
  }
}
passdb {
  driver = passwd-file
  args = $DIR/users
  mechanisms = plain login
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $DIR/oauth2.ext
}
userdb {
  driver = passwd-file
  args = $DIR/users
}
`

// oauthConf makes Dovecot ask our authorization server about each access token.
const oauthConf = `introspection_mode = get
introspection_url = $OAUTH/introspect?token=
username_attribute = email
active_attribute = active
active_value = true
`

// Queue and data directories stand outside the configuration directory: Postfix insists.
const mainCF = `compatibility_level = 3.6
queue_directory = $DIR/q
data_directory = $DIR/pfdata
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
virtual_mailbox_domains = example.test
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:$LMTP
recipient_delimiter = +
smtpd_tls_cert_file = $DIR/tls.crt
smtpd_tls_key_file = $DIR/tls.key
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated,reject_unauth_destination
default_transport = error:5.1.2 no outside world in tests
transport_maps = inline:{ {defer.test = retry:4.3.0 try later} }
message_size_limit = 36700160
maillog_file = $DIR/postfix.log
maillog_file_prefixes = $DIR
alias_maps =
alias_database =
`

const masterCF = `127.0.0.1:$SMTP inet n - n - - smtpd
127.0.0.1:$SUBMIT inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes
127.0.0.1:$SMTPS inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
