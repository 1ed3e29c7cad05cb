package managed_test

import (
	"fmt"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

// BenchmarkGroups is a web ACL of the groups that most web ACLs use: core, known
// bad inputs, SQL injection, Linux, POSIX, IP reputation and anonymous addresses.
func BenchmarkGroups(b *testing.B) {
	acl := &webacl.ACL{Name: "bench", Resource: webacl.LoadBalancer, Default: webacl.Action{Kind: webacl.Allow}}
	for i, name := range []string{"CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet", "UnixRuleSet", "AmazonIpReputationList", "AnonymousIpList"} {
		acl.Rules = append(acl.Rules, webacl.Rule{
			Name: name, Priority: i, Override: webacl.OverrideNone,
			Statement: webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRules" + name},
		})
	}
	none := managed.NewPrefixes("none", nil)
	p, problems := webacl.Compile(acl, webacl.Options{Managed: managed.Catalogue(options(b, managed.Options{
		Reputation: none, Reconnaissance: none, DDoS: none, Anonymous: none, Hosting: none,
	}))})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	var items []string
	for i := range 55 {
		items = append(items, fmt.Sprintf(`{"sku":"SKU-%05d","name":"Cotton shirt, size %d, blue","quantity":%d,"price":{"amount":"%d.95","currency":"EUR"},"tags":["summer","sale"]}`, 10000+i*37, 36+i%12, 1+i%3, 19+i%40))
	}
	for _, c := range []struct {
		name string
		r    *webacl.Request
	}{
		{"GET", get("/products?category=shirts&page=2&sort=price", "Cookie", "session=4f1c2a9be03d; cart=9f86d081")},
		{"login", form("username=ann%40example.com&password=correct-horse-battery&remember=on")},
		{"checkout", post("/api/checkout", "application/json", `{"cartId":"c-81723","payment":{"method":"card","token":"tok_9f86d081884c7d65"},"shipping":{"name":"Ann Example","street":"12 Long Lane","city":"Leeds","zip":"LS14AP","country":"GB"},"giftMessage":"Happy birthday, and see you soon","newsletter":true}`)},
		{"cart", post("/api/cart", "application/json", `{"items":[`+strings.Join(items, ",")+`]}`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var v webacl.Verdict
			for b.Loop() {
				if p.Evaluate(c.r, &v); v.Action != webacl.Allow || !v.Certain || len(v.Matches) > 0 {
					b.Fatal(v.Action, v.Matches)
				}
			}
		})
	}
}
