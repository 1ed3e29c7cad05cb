package gateway

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"fathom/layer/edge/gateway/overload"
)

func TestMetricsOfLimiters(t *testing.T) {
	l := overload.NewLimiter(overload.Limits{}, overload.RoomConfig{}, overload.SystemClock())
	defer l.Close()
	permit, err := l.Acquire(context.Background(), overload.Critical)
	if err != nil {
		t.Fatal(err)
	}
	m := limiterMetrics{"shop": l}
	want := `
# HELP fathom_gateway_granted_total Requests that got a place before an origin.
# TYPE fathom_gateway_granted_total counter
fathom_gateway_granted_total{class="critical",origin="shop"} 1
fathom_gateway_granted_total{class="degraded",origin="shop"} 0
fathom_gateway_granted_total{class="sheddable",origin="shop"} 0
# HELP fathom_gateway_limit_used Requests that an origin has now.
# TYPE fathom_gateway_limit_used gauge
fathom_gateway_limit_used{origin="shop"} 1
`
	if err := testutil.CollectAndCompare(m, strings.NewReader(want), "fathom_gateway_limit_used", "fathom_gateway_granted_total"); err != nil {
		t.Error(err)
	}
	permit.Release(overload.Success)
	if n := testutil.CollectAndCount(m, "fathom_gateway_room_open"); n != 1 {
		t.Errorf("%d series of fathom_gateway_room_open", n)
	}
}
