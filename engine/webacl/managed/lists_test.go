package managed_test

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"fathom/engine/webacl/managed"
)

func TestListsOfAddresses(t *testing.T) {
	p := list(t, "# bad ones\n192.0.2.0/24\n192.0.2.128/25 ; inside\n198.51.100.7\n\n2001:db8::/32\r\n10.0.0.0/8\n10.1.0.0/16\n")
	for a, want := range map[string]bool{
		"192.0.2.0": true, "192.0.2.255": true, "192.0.3.0": false, "192.0.1.255": false, "198.51.100.7": true, "198.51.100.8": false,
		"2001:db8::1": true, "2001:db9::": false, "10.255.0.1": true, "::ffff:192.0.2.1": true, "::1": false,
	} {
		if got := p.Contains(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %t, want %t", a, got, want)
		}
	}
	var none *managed.Prefixes
	if none.Contains(netip.MustParseAddr("192.0.2.1")) || p.Contains(netip.Addr{}) {
		t.Error("an empty list or address is contained")
	}
}

func TestBadListsSayWhere(t *testing.T) {
	_, problems := managed.ParsePrefixes("list.txt", []byte("192.0.2.0/24\nnonsense\n192.0.2.0/33\n"))
	if len(problems) != 2 || !strings.HasPrefix(problems[0].Error(), "list.txt:2") || !strings.HasPrefix(problems[1].Error(), "list.txt:3") {
		t.Errorf("problems %v", problems)
	}
	_, problems = managed.ParseCredentials("stolen.txt", []byte("ann:hunter2\n"))
	if len(problems) != 1 || strings.Contains(problems[0].Error(), "hunter2") {
		t.Errorf("problems %v; a credential must not be quoted", problems)
	}
}

func TestPublishedLists(t *testing.T) {
	for _, text := range []string{
		`{"creationTime":"2025-01-01","prefixes":[{"ipv6Prefix":"2001:db8::/64"},{"ipv4Prefix":"192.0.2.0/27"}]}`,
		`{"syncToken":"1","prefixes":[{"ip_prefix":"192.0.2.0/27","region":"eu-west-1"}],"ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/64"}]}`,
		` ["192.0.2.0/27", "2001:db8::/64"]`,
	} {
		p := list(t, text)
		for a, want := range map[string]bool{"192.0.2.31": true, "192.0.2.32": false, "2001:db8::1": true, "2001:db9::": false} {
			if got := p.Contains(netip.MustParseAddr(a)); got != want {
				t.Errorf("%s in %s: %t, want %t", a, text, got, want)
			}
		}
	}
	for _, text := range []string{`{}`, `[]`, `{"prefixes":[{"prefix":"x"}]}`, `{"prefixes":[{"ipv4Prefix":"x"}]}`, `[1]`, `{`} {
		if p, problems := managed.ParsePrefixes("list.json", []byte(text)); p != nil || len(problems) == 0 {
			t.Errorf("%s was taken", text)
		}
	}
}

// FuzzParsePrefixes holds the merged ranges against the prefixes one by one.
func FuzzParsePrefixes(f *testing.F) {
	f.Add("192.0.2.0/24\n192.0.2.1\n", "192.0.2.7")
	f.Add(`{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}]}`, "192.0.2.7")
	f.Add("::/0\n0.0.0.0/0", "::ffff:1.2.3.4")
	f.Add("fe80::1%eth0\n#\n;", "fe80::1")
	f.Add("1.2.3.4/0\n/\n::ffff:10.0.0.0/104", "10.1.1.1")
	f.Fuzz(func(t *testing.T, text, address string) {
		p, problems := managed.ParsePrefixes("f", []byte(text))
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("list %v, problems %v", p, problems)
		}
		a, err := netip.ParseAddr(address)
		if p == nil || err != nil {
			return
		}
		if t := strings.TrimSpace(text); t != "" && (t[0] == '{' || t[0] == '[') {
			return // published lists have their own test
		}
		a = a.Unmap().WithZone("")
		want := false
		for line := range strings.SplitSeq(text, "\n") {
			if i := strings.IndexAny(line, "#;"); i >= 0 {
				line = line[:i]
			}
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if one, err := netip.ParseAddr(line); err == nil {
				want = want || one.Unmap().WithZone("") == a
			} else if prefix, err := netip.ParsePrefix(line); err == nil {
				want = want || prefix.Contains(a)
			}
		}
		if got := p.Contains(a); got != want {
			t.Errorf("%s in %q: %t, want %t", a, text, got, want)
		}
	})
}

func FuzzParseCredentials(f *testing.F) {
	f.Add([]byte("# x\n" + strings.Repeat("ab", 32) + "\n"))
	f.Add([]byte("ann:hunter2"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, problems := managed.ParseCredentials("f", text)
		if (c == nil) != (len(problems) > 0) {
			t.Fatalf("list %v, problems %v", c, problems)
		}
		for _, p := range problems {
			if _, err := hex.DecodeString(p.Summary); err == nil && p.Summary != "" {
				t.Errorf("a problem quotes the list: %v", p)
			}
		}
	})
}
