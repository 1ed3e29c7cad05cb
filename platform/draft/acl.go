package draft

import (
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// acl is what a web ACL does, as far as a declaration has words for it.
type acl struct {
	at              diag.Pos
	limit           *limit
	limits          map[string]*limit // by the path of a route
	challenged      map[string]bool   // paths
	deny, challenge []string          // countries
	cookie          string            // what limits by session count by
	counts          int               // managed groups that only count
	groups          int
}

type limit struct {
	max int
	per int // seconds
	by  string
	at  diag.Pos
}

func (l *limit) node() *node {
	n := object().set("max", num(l.max)).set("per", str(minutes(l.per))).set("by", str(l.by)).maybe()
	n.at = l.at
	return n
}

func minutes(seconds int) string { return strconv.Itoa(seconds/60) + "m" }

// webACL reads the web ACL in front of the shop: that of the distribution, or
// else the one with the most rules.
func (d *drafter) webACL() *acl {
	var best *estate.WebACL
	for _, x := range estate.All[*estate.Distribution](d.e) {
		if x.Staging.Is(true) != estate.Yes {
			for _, w := range estate.To(d.e, x.WebACL) {
				best = w
			}
		}
	}
	for _, w := range estate.All[*estate.WebACL](d.e) {
		if best == nil {
			best = w
		}
	}
	if best == nil {
		return nil
	}
	a := &acl{at: best.Pos, limits: map[string]*limit{}, challenged: map[string]bool{}}
	if best.Rules.Missing() {
		if !best.JSON.Absent() {
			d.note(best.JSON.Pos(), "write limits and countries", "the rules of %s are written as JSON and are not in the draft", best.ID)
		}
		return a
	}
	for _, r := range blocks(best.Rules.Node) {
		d.rule(a, r)
	}
	return a
}

// blocks are the repeated blocks of one name: a list of them, or the one.
func blocks(n *tree.Node) []*tree.Node {
	switch n.Is() {
	case tree.List:
		return n.Items
	case tree.Map:
		return []*tree.Node{n}
	}
	return nil
}

// has says whether a block is written.
func has(n *tree.Node, path ...string) bool { return !n.At(path...).Missing() }

func text(n *tree.Node, path ...string) string {
	t, _ := n.At(path...).Literal()
	return t
}

// rule takes one rule of a web ACL.
func (d *drafter) rule(a *acl, r *tree.Node) {
	st := r.At("statement")
	switch {
	case has(st, "managed_rule_group_statement"):
		a.groups++
		if has(r, "override_action", "count") {
			a.counts++
		}
	case has(st, "rate_based_statement") && !has(r, "action", "allow"):
		d.rate(a, st.At("rate_based_statement"), has(r, "action", "count"))
	case has(r, "action", "challenge"), has(r, "action", "captcha"):
		if codes := countries(st); len(codes) > 0 {
			a.challenge = append(a.challenge, codes...)
		} else if p := pathOf(st); p != "" {
			a.challenged[p] = true
		}
	case has(r, "action", "block"):
		if codes := countries(st); len(codes) > 0 && has(st, "geo_match_statement") {
			a.deny = append(a.deny, codes...)
		}
	}
}

// rate takes a limit: of a path, or of everything.
func (d *drafter) rate(a *acl, st *tree.Node, counts bool) {
	l := &limit{max: whole(st.At("limit")), per: 300, by: "ip", at: st.Nearest("limit")}
	if w := whole(st.At("evaluation_window_sec")); w > 0 {
		l.per = w
	}
	if !slices.Contains([]int{60, 120, 300, 600}, l.per) || l.max < 10 {
		d.note(l.at, "", "a limit of %d in %d s is not taken over", l.max, l.per)
		return
	}
	if text(st, "aggregate_key_type") == "CUSTOM_KEYS" {
		switch name := text(st, "custom_key", "header", "name"); {
		case text(st, "custom_key", "cookie", "name") != "":
			l.by, a.cookie = "session", text(st, "custom_key", "cookie", "name")
		case name != "":
			l.by = "header:" + strings.ToLower(name)
		}
	}
	if counts {
		d.note(l.at, "", "a limit of %d only counts today; in the draft it blocks", l.max)
	}
	switch path := pathOf(st.At("scope_down_statement")); {
	case path != "" && a.limits[path] == nil:
		a.limits[path] = l
	case path == "" && !has(st, "scope_down_statement") && (a.limit == nil || l.by == "ip" && a.limit.by != "ip"):
		a.limit = l
	}
}

// countries are those that a statement matches, unless it stands behind a not.
func countries(st *tree.Node) []string {
	var out []string
	within(st, func(n *tree.Node) {
		if codes := n.At("geo_match_statement", "country_codes"); codes.Is() == tree.List {
			for _, c := range codes.Items {
				if t, ok := c.Literal(); ok && len(t) == 2 {
					out = append(out, t)
				}
			}
		}
	})
	return out
}

// pathOf is the one path that a statement matches, as a route writes it.
func pathOf(st *tree.Node) string {
	var out []string
	within(st, func(n *tree.Node) {
		b := n.Get("byte_match_statement")
		if b.Is() == tree.List && len(b.Items) == 1 {
			b = b.Items[0]
		}
		if !has(b, "field_to_match", "uri_path") {
			return
		}
		path := text(b, "search_string")
		switch text(b, "positional_constraint") {
		case "STARTS_WITH":
			out = append(out, path+"*")
		case "EXACTLY":
			out = append(out, path)
		}
	})
	if len(out) != 1 || !strings.HasPrefix(out[0], "/") {
		return ""
	}
	return out[0]
}

// within calls f for a statement and those in it that are not behind a not.
func within(n *tree.Node, f func(*tree.Node)) {
	if n.Missing() {
		return
	}
	for _, b := range blocks(n) {
		f(b)
		for _, name := range []string{"and_statement", "or_statement", "statement"} {
			within(b.Get(name), f)
		}
	}
}
