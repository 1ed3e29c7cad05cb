package gateway_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fathom/engine/webacl/waflog"
	"fathom/layer/edge/gateway"
)

// What logrotate does: the file is renamed, the gateway told, and no record is
// lost or cut in two.
func TestLogsThatWereRenamedGoOnInNewFiles(t *testing.T) {
	dir := t.TempDir()
	h := run(t, plain+"acl: {files: [acl.json]}\nlog: {access: access.log, waf: waf.log}\n", newSeen(t, nil).URL, withACLIn(t, dir))
	const each = 50
	some := func() {
		for range each {
			get(t, http.DefaultClient, h.url()+"/two")
		}
	}
	some()
	for _, name := range []string{"access.log", "waf.log"} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, name+".1")); err != nil {
			t.Fatal(err)
		}
	}
	some() // still to the old files
	eventually(t, "the records are in the old files", func() bool {
		return bytes.Count(content(t, dir, "access.log.1"), []byte("\n")) == 2*each && bytes.Count(content(t, dir, "waf.log.1"), []byte("\n")) == 2*each
	})
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	some()
	h.stop()
	for _, name := range []string{"access.log", "waf.log"} {
		old, now := content(t, dir, name+".1"), content(t, dir, name)
		before, after := bytes.Count(old, []byte("\n")), bytes.Count(now, []byte("\n"))
		if before != 2*each || after != each {
			t.Errorf("%s: %d records in the old file and %d in the new one", name, before, after)
		}
	}
	for line := range bytes.Lines(content(t, dir, "waf.log")) {
		if _, err := waflog.Parse(bytes.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALogThatCannotBeOpenedAgainStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	h := run(t, plain+"acl: {files: [acl.json]}\nlog: {waf: log/waf.log}\n", newSeen(t, nil).URL, withACLIn(t, dir))
	if err := os.Rename(filepath.Join(dir, "log"), filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "acl.json", aclOf("/two"))
	if err := h.Reload(); err == nil || !strings.Contains(err.Error(), "waf.log") {
		t.Errorf("the reload says %v", err)
	}
	if r, _ := get(t, http.DefaultClient, h.url()+"/two"); r.StatusCode != 200 {
		t.Error("a part of the reload took effect")
	}
	h.stop()
	if n := bytes.Count(content(t, dir, "gone/waf.log"), []byte("\n")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// The kinds of lists are those of fathom waf, and a rule with its list decides.
func TestListsOfManagedGroups(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "bad.txt", "127.0.0.1\n")
	write(t, dir, "acl.json", rules("bad", `"OverrideAction": {"None": {}}`, `{"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesAmazonIpReputationList"}}`))
	h := run(t, plain+"acl: {files: [acl.json], lists: {ip-reputation: bad.txt, \"bot:googlebot\": bad.txt}}\n", newSeen(t, nil).URL, dir)
	if r, _ := get(t, http.DefaultClient, h.url()+"/"); r.StatusCode != 403 {
		t.Errorf("a client on the list gets %d", r.StatusCode)
	}
	for _, kind := range []string{"reputation", "compromised", "bot-googlebot", "\"bot:\""} {
		_, problems := gateway.Parse("gateway.yaml", []byte(strings.ReplaceAll(plain, "ORIGIN", "http://a")+"acl: {lists: {"+kind+": bad.txt}}\n"))
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), "it has ip-reputation, ") {
			t.Errorf("%s: %v", kind, problems)
		}
	}
}

// Who tries a web ACL without a geo database has to hear why nobody is challenged.
func TestARuleThatCannotBeDecidedIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", rules("abroad", `"Action": {"Challenge": {}}`, `{"GeoMatchStatement": {"CountryCodes": ["AT"]}}`))
	h := run(t, plain+"acl: {files: [acl.json]}\n", newSeen(t, nil).URL, dir)
	for range 3 {
		if r, _ := get(t, http.DefaultClient, h.url()+"/"); r.StatusCode != 200 {
			t.Errorf("got %d", r.StatusCode)
		}
	}
	h.stop()
	if log := h.log.String(); strings.Count(log, "cannot be decided") != 1 || !strings.Contains(log, "rule=abroad") || !strings.Contains(log, "country") {
		t.Errorf("the log says %s", log)
	}
}
