package models

import "testing"

func TestPrivateHost(t *testing.T) {
	for host, private := range map[string]bool{
		"127.0.0.1": true, "10.1.2.3": true, "172.31.0.1": true, "192.168.1.4": true, "100.64.0.1": true, "169.254.1.1": true, "0.0.0.0": true, "::1": true, "fd00::1": true, "fe80::1": true, "::ffff:10.0.0.1": true,
		"localhost": true, "LOCALHOST.": true, "shopbox": true, "till.local": true, "inbox.lan": true, "nas.home.arpa": true, "": true,
		"inbox.example.com": false, "8.8.8.8": false, "100.128.0.1": false, "172.32.0.1": false, "2001:db8::1": false, "local.example.com": false,
	} {
		if PrivateHost(host) != private {
			t.Errorf("%q: want %v", host, private)
		}
	}
}
