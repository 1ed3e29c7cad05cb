package reach

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Report answers a question about several ports, or about all.
type Report struct {
	From, To Place
	// Reach is the answer for all connections; only where the question names no
	// port and the destination declares none.
	Reach *Reach
	// Answers explain the ports: each that was asked about or that the
	// destination takes, or one of each range of Reach.
	Answers []Answer
}

// maxExplained is how many ranges of ports of a Reach are explained.
const maxExplained = 12

// Explain asks about each connection; about those that the destination takes
// where none is named; and where it declares none, about all.
func (n *Network) Explain(from, to Place, conns ...flow.Conn) *Report {
	r := &Report{From: from, To: to}
	if len(conns) == 0 {
		conns = n.Ports(to)
	}
	if len(conns) == 0 {
		all := n.Conns(from, to)
		r.Reach = &all
		conns = samples(&all)
	}
	for _, c := range conns {
		r.Answers = append(r.Answers, n.Ask(from, to, c))
	}
	return r
}

// samples are one connection of each range of a set: TCP 443 where it is in the
// range, since that is what most people mean, and otherwise the first.
func samples(r *Reach) []flow.Conn {
	var out []flow.Conn
	add := func(set flow.Conns) {
		for _, x := range set.Ranges() {
			c := flow.Conn{Protocol: x.Protocol, Port: x.From}
			switch {
			case x.Protocol == flow.AnyProtocol:
				c = flow.Conn{Protocol: flow.TCP, Port: 443}
			case x.Protocol == flow.TCP && x.From <= 443 && 443 <= x.To:
				c.Port = 443
			case x.Protocol == flow.TCP && x.From == 0 && x.To > 0:
				c.Port = 1
			}
			if len(out) < maxExplained && !slices.Contains(out, c) && x.Protocol >= -1 && named(x.Protocol) {
				out = append(out, c)
			}
		}
	}
	add(r.Sure)
	add(r.May.Minus(r.Sure))
	add(r.Refused)
	if len(out) == 0 {
		out = append(out, flow.Conn{Protocol: flow.TCP, Port: 443})
	}
	return out
}

// named says whether the protocol is one that people ask about: a set of all
// traffic but a port has ranges of 255 others.
func named(p flow.Protocol) bool {
	return p == flow.AnyProtocol || p == flow.TCP || p == flow.UDP || p == flow.ICMP || p == flow.SCTP || p == flow.ICMPv6
}

// Reaches is Yes when some connection reaches, Maybe when some may.
func (r *Report) Reaches() estate.Truth {
	t := estate.No
	if r.Reach != nil {
		switch {
		case !r.Reach.Sure.Empty():
			t = estate.Yes
		case !r.Reach.May.Empty():
			t = estate.Maybe
		}
		return t
	}
	for i := range r.Answers {
		t = t.Or(r.Answers[i].Reaches)
	}
	return t
}

// Word is yes, no or unknown.
func Word(t estate.Truth) string {
	return [...]string{estate.No: "no", estate.Maybe: "unknown", estate.Yes: "yes"}[t]
}

// Sentence is the answer in one line: `yes: internet reaches store/orders-db on
// TCP 3306`.
func (r *Report) Sentence() string {
	word := Word(r.Reaches())
	var yes, maybe, refused, no []string
	if r.Reach != nil {
		add := func(list *[]string, c flow.Conns) {
			if !c.Empty() {
				*list = append(*list, words(c))
			}
		}
		add(&yes, r.Reach.Sure)
		add(&maybe, r.Reach.May.Minus(r.Reach.Sure))
		add(&refused, r.Reach.Refused)
	}
	for i := range r.Answers {
		if r.Reach != nil {
			break
		}
		a := &r.Answers[i]
		switch c := a.Conn.String(); {
		case a.Reaches == estate.Yes && a.Requests != "" && a.Requests != "every request":
			yes = append(yes, c+" ("+a.Requests+" alone)")
		case a.Reaches == estate.Yes:
			yes = append(yes, c)
		case a.Reaches == estate.Maybe:
			maybe = append(maybe, c)
		case a.Refused:
			refused = append(refused, c)
		default:
			no = append(no, c)
		}
	}
	var parts []string
	subject := fmt.Sprintf("%s %%s %s on ", r.From, r.To)
	add := func(verb, again string, ports []string) {
		if len(ports) == 0 {
			return
		}
		list := strings.Join(ports, ", ")
		if len(parts) == 0 {
			parts = append(parts, fmt.Sprintf(subject, verb)+list)
		} else {
			parts = append(parts, again+" on "+list)
		}
	}
	add("reaches", "", yes)
	add("may reach", "it may", maybe)
	if len(refused) > 0 {
		list := strings.Join(refused, ", ")
		if len(parts) == 0 {
			parts = append(parts, fmt.Sprintf("the packets of %s arrive at %s on %s, and every request is refused", r.From, r.To, list))
		} else {
			parts = append(parts, "every request on "+list+" is refused")
		}
	}
	if len(parts) == 0 && r.Reach != nil {
		return fmt.Sprintf("%s: %s does not reach %s on any port", word, r.From, r.To)
	}
	add("does not reach", "it does not", no)
	return word + ": " + strings.Join(parts, "; ")
}

// words shows a set: "any port" for all.
func words(c flow.Conns) string {
	if c.All() {
		return "every port"
	}
	return c.String()
}
