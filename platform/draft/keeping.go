package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/estate"
	"fathom/platform"
)

// lock is the Object Lock of a bucket.
func (d *drafter) lock(s *store) *node {
	b, ok := s.of.(*estate.Bucket)
	if !ok {
		return nil
	}
	var rules []estate.LockRule
	for i := range b.Lock.Items {
		rules = append(rules, b.Lock.Items[i].Rules.Items...)
	}
	for _, l := range estate.Of[*estate.BucketLock](d.e, b.ID) {
		rules = append(rules, l.Rules.Items...)
	}
	for i := range rules {
		r := rules[i].Retention.One()
		if r == nil {
			continue
		}
		mode, _ := r.Mode.Known()
		n, _ := r.Days.Known()
		y, _ := r.Years.Known()
		if mode = strings.ToLower(mode); (mode == "compliance" || mode == "governance") && n+365*y > 0 {
			return object().set("mode", str(mode)).set("keep", str(days(min(n+365*y, 30*365)))).maybe()
		}
	}
	return nil
}

// keep is how long objects of a bucket are kept, where it is not as long as they
// are locked.
func (d *drafter) keep(s *store, lock *node) *node {
	b, ok := s.of.(*estate.Bucket)
	if !ok {
		return nil
	}
	rules := slices.Clone(b.Lifecycle.Items)
	for _, l := range estate.Of[*estate.BucketLifecycle](d.e, b.ID) {
		rules = append(rules, l.Rules.Items...)
	}
	for i := range rules {
		x := rules[i].Expiration.One()
		prefix, _ := rules[i].Filter.At("prefix").Literal()
		if x == nil || !rules[i].Prefix.Absent() || prefix != "" || rules[i].Status.Is("Disabled") == estate.Yes {
			continue
		}
		n, _ := x.Days.Known()
		if n < 1 || lock != nil && lock.get("keep").text == days(n) {
			continue
		}
		return str(days(min(n, 30*365))).maybe()
	}
	return nil
}

var cronEvery = regexp.MustCompile(`^cron\(\S+ (\*|(?:0|\*)/([0-9]+)|[0-9]+) `)

// backup is what a plan of AWS Backup does with a store, or its own backups.
func (d *drafter) backup(s *store) *node {
	if s.engine == platform.Redis || s.engine == platform.Kafka {
		return nil
	}
	every, keep, locked := 0, 0, 0
	for _, sel := range estate.Of[*estate.BackupSelection](d.e, s.of.Meta().ID) {
		for _, plan := range estate.To(d.e, sel.Plan) {
			for i := range plan.Rules.Items {
				r := &plan.Rules.Items[i]
				text, _ := r.Schedule.Known()
				if h := hoursOf(text); h > 0 && (every == 0 || h < every) {
					every = h
				}
				if l := r.Lifecycle.One(); l != nil {
					n, _ := l.Days.Known()
					keep = max(keep, n)
				}
				for _, v := range estate.To(d.e, r.Vault) {
					for _, lock := range estate.Of[*estate.BackupVaultLock](d.e, v.ID) {
						n, _ := lock.MinDays.Known()
						locked = max(locked, n)
					}
				}
			}
		}
	}
	own := 0
	switch x := s.of.(type) {
	case *estate.DBCluster:
		own, _ = x.BackupDays.Default(1).Known()
	case *estate.DBInstance:
		own, _ = x.BackupDays.Default(0).Known()
	}
	if s.engine == platform.S3 && every == 0 {
		return nil // a bucket need not be backed up, and this one is not
	}
	n := object()
	if every > 0 && keep > 0 && locked > 0 {
		return n.set("every", hours(every)).set("keep", str(days(min(keep, 3650)))).set("immutable", str(days(min(locked, keep, 3650))))
	}
	keep = max(keep, own)
	n.set("every", hours(cmp.Or(every, 24)))
	if keep < 7 {
		n.set("keep", str("35d"))
		return n.set("immutable", str("14d")).says(s.at, fmt.Sprintf("today backups are kept for %s, and nothing locks them", plural(keep, "day")), "write how long they are to be kept")
	}
	n.set("keep", str(days(keep)))
	return n.set("immutable", str(days(min(14, keep)))).guess(s.at, "nothing locks the backups", "write for how long nobody may delete one")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func hours(n int) *node {
	if n == 24 {
		return str("1d")
	}
	return str(fmt.Sprintf("%dh", n))
}

// hoursOf is how many hours lie between two runs of a schedule; 0 where that is
// not known or is no divisor of a day.
func hoursOf(schedule string) int {
	m := cronEvery.FindStringSubmatch(schedule)
	switch {
	case m == nil:
		return 0
	case m[1] == "*":
		return 1
	case m[2] == "":
		return 24
	}
	n := 0
	_, _ = fmt.Sscan(m[2], &n)
	if n < 1 || 24%n != 0 {
		return 0
	}
	return n
}
