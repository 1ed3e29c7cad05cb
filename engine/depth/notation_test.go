package depth

import (
	"fmt"
	"slices"
	"strings"
)

// parse reads steps in the notation of these tests, one a line:
//
//	run <- attack, login | edge.waf! net.sg@db? net.np-
//
// gives run for attack and login, past a guard that stands (!), one that is
// doubtful (?) and one that is missing (-); @ says where a guard is. A line that
// ends in ? is a doubtful step. A capability with a dot is Off of that guard.
func parse(text string) []Step {
	var steps []Step
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s := Step{Says: line, Layer: "test"}
		line, stops, _ := strings.Cut(line, "|")
		for _, f := range strings.Fields(stops) {
			if f == "?" {
				s.Doubt = "it is not known whether " + s.Says
			} else if stop, ok := parseStop(f); ok {
				s.Stops = append(s.Stops, stop)
			}
		}
		gives, needs, _ := strings.Cut(line, "<-")
		s.Gives = word(gives)
		for _, n := range strings.Split(needs, ",") {
			if n = strings.TrimSpace(n); n != "" {
				s.Needs = append(s.Needs, word(n))
			}
		}
		steps = append(steps, s)
	}
	return steps
}

func parseStop(f string) (Stop, bool) {
	states := map[byte]State{'!': Standing, '?': Doubtful, '-': Missing}
	state, ok := states[f[len(f)-1]]
	if !ok || len(f) < 2 {
		return Stop{}, false
	}
	s := Stop{Guard: guardOf(f[:len(f)-1]), State: state}
	if state == Doubtful {
		s.Why = "not known of " + s.Guard.String()
	}
	return s, true
}

func guardOf(word string) Guard {
	control, on, _ := strings.Cut(word, "@")
	return Guard{Control: control, On: on}
}

func word(w string) Capability {
	w = strings.TrimSpace(w)
	if strings.Contains(w, ".") {
		return Off(guardOf(w))
	}
	return Capability{Kind: w}
}

func words(list string) []Capability {
	var out []Capability
	for _, w := range strings.Fields(list) {
		out = append(out, word(w))
	}
	return out
}

// depths are an answer's two bounds: "2", "1 to 3", "over 8", "never".
func depths(a *Answer) string {
	one := func(b *Bound) string {
		switch {
		case b.Never:
			return "never"
		case b.Over:
			return fmt.Sprintf("over %d", b.N)
		}
		return fmt.Sprint(b.N)
	}
	if a.Least.agrees(&a.Most) {
		return one(&a.Least)
	}
	return one(&a.Least) + " to " + one(&a.Most)
}

func names(units []Unit) string {
	var out []string
	for _, u := range units {
		out = append(out, u.Name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
