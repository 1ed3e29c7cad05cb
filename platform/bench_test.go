package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"fathom/platform"
)

// grown is the shop with n more services, each with a store of its own and calls
// to three others.
func grown(t testing.TB, n int) []byte {
	text := string(shop(t))
	var services, stores strings.Builder
	for i := range n {
		fmt.Fprintf(&services, "  svc-%d:\n", i)
		fmt.Fprintf(&services, "    image: shop/svc-%d@sha256:2419329067823cab5b4e5ac5dd18a6abf1f57f45e753f5fc934292f3085a3717\n", i)
		fmt.Fprintf(&services, "    owner: team-%d\n    replicas: {min: 3, max: 60}\n", i%20)
		fmt.Fprintf(&services, "    calls: {svc-%d: [\"POST /charge\"], svc-%d: [\"GET /products/*\"], search: []}\n", (i+1)%n, (i+2)%n)
		fmt.Fprintf(&services, "    stores: {db-%d: write, cache: read, events: {consume: [order-events]}}\n    handles: [email, order]\n", i)
		fmt.Fprintf(&stores, "  db-%d: {engine: postgres, owner: team-%d, holds: [email], backup: {every: 1h, keep: 35d, immutable: 14d}}\n", i, i%20)
	}
	text = strings.Replace(text, "\nservices:\n", "\nservices:\n"+services.String(), 1)
	text = strings.Replace(text, "\nstores:\n", "\nstores:\n"+stores.String(), 1)
	return []byte(text)
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{3, 30, 300} {
		text := grown(b, n)
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, problems := platform.Parse("shop.yaml", text, options); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}
