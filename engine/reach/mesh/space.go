package mesh

import (
	"slices"

	"fathom/estate"
)

// space is what requests to a workload may differ in, as far as its policies
// tell them apart: one dimension for the method, the path, the host, each
// header, the token's principal, and one for each value that a policy asks of a
// token's claims. Each dimension falls into a few atoms.
type space struct {
	dims []dim
	// wide says that there are too many atoms to try.
	wide bool
}

// dim is one dimension. Where absent is set, atom 0 is that there is no such
// thing; the others have their value in values.
type dim struct {
	attr     attribute
	name     string
	patterns []pattern
	has      map[pattern]bool // what is in patterns
	values   []string         // by atom; "" for absent
	absent   bool
}

// token says that a dimension is of a token, which not everybody has.
func (d *dim) token() bool { return d.attr >= tokenPrincipal }

// many says that the attribute is a list of which any value may match, so that
// each value asked for is a dimension of its own: there or not.
func (a attribute) many() bool { return a >= tokenAudience }

// free says that an attribute spans the space; all others are known, or not, of
// the caller and the connection.
func (a attribute) free() bool { return a.http() }

func newSpace(ps []*policy) *space {
	s := &space{}
	for _, p := range ps {
		for _, r := range p.rules {
			for _, pr := range r.products {
				for _, t := range pr.tests {
					s.gather(t)
				}
			}
		}
	}
	for i := range s.dims {
		d := &s.dims[i]
		if d.attr.many() {
			d.values = []string{"", d.patterns[0].text}
			continue
		}
		values, ok := atoms(d.patterns, d.attr == path)
		if !ok {
			s.wide = true
			return s
		}
		if d.absent {
			values = append([]string{""}, values...)
		}
		d.values = values
	}
	return s
}

func (s *space) gather(t *test) {
	if !t.attr.free() {
		return
	}
	for _, p := range slices.Concat(t.values, t.not) {
		i := s.find(t, &p)
		if i < 0 {
			i = len(s.dims)
			s.dims = append(s.dims, dim{attr: t.attr, name: t.name, absent: t.attr >= header})
		}
		d := &s.dims[i]
		if d.has == nil {
			d.has = map[pattern]bool{}
		}
		if !d.has[p] {
			d.has[p] = true
			d.patterns = append(d.patterns, p)
		}
	}
}

// find is the dimension of a value of a test, or -1.
func (s *space) find(t *test, p *pattern) int {
	return slices.IndexFunc(s.dims, func(d dim) bool {
		return d.attr == t.attr && d.name == t.name && (p == nil || !t.attr.many() || d.patterns[0] == *p)
	})
}

// whole are all requests; those with a token only where tokens are taken.
func (s *space) whole(tokens bool) box {
	b := make(box, len(s.dims))
	for i := range s.dims {
		b[i] = allBits(len(s.dims[i].values))
		if s.dims[i].token() && !tokens {
			b[i] = newBits(len(s.dims[i].values))
			b[i].add(0)
		}
	}
	return b
}

// meeting are the atoms of a dimension that match one of the patterns.
func (d *dim) meeting(ps []pattern) bits {
	out := newBits(len(d.values))
	for i, v := range d.values {
		if v != "" && slices.ContainsFunc(ps, func(p pattern) bool { return p.matches(v) }) {
			out.add(i)
		}
	}
	return out
}

// narrow is the part of some boxes that meets a test.
func (s *space) narrow(in []box, t *test) []box {
	if t.attr.many() {
		return s.narrowMany(in, t)
	}
	i := s.find(t, nil)
	d := &s.dims[i]
	set := allBits(len(d.values))
	if len(t.values) > 0 {
		set = d.meeting(t.values)
	}
	set = set.andNot(d.meeting(t.not))
	return cut(in, i, set)
}

// narrowMany is narrow for lists: one of the values has to be there, and no
// notValue.
func (s *space) narrowMany(in []box, t *test) []box {
	there, gone := newBits(2), newBits(2)
	there.add(1)
	gone.add(0)
	for i := range t.not {
		in = cut(in, s.find(t, &t.not[i]), gone)
	}
	if len(t.values) == 0 {
		return in
	}
	var out []box
	for i := range t.values {
		out = append(out, cut(in, s.find(t, &t.values[i]), there)...)
	}
	return out
}

func cut(in []box, dim int, set bits) []box {
	var out []box
	for _, b := range in {
		if rest := b[dim].and(set); !rest.empty() {
			c := slices.Clone(b)
			c[dim] = rest
			out = append(out, c)
		}
	}
	return out
}

// sure says whether a caller can send a request of a box for sure: one without
// any token.
func (s *space) sure(b box) estate.Truth {
	for i := range s.dims {
		if s.dims[i].token() && !b[i].has(0) {
			return estate.Maybe
		}
	}
	return estate.Yes
}

// request is a request of a box, without a token if there is one; the shortest
// values, and names that people know before others.
func (s *space) request(b box, base Request) Request {
	r := base
	for i := range s.dims {
		d := &s.dims[i]
		at := -1
		for j, v := range d.values {
			if b[i].has(j) && (at < 0 || d.attr == method && slices.Contains(methods, v) && !slices.Contains(methods, d.values[at])) {
				at = j
			}
		}
		v := d.values[at]
		switch {
		case v == "":
		case d.attr == method:
			r.Method = v
		case d.attr == path:
			r.Path = v
		case d.attr == host:
			r.Host = v
		case d.attr == header:
			if r.Headers == nil {
				r.Headers = map[string]string{}
			}
			r.Headers[d.name] = v
		}
	}
	return r
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
