package crs_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"

	"fathom/engine/webacl/crs"
)

// sample is a request of a shop.
type sample struct {
	name string
	crs.Request
	body string
}

func browser(method, uri string, more ...crs.Header) crs.Request {
	return crs.Request{
		Method: method, URI: uri, Version: "HTTP/1.1", Client: netip.MustParseAddr("203.0.113.7"), Port: 40000,
		Headers: append([]crs.Header{
			{Name: "Host", Value: "shop.example.com"},
			{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"},
			{Name: "Accept", Value: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
			{Name: "Accept-Language", Value: "en-GB,en;q=0.5"},
			{Name: "Accept-Encoding", Value: "gzip, deflate, br"},
			{Name: "Cookie", Value: "session=4f1c2a9be03d; cart=9f86d081"},
		}, more...),
	}
}

func withBody(name, uri, contentType, body string) sample {
	r := browser("POST", uri, crs.Header{Name: "Content-Type", Value: contentType},
		crs.Header{Name: "Content-Length", Value: fmt.Sprint(len(body))})
	return sample{name, r, body}
}

// samples are a GET, a login form, a checkout of 249 bytes and a cart of 7.6 kB.
func samples() []sample {
	checkout := `{"cartId":"c-81723","payment":{"method":"card","token":"tok_9f86d081884c7d65"},"shipping":{"name":"Ann Example","street":"12 Long Lane","city":"Leeds","zip":"LS14AP","country":"GB"},"giftMessage":"Happy birthday, and see you soon","newsletter":true}`
	var items []string
	for i := range 55 {
		items = append(items, fmt.Sprintf(`{"sku":"SKU-%05d","name":"Cotton shirt, size %d, blue","quantity":%d,"price":{"amount":"%d.95","currency":"EUR"},"tags":["summer","sale"]}`, 10000+i*37, 36+i%12, 1+i%3, 19+i%40))
	}
	cart := `{"items":[` + strings.Join(items, ",") + `]}`
	return []sample{
		{"GET", browser("GET", "/products?category=shirts&page=2&sort=price"), ""},
		withBody("login", "/login", "application/x-www-form-urlencoded", "username=ann%40example.com&password=correct-horse-battery&remember=on"),
		withBody("checkout", "/api/checkout", "application/json", checkout),
		withBody("cart", "/api/cart", "application/json", cart),
	}
}

// BenchmarkCoraza is Coraza as its documentation sets it up, at paranoia level 1.
func BenchmarkCoraza(b *testing.B) {
	waf, err := coraza.NewWAF(coraza.NewWAFConfig().WithRootFS(coreruleset.FS).
		WithDirectives("Include @coraza.conf-recommended").
		WithDirectives("SecAuditEngine Off").
		WithDirectives("Include @crs-setup.conf.example").
		WithDirectives("Include @owasp_crs/*.conf"))
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tx := waf.NewTransaction()
				tx.ProcessConnection("203.0.113.7", 40000, "", 0)
				tx.ProcessURI(s.URI, s.Method, s.Version)
				for _, h := range s.Headers {
					tx.AddRequestHeader(h.Name, h.Value)
				}
				tx.ProcessRequestHeaders()
				if _, _, err := tx.WriteRequestBody([]byte(s.body)); err != nil {
					b.Fatal(err)
				}
				if _, err := tx.ProcessRequestBody(); err != nil {
					b.Fatal(err)
				}
				tx.ProcessLogging()
				if len(tx.MatchedRules()) == 0 {
					b.Fatal("no rule ran")
				}
				if err := tx.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInspector is the same through New.
func BenchmarkInspector(b *testing.B) {
	in, err := crs.New(crs.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t := in.Start(&s.Request)
				if r := t.Request([]byte(s.body)); r.Err != nil || r.Blocked {
					b.Fatal(r.Err, r.By)
				}
				t.Close()
			}
		})
	}
}
