package mesh

import (
	"slices"
	"strconv"
	"strings"

	"fathom/estate"
)

// listed writes the values of a test: "a or b", "anything but c".
func listed(t *test) string {
	switch {
	case len(t.not) == 0:
		return texts(t.values)
	case len(t.values) == 0:
		return "anything but " + texts(t.not)
	}
	return texts(t.values) + " but " + texts(t.not)
}

func texts(ps []pattern) string {
	var out []string
	for i := range ps {
		out = append(out, ps[i].text)
	}
	return few(out, "or")
}

// with writes a test behind a word for what has a value and one for what has not.
func with(t *test, has, hasNot string) string {
	switch {
	case len(t.not) == 0:
		return has + texts(t.values)
	case len(t.values) == 0:
		return hasNot + texts(t.not)
	}
	return has + texts(t.values) + " " + hasNot + texts(t.not)
}

// few joins a few of many with commas and a last word.
func few(parts []string, last string) string {
	const most = 4
	if len(parts) > most {
		rest := strconv.Itoa(len(parts)-most+1) + " others"
		parts = append(slices.Clone(parts[:most-1]), rest)
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " " + last + " " + parts[len(parts)-1]
}

// requests writes the requests of a product: "GET or HEAD /products/*", "methods
// other than POST", "every request".
func (p *product) requests(protocol Protocol) string {
	var m, pth string
	between := " "
	var more []string
	for _, t := range p.tests {
		if t.attr.http() && protocol == TCP {
			continue
		}
		if t.attr == method || t.attr == path {
			if len(t.not) > 0 {
				between = " on "
			}
		}
		switch t.attr {
		case method:
			m = with(t, "", "methods other than ")
		case path:
			pth = with(t, "", "paths other than ")
		case host:
			more = append(more, with(t, "for host ", "for hosts other than "))
		case header:
			more = append(more, with(t, "with header "+t.name+": ", "without header "+t.name+": "))
		case tokenPrincipal:
			more = append(more, tokens(t, "principal"))
		case tokenAudience:
			more = append(more, tokens(t, "audience"))
		case tokenPresenter:
			more = append(more, tokens(t, "presenter"))
		case tokenClaim:
			more = append(more, tokens(t, "claim "+t.name))
		case sourceIP:
			more = append(more, with(t, "from ", "from addresses other than "))
		case remoteIP:
			more = append(more, with(t, "from clients in ", "from clients outside "))
		case destinationIP:
			more = append(more, with(t, "to ", "to addresses other than "))
		case serverName:
			more = append(more, with(t, "with server name ", "with server names other than "))
		case unknown:
			more = append(more, "with "+t.field+" "+listed(t))
		}
	}
	what := m + between + pth
	switch {
	case m == "" && pth == "":
		what = "every request"
	case m == "":
		what = pth
	case pth == "" && between == " ":
		what = m + " *"
	case pth == "":
		what = m
	}
	return strings.Join(append([]string{what}, more...), " ")
}

func tokens(t *test, what string) string {
	return with(t, "with a token of "+what+" ", "without a token of "+what+" ")
}

// words writes the requests that a decision lets in.
func (d *decision) words(protocol Protocol) string {
	if len(d.may) == 0 {
		return "no request"
	}
	if d.every {
		return "every request"
	}
	in := "every request"
	if !d.open {
		in = written(d.left(d.in), protocol)
	}
	if out := d.taken(); len(out) > 0 {
		in += ", but not " + written(out, protocol)
	}
	return in
}

// left are the matches of which something gets in.
func (d *decision) left(ms []*match) []*match {
	var out []*match
	for _, x := range ms {
		if overlap(x.boxes, d.may) {
			out = append(out, x)
		}
	}
	return out
}

// taken are the matches that keep out what would get in without them.
func (d *decision) taken() []*match {
	if d.open {
		return d.out
	}
	var out []*match
	for _, x := range d.out {
		if slices.ContainsFunc(d.in, func(i *match) bool { return overlap(i.boxes, x.boxes) }) {
			out = append(out, x)
		}
	}
	return out
}

func overlap(a, b []box) bool {
	for _, x := range a {
		for _, y := range b {
			if x.and(y) != nil {
				return true
			}
		}
	}
	return false
}

func written(ms []*match, protocol Protocol) string {
	var parts []string
	for _, x := range ms {
		w := x.of.requests(protocol)
		if x.of.of.of.action == external {
			w += " unless " + provider(x.of.of.of) + " agrees"
		}
		if !slices.Contains(parts, w) {
			parts = append(parts, w)
		}
	}
	if slices.Contains(parts, "every request") {
		return "every request"
	}
	if len(parts) > 4 {
		parts = append(slices.Clone(parts[:3]), strconv.Itoa(len(parts)-3)+" others")
	}
	return strings.Join(parts, ", and ")
}

// whom writes the callers that a rule is for: "principals cluster.local/ns/…".
func (p *product) whom() string {
	var parts []string
	for _, t := range p.tests {
		switch t.attr {
		case peerPrincipal, peerNamespace, peerAccount, peerDomain:
			parts = append(parts, strings.TrimPrefix(t.field, "source.")+" "+listed(t))
		}
	}
	return strings.Join(parts, " and ")
}

func title(w *estate.Workload) string { return w.Namespace + "/" + w.Name }
