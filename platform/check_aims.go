package platform

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
)

// starts are where the six threats begin.
var starts = []string{"internet", "credential", "credential/OPERATOR", "pod", "pod/SERVICE", "pipeline", "flood", "insider"}

// objectives checks the depth targets.
func (c *checker) objectives() {
	for i, n := range c.tree.get("objectives", "depth").items {
		at := func(key string) diag.Pos { return c.At("objectives", "depth", strconv.Itoa(i), key) }
		from, to := n.get("from"), n.get("to").text
		if !from.bad && from.written() {
			c.start(from.text, to, at("from"))
		}
		if to == "" || n.get("to").bad || c.Store(to) != nil || c.Datum(to) != nil {
			continue
		}
		c.known("store or data", to, slices.Concat(c.storeNames, c.dataNames), at("to"))
	}
}

func (c *checker) start(from, to string, at diag.Pos) {
	kind, name, named := strings.Cut(from, "/")
	switch {
	case !named && slices.Contains(starts, kind):
	case kind == "pod" && named:
		if c.known("service", name, c.serviceNames, at) {
			c.alreadyThere(c.Service(name), to, at)
		}
	case kind == "credential" && named:
		var names []string
		for _, o := range c.Operators {
			names = append(names, o.Name)
		}
		c.known("group of operators", name, names, at)
	default:
		c.add(at, hint(from, starts), "no attack starts at %q", from)
	}
}

// alreadyThere says that nothing can stand between a pod and what it uses.
func (c *checker) alreadyThere(s *Service, to string, at diag.Pos) {
	for _, u := range s.Stores {
		st := c.Store(u.Store)
		if st != nil && (st.Name == to || slices.Contains(st.Holds, to)) {
			c.add(at, "take it away, or name a service that has no business there", "service %q uses store %q (%s): nothing stands between its pods and %q", s.Name, st.Name, c.line("services", s.Name, "stores", st.Name), to)
			return
		}
	}
}

// exceptions checks what is knowingly less than present.
func (c *checker) exceptions() {
	for i, n := range c.tree.get("exceptions").items {
		at := func(key string) diag.Pos { return c.At("exceptions", strconv.Itoa(i), key) }
		x := exceptionOf(n)
		if len(c.o.Controls) > 0 && !n.get("control").bad {
			c.known("control", x.Control, c.o.Controls, at("control"))
		}
		if x.Route != "" {
			c.known("route", x.Route, c.paths(), at("route"))
		}
		c.known("service", x.Service, c.serviceNames, at("service"))
		c.known("store", x.Store, c.storeNames, at("store"))
		c.until("the exception of "+strconv.Quote(x.Control), x.Until, at("until"))
	}
}

// exemptions checks what single managed rules leave alone.
func (c *checker) exemptions() {
	for i, n := range c.tree.get("edge", "exempt").items {
		at := func(key string) diag.Pos { return c.At("edge", "exempt", strconv.Itoa(i), key) }
		rule := n.get("rule").text
		if len(c.o.ManagedRules) > 0 && !n.get("rule").bad {
			c.known("rule", rule, c.o.ManagedRules, at("rule"))
		}
		if p := n.get("path"); p.written() && !p.bad {
			c.expression(p.text, at("path"))
		}
		c.until("the exemption from "+strconv.Quote(rule), n.get("until").day, at("until"))
	}
}

// expression asks for a regular expression that fits whole paths: one that is
// open at an end exempts whatever somebody adds there.
func (c *checker) expression(text string, at diag.Pos) {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		c.add(at, "write it in RE2's syntax, without look-around and back references", "%q is not a regular expression: %s", text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return
	}
	if len(text) > longestMatch {
		c.add(at, "write one for each path", "the expression has %d characters: AWS WAF takes at most %d", len(text), longestMatch)
	}
	switch re = re.Simplify(); {
	case re.Op == syntax.OpAlternate:
		c.add(at, "put the alternatives into brackets: ^("+strings.Trim(text, "^$")+")$", "%q is open: each of its alternatives has to begin with ^ and end with $", text)
	case re.Op != syntax.OpConcat || !begins(re.Sub[0]) || !ends(re.Sub[len(re.Sub)-1]):
		c.add(at, "write ^"+strings.Trim(text, "^$")+"$", "%q is open: it fits every path that has such a piece anywhere, and an attacker adds that piece to the path of an attack", text)
	}
}

func begins(re *syntax.Regexp) bool { return re.Op == syntax.OpBeginText }
func ends(re *syntax.Regexp) bool   { return re.Op == syntax.OpEndText }
