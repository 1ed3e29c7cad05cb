package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// The aim of edge.overload.
const (
	aimShare = 0.995
	aimRatio = 1.5
)

var errMissed = errors.New("the aim is missed")

var stepNames = [perCheckout]string{"home", "product", "product", "cart", "login", "checkout"}

// report prints what was measured, and says whether the aim is met.
func report(w io.Writer, s settings, calm, flood *result, junk junkDone, served int) error {
	fmt.Fprintf(w, "%g checkouts a second of %d requests; a shop of %d workers and %v a request (%.0f requests a second)\n",
		s.Sessions, perCheckout, workers, service, workers/service.Seconds())
	sent := float64(junk.Sent) / junk.Took.Seconds()
	fmt.Fprintf(w, "junk: %.0f requests a second sent of %.0f asked for; %d slow connections, %d of them cut\n",
		sent, float64(junk.Asked)/junk.Took.Seconds(), junk.Slow, junk.Cut)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, h := range herds {
		fmt.Fprintf(t, "  %s\t%s\n", h.name, counts(junk.Kinds[h.name]))
	}
	t.Flush() //nolint:errcheck // w says so below
	fmt.Fprintf(w, "the shop served %.0f requests a second during the flood\n\n", float64(served)/s.Flood.Seconds())

	fmt.Fprintln(t, "\tcheckouts\tgood\tp50\tp99\tmost")
	row := func(name string, began, good int, ds []time.Duration) {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\n", name, began, good, ms(quantile(ds, 0.5)), ms(quantile(ds, 0.99)), ms(quantile(ds, 1)))
	}
	row("alone", calm.began, calm.good(), calm.took)
	row("in the flood", flood.began, flood.good(), flood.took)
	for i, name := range stepNames {
		fmt.Fprintf(t, "  %s\t\t\t%s → %s\t%s → %s\t\n", name, ms(quantile(calm.steps[i], 0.5)), ms(quantile(flood.steps[i], 0.5)), ms(quantile(calm.steps[i], 0.99)), ms(quantile(flood.steps[i], 0.99)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range []*result{calm, flood} {
		for _, why := range slices.Sorted(maps.Keys(r.lost)) {
			fmt.Fprintf(w, "lost: %d by %s\n", r.lost[why], why)
		}
		if r.missing+r.twice > 0 {
			fmt.Fprintf(w, "lost: %d not in the book, %d in it twice\n", r.missing, r.twice)
		}
	}
	return judge(w, calm, flood, sent/(float64(junk.Asked)/junk.Took.Seconds()))
}

func judge(w io.Writer, calm, flood *result, delivered float64) error {
	if calm.began == 0 || flood.began == 0 || calm.good() < calm.began {
		return fmt.Errorf("%d of %d checkouts succeeded without junk: there is nothing to compare with", calm.good(), calm.began)
	}
	if delivered < 0.9 {
		return fmt.Errorf("only %.0f %% of the junk was sent: this machine is too small or too busy for the rate", 100*delivered)
	}
	if late := max(calm.late, flood.late); late > 250*time.Millisecond {
		fmt.Fprintf(w, "note: the customers themselves were up to %v late; the machine is busy\n", late.Round(time.Millisecond))
	}
	share := float64(flood.good()) / float64(flood.began)
	ratio := float64(quantile(flood.took, 0.99)) / float64(quantile(calm.took, 0.99))
	met := share >= aimShare && ratio <= aimRatio
	fmt.Fprintf(w, "\nsucceeded: %.2f %% (aim %.1f %%)   p99: %.2f times the unloaded (aim %.1f)   %s\n",
		100*share, 100*aimShare, ratio, aimRatio, map[bool]string{true: "met", false: "MISSED"}[met])
	if !met {
		return errMissed
	}
	return nil
}

func counts(m map[string]int64) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s: %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0fms", float64(d)/1e6) }
