package rate

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"fathom/engine/webacl"
)

func TestAnAttackWithAMillionAddressesForgetsNoHeavySender_6(t *testing.T) {
	c := NewExact(Options{Instances: 2000})
	send(t, c, minute, "heavy", 1000, 15)
	for k := range 300_000 {
		at := 1000 + float64(k)/20_000 // 15 seconds
		send(t, c, minute, fmt.Sprint("bot ", k), at, 1)
		if n := c.Instances(minute.ID); k%10_000 == 0 && n > 2000 {
			t.Fatalf("%d instances are remembered, 2,000 are allowed", n)
		}
	}
	if n := c.Instances(minute.ID); n > 2000 || n < 1900 {
		t.Errorf("%d instances are remembered of 2,000", n)
	}
	if got := send(t, c, minute, "heavy", 1016, 1); !got.Limited || got.Seen != 16 {
		t.Errorf("after 300,000 other addresses the heavy sender is %+v", got)
	}
}

func TestWhatIsForgottenBeginsAgain(t *testing.T) {
	c := NewExact(Options{Instances: 10})
	send(t, c, minute, "light", 1000, 1)
	for k := range 100 {
		send(t, c, minute, fmt.Sprint(k), 1001, 2)
	}
	if got := send(t, c, minute, "light", 1002, 1); got.Seen != 1 {
		t.Errorf("an instance that was forgotten: %+v", got)
	}
}

// AWS limits at most 10,000 addresses for a rule, those that send most.
func TestWhenTooManyAreOverTheLimitTheHeaviestAreLimited_6(t *testing.T) {
	c := NewExact(Options{Instances: 100, Limited: 3})
	for k := range 5 {
		if got := send(t, c, minute, fmt.Sprint(k), 1000, 20+k); k < 3 && !got.Limited {
			t.Errorf("instance %d with %d requests: %+v", k, 20+k, got)
		}
	}
	limited := func(at float64) (who string) {
		for k := range 5 {
			if send(t, c, minute, fmt.Sprint(k), at, 1).Limited {
				who += fmt.Sprint(k)
			}
		}
		return who
	}
	if who := limited(1001); who != "234" {
		t.Errorf("limited are %q, want those that sent most, 234", who)
	}
	// A window later those places are free for another.
	if got := send(t, c, minute, "new", 1100, 11); !got.Limited {
		t.Errorf("later another is over the limit: %+v", got)
	}
}

// steady sends n requests in each second from one to another.
func steady(t testing.TB, c *Counter, r webacl.RateRule, n int, from, to int) (limited []int) {
	t.Helper()
	for s := from; s < to; s++ {
		if send(t, c, r, "a", float64(s), n).Limited {
			limited = append(limited, s)
		}
	}
	return limited
}

func TestAWSLikeActsAndReleasesLate_6(t *testing.T) {
	rule := webacl.RateRule{ID: "r", Limit: 100, Window: 60}
	c := NewAWSLike(Options{})
	// 5 a second are 300 a minute. After 20 s the look at 1020 finds
	// 50·(17+15)/12 = 133, more than 100; at 1010 it was 71. 20 s later it acts.
	got := steady(t, c, rule, 5, 1000, 1100)
	if len(got) == 0 || got[0] != 1040 || len(got) != 60 {
		t.Fatalf("limited in the seconds %v, want 1040 to 1099", got)
	}
	// From 1100 on one request in ten seconds. The look at 1140 is the first that
	// finds less, (9+7)·50/12 + … = 71; the one at 1130 still finds 105.
	for s := 1100; s < 1200; s += 10 {
		if got, want := send(t, c, rule, "a", float64(s), 1).Limited, s < 1160; got != want {
			t.Errorf("in second %d limited is %v, want %v", s, got, want)
		}
	}
}

func TestAWSLikeLagAndRelease_6(t *testing.T) {
	rule := webacl.RateRule{ID: "r", Limit: 100, Window: 60}
	for _, c := range []struct {
		o           Options
		first, last int
	}{
		{Options{Lag: -1, Release: -1}, 1010, 1069},
		{Options{Lag: 10, Release: 10}, 1020, 1079},
		{Options{Lag: 30, Release: 5}, 1040, 1099}, // Release is at least Lag
		{Options{Lag: 10, Release: 60}, 1020, 1129},
	} {
		// A burst, and one request a second: the looks from 1010 to 1060 find more
		// than 100.
		counter := NewAWSLike(c.o)
		send(t, counter, rule, "a", 1000, 150)
		var limited []int
		for s := 1001; s < 1200; s++ {
			if send(t, counter, rule, "a", float64(s), 1).Limited {
				limited = append(limited, s)
			}
		}
		if len(limited) != c.last-c.first+1 || limited[0] != c.first {
			t.Errorf("%+v: limited in the seconds %v, want %d to %d", c.o, limited, c.first, c.last)
		}
	}
}

// The twin looks at a list of all times, by the words of NewAWSLike.
func TestAWSLikeAgreesWithAListOfTimes_6(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := webacl.RateRule{ID: "r", Limit: rapid.Int64Range(0, 20).Draw(t, "limit"), Window: rapid.SampledFrom([]int64{60, 120, 300, 600}).Draw(t, "window")}
		lag, release := rapid.Int64Range(1, 7).Draw(t, "lag"), rapid.Int64Range(1, 9).Draw(t, "release")
		c := NewAWSLike(Options{Lag: lag * 10, Release: release * 10})
		at, spans := int64(1_700_000_000), r.Window/10
		step := rapid.Int64Range(0, rapid.SampledFrom([]int64{2, 20, 200}).Draw(t, "pace"))
		var spansOf []int64
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			at += step.Draw(t, "step")
			got, err := c.Count(r, []byte("a"), at*second)
			if err != nil {
				t.Fatal(err)
			}
			spansOf = append(spansOf, at/10)
			var want webacl.Rate
			for _, s := range spansOf {
				if s > at/10-spans {
					want.Seen++
				}
			}
			for look := at/10 - max(release, lag); look <= at/10-lag; look++ {
				var found float64
				for _, s := range spansOf {
					if ago := look - 1 - s; ago >= 0 && ago < spans {
						found += 1.5 - 1/float64(2*spans) - float64(ago)/float64(spans)
					}
				}
				want.Limited = want.Limited || found > float64(r.Limit)+1e-9
			}
			if got != want {
				t.Fatalf("at %d: %+v, the list says %+v", at, got, want)
			}
		}
	})
}

func TestAWSLikeSeesASteadySenderAsHeIs_6(t *testing.T) {
	rule := webacl.RateRule{ID: "r", Limit: 600, Window: 300}
	if got := steady(t, NewAWSLike(Options{}), rule, 2, 1000, 3000); got != nil {
		t.Errorf("600 in 300 s are not more than 600, limited in %v", got)
	}
	rule.Limit = 599
	if got := steady(t, NewAWSLike(Options{}), rule, 2, 1000, 3000); len(got) == 0 || got[len(got)-1] != 2999 {
		t.Errorf("600 in 300 s are more than 599, limited in %v", got)
	}
}

func TestAKnownInstanceAllocatesNothing(t *testing.T) {
	for name, c := range map[string]*Counter{"exact": NewExact(Options{}), "aws-like": NewAWSLike(Options{})} {
		at, key := int64(0), []byte("198.51.100.7")
		count := func() {
			at += second / 3
			c.Count(minute, key, at)
		}
		for range 2000 {
			count()
		}
		if n := testing.AllocsPerRun(500, count); n != 0 {
			t.Errorf("%s: %v allocations for a request", name, n)
		}
	}
}
