package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// BenchmarkGateway is one GET of a kept connection through the gateway, beside
// the same origin asked directly and through httputil.ReverseProxy alone.
func BenchmarkGateway(b *testing.B) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }))
	defer origin.Close()
	u, err := url.Parse(origin.URL)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(u) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
	})
	defer bare.Close()
	dir := b.TempDir()
	write(b, dir, "acl.json", aclOf("/one"))
	off := run(b, plain+"limits: {perClient: 1000}\n", origin.URL, dir)
	on := run(b, plain+"limits: {perClient: 1000}\nacl: {files: [acl.json]}\nlog: {access: access.log, waf: waf.log}\n", origin.URL, dir)
	for _, c := range []struct{ name, url string }{{"direct", origin.URL}, {"reverse-proxy", bare.URL}, {"gateway", off.url()}, {"gateway-acl-logs", on.url()}} {
		b.Run(c.name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}}
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					r, err := client.Get(c.url + "/search?q=shoes")
					if err != nil {
						b.Error(err)
						return
					}
					io.Copy(io.Discard, r.Body)
					r.Body.Close()
				}
			})
		})
	}
}
