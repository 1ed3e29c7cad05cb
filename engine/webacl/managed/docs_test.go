package managed_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
	"fathom/engine/webacl/managed"
)

var update = flag.Bool("update", false, "write docs/managed.md")

// unmapped are the files of the Core Rule Set that answer for no rule of AWS, and
// why.
var unmapped = map[string]string{
	"REQUEST-901-INITIALIZATION":                      "set-up; it runs, and answers for nothing",
	"REQUEST-905-COMMON-EXCEPTIONS":                   "exceptions of the rule set; they run, and answer for nothing",
	"REQUEST-911-METHOD-ENFORCEMENT":                  "AWS has no rule about methods but PROPFIND",
	"REQUEST-921-PROTOCOL-ATTACK":                     "AWS has no rule about request smuggling and splitting; the gateway refuses such requests itself",
	"REQUEST-922-MULTIPART-ATTACK":                    "AWS has no rule about multipart bodies",
	"REQUEST-931-APPLICATION-ATTACK-RFI":              "AWS documents GenericRFI: a scheme and an IPv4 address",
	"REQUEST-934-APPLICATION-ATTACK-GENERIC":          "AWS's rules about the metadata service and React are narrower; patterns of Fathom's own answer",
	"REQUEST-941-APPLICATION-ATTACK-XSS":              "AWS documents its built-in detector for CrossSiteScripting; libinjection answers",
	"REQUEST-943-APPLICATION-ATTACK-SESSION-FIXATION": "AWS has no rule about session fixation",
	"REQUEST-949-BLOCKING-EVALUATION":                 "anomaly scores; AWS's rules decide one by one",
	"REQUEST-999-COMMON-EXCEPTIONS-AFTER":             "exceptions of the rule set",
}

func TestDocs(t *testing.T) {
	var b bytes.Buffer
	writeDocs(t, &b)
	name := filepath.Join("..", "..", "..", "docs", "managed.md")
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(have), b.String()); d != "" {
		t.Errorf("docs/managed.md is not what the catalogue says; run go test ./engine/webacl/managed -run TestDocs -update (-docs +catalogue):\n%s", d)
	}
}

func writeDocs(t *testing.T, b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	line("# AWS's managed rule groups")
	line("")
	line("AWS publishes the names, order, labels, actions and limits of the rules in its managed groups, and not their patterns. This page says of each rule what answers for it. A test writes it from the catalogue (`go test ./engine/webacl/managed -run TestDocs -update`), and fails where the two differ.")
	line("")
	line("- **documented**: AWS documents exactly this condition.")
	line("- **stand-in**: AWS does not publish the pattern. What is named answers in its place, and matches other requests at its edges. Verdicts say so, and name the pattern that matched.")
	line("- **not simulated**: nothing answers. The rule is undecidable, and verdicts that it could have changed say that they are not certain.")
	line("")
	line("%s, with the rules of the table at the end of this page only, runs once for a request, when the first rule asks that it answers for. It sees of the body what AWS WAF would see. A rule that rests on a list is \"not simulated\" until a list is given; the tables show the rules with every list.", "The stand-in OWASP CRS "+crs.Version+" through "+crs.Engine)
	line("")
	line("## Choices")
	line("")
	for _, c := range choices {
		line("- %s", c)
	}
	o := listed(t)
	o.Compromised, _ = managed.ParseCredentials("list.txt", nil)
	for _, name := range managed.Names() {
		g := group(t, o, name)
		line("")
		line("## %s", name)
		line("")
		line("%d WCU, labels `%s`.", g.Capacity, g.LabelPrefix)
		line("")
		line("| Rule | Action | Label | Basis | What answers |")
		line("|---|---|---|---|---|")
		for _, r := range g.Rules {
			source := strings.ReplaceAll(r.Basis.Source, "list.txt", "that is given")
			line("| %s | %s | `%s` | %s | %s |", r.Name, r.Action.Kind, strings.TrimPrefix(r.Labels[0], g.LabelPrefix), r.Basis.Kind, source)
		}
	}
	writeMapping(t, line)
}

// choices are what AWS leaves open, and what was chosen.
var choices = []string{
	"Every version of a group (`Version_1.0`, …) is evaluated as the newest one, but for the first versions of the POSIX group, whose rule looks at QUERYARGUMENTS.",
	"`SizeRestrictions_BODY` matches a body that is longer than what WAF sees of it, whatever the limit: it is longer than 8,192 bytes.",
	"`SizeRestrictions_Cookie_HEADER` measures the whole header.",
	"`Host_localhost_HEADER` is the host `localhost` in any case, with or without a port; `localhost.example.com` is another host.",
	"Path and query are told apart by asking the Core Rule Set again about each alone, where its rule looks at both as one.",
	"Names of arguments count as arguments, and cookies as headers in rules about headers, where the Core Rule Set answers.",
	"A bot whose operator publishes how to verify it is undecidable until its addresses are given; one that nobody can verify is unverified. A request from another address is forged: unverified, and SignalNonBrowserUserAgent.",
	"`signal:non_browser_header` is added where Accept or Accept-Encoding is missing, or Host is not the first header in HTTP/1.1.",
	"The body is read when the first rule is reached that the Core Rule Set answers for, whatever part of the request that rule is about: one transaction answers for all.",
	"A list of addresses holds one address or CIDR a line, or is the JSON that operators publish (`prefixes` with `ipv4Prefix` and `ipv6Prefix`, or AWS's ip-ranges.json). Addresses of a bot that the table does not have are refused.",
	"Thresholds count the requests that the group inspects, whether they succeed or not; \"more than 20\" matches from the 21st on. Each use of a group counts by itself.",
	"A list of compromised credentials holds the SHA-256 of the username in lower case, a colon and the password, one a line in hexadecimal.",
	"The labels of tokens are added by the first rule of Bot Control, ATP, ACFP (for the endpoints that they inspect) and AntiDDoS.",
	"`challengeable-request` is added as documented; whether there is an event nobody says, so the rules of AntiDDoS never match.",
}

func writeMapping(t *testing.T, line func(string, ...any)) {
	line("")
	line("## The Core Rule Set")
	line("")
	line("Which of its rules answer for which of AWS's, where they match in the part of the request that AWS's rule looks at.")
	line("")
	line("| Group | Rule | CRS rules |")
	line("|---|---|---|")
	files := map[string]bool{}
	in, err := ruleset()
	if err != nil {
		t.Fatal(err)
	}
	fileOf := map[int]string{}
	for _, r := range in.Rules() {
		fileOf[r.ID] = strings.TrimSuffix(r.File[strings.LastIndexByte(r.File, '/')+1:], ".conf")
	}
	for _, m := range managed.Mapping() {
		name, rule, _ := strings.Cut(m, " ")
		ids := slices.Sorted(slices.Values(managed.Counterpart(name, rule)))
		var words []string
		for _, id := range ids {
			words = append(words, fmt.Sprint(id))
			files[fileOf[id]] = true
		}
		line("| %s | %s | %s |", strings.TrimPrefix(name, "AWSManagedRules"), rule, strings.Join(words, " "))
	}
	line("")
	line("Files of the rule set that answer for nothing:")
	line("")
	for _, f := range requestFiles(t) {
		why, ok := unmapped[f]
		if ok == files[f] {
			t.Errorf("%s: mapped %t, and said to be unmapped %t", f, files[f], ok)
		}
		if ok {
			line("- %s: %s.", f, why)
		}
	}
	line("- RESPONSE-…: AWS's managed groups do not look at responses.")
}

// requestFiles are the rule set's files about requests.
func requestFiles(t *testing.T) []string {
	t.Helper()
	in, err := crs.New(crs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range in.Rules() {
		f := strings.TrimSuffix(r.File[strings.LastIndexByte(r.File, '/')+1:], ".conf")
		if strings.HasPrefix(f, "REQUEST-") && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	if _, ok := unmapped["REQUEST-999-COMMON-EXCEPTIONS-AFTER"]; ok && !slices.Contains(out, "REQUEST-999-COMMON-EXCEPTIONS-AFTER") {
		out = append(out, "REQUEST-999-COMMON-EXCEPTIONS-AFTER") // it has no rules
	}
	slices.Sort(out)
	return out
}

// The page names what nothing answers for.
func TestNotSimulatedRulesGiveAReason(t *testing.T) {
	for _, name := range managed.Names() {
		for _, r := range group(t, managed.Options{}, name).Rules {
			if r.Basis.Kind == webacl.NotSimulated && len(r.Basis.Source) < 20 {
				t.Errorf("%s/%s: %q is no reason", name, r.Name, r.Basis.Source)
			}
		}
	}
}
