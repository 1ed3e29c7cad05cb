package netpol

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fathom/estate"
)

// nameLabel is the label that the control plane gives every namespace.
const nameLabel = "kubernetes.io/metadata.name"

// labelSet is the labels of something, as far as the files tell.
type labelSet struct {
	have map[string]string
	// open are labels that it has besides, with values that no file tells.
	open []string
	// partial says that it may have any other label too.
	partial bool
}

// get returns the value of a label and whether it is there.
func (s *labelSet) get(key string) (string, estate.Truth) {
	if v, ok := s.have[key]; ok {
		return v, estate.Yes
	}
	if s.partial || slices.Contains(s.open, key) {
		return "", estate.Maybe
	}
	return "", estate.No
}

// requirement is one condition of a selector, in the words of the API:
// operator In, NotIn, Exists or DoesNotExist.
type requirement struct {
	key    string
	op     metav1.LabelSelectorOperator
	values []string // sorted
}

func (r *requirement) holds(s *labelSet) estate.Truth {
	v, there := s.get(r.key)
	if there == estate.Maybe {
		return estate.Maybe
	}
	in := there == estate.Yes && slices.Contains(r.values, v)
	switch r.op {
	case metav1.LabelSelectorOpIn:
		return truth(in)
	case metav1.LabelSelectorOpNotIn: // true of what has no such label, too
		return truth(!in)
	case metav1.LabelSelectorOpExists:
		return there
	}
	return there.Not()
}

func truth(b bool) estate.Truth {
	if b {
		return estate.Yes
	}
	return estate.No
}

// selector is a label selector, compiled: all its requirements have to hold.
type selector []requirement

// compile compiles a label selector. One that the API server would refuse is
// an error.
func compile(s *metav1.LabelSelector) (selector, error) {
	if _, err := metav1.LabelSelectorAsSelector(s); err != nil {
		return nil, err
	}
	var out selector
	for k, v := range s.MatchLabels {
		out = append(out, requirement{k, metav1.LabelSelectorOpIn, []string{v}})
	}
	for _, e := range s.MatchExpressions {
		values := slices.Clone(e.Values)
		slices.Sort(values)
		out = append(out, requirement{e.Key, e.Operator, slices.Compact(values)})
	}
	slices.SortFunc(out, func(a, b requirement) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.op, b.op), slices.Compare(a.values, b.values))
	})
	return out, nil
}

func (s selector) holds(l *labelSet) estate.Truth {
	t := estate.Yes
	for i := range s {
		if t = t.And(s[i].holds(l)); t == estate.No {
			return t
		}
	}
	return t
}

// key tells apart selectors that differ.
func (s selector) key() string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(strconv.Quote(r.key) + string(r.op))
		for _, v := range r.values {
			b.WriteString(strconv.Quote(v))
		}
		b.WriteByte(';')
	}
	return b.String()
}

// scope is the pods that a peer of a rule selects.
type scope struct {
	// namespace is the only one, where the peer has no namespaceSelector.
	namespace string
	spaces    selector
	pods      selector
}

func (s *scope) holds(c *Cluster, p *Pod) estate.Truth {
	t := estate.Yes
	if s.namespace != "" {
		if p.Of.Namespace != s.namespace {
			return estate.No
		}
	} else {
		l := c.space[p.Of.Namespace]
		t = s.spaces.holds(&l)
	}
	if t == estate.No {
		return t
	}
	return t.And(s.pods.holds(&p.labels))
}

func (s *scope) key() string {
	if s.namespace != "" {
		return s.namespace + "|" + s.pods.key()
	}
	return "|" + s.spaces.key() + "|" + s.pods.key()
}

// namespaceLabels are the labels of a namespace. Those of one whose object was
// not read are not known, but for its name.
func namespaceLabels(e *estate.Estate, name string) labelSet {
	have := map[string]string{nameLabel: name}
	n := estate.NamespaceOf(e, name)
	if n == nil {
		return labelSet{have: have, partial: true}
	}
	for k, v := range n.Labels {
		if k != nameLabel {
			have[k] = v
		}
	}
	return labelSet{have: have}
}
