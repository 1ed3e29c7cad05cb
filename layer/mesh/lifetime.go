package mesh

import (
	"regexp"
	"strconv"
)

// lifetime is how long a certificate lives, in seconds.
type lifetime float64

const (
	hour lifetime = 3600
	day           = 24 * hour
)

var lifetimeForm = regexp.MustCompile(`^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$`)

// parseLifetime reads a duration as Kubernetes and Go write them: 24h, 1h30m.
func parseLifetime(text string) (lifetime, bool) {
	m := lifetimeForm.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, false
	}
	var sum lifetime
	for i, unit := range []lifetime{hour, 60, 1} {
		if m[i+1] != "" {
			f, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				return 0, false
			}
			sum += lifetime(f) * unit
		}
	}
	return sum, true
}

// span shows a lifetime: 90 days, 24 h, 30 min.
func span(d lifetime) string {
	switch {
	case d > day && d/day == lifetime(int(d/day)):
		return itoa(int(d/day)) + " days"
	case d >= hour:
		return strconv.FormatFloat(float64(d/hour), 'f', -1, 64) + " h"
	}
	return strconv.FormatFloat(float64(d/60), 'f', -1, 64) + " min"
}
