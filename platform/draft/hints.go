package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// hint is a variable of a service's environment.
type hint struct {
	key, value string
	at         diag.Pos
	// from is the ConfigMap that it comes from, or nil.
	from *estate.ConfigMap
}

// environment are the variables of the service's container whose values are known.
func (d *drafter) environment(s *service) []hint {
	var out []hint
	if s.main == nil {
		return nil
	}
	all := func(m *estate.ConfigMap, prefix string) {
		for _, k := range sortedKeys(m.Data) {
			out = append(out, hint{prefix + k, m.Data[k], m.At("data", k), m})
		}
	}
	for _, f := range s.main.EnvFrom {
		if f.ConfigMapRef != nil {
			if m := d.configMaps[nsName{s.w.Namespace, f.ConfigMapRef.Name}]; m != nil {
				all(m, f.Prefix)
			}
		}
	}
	for i, v := range s.main.Env {
		at := s.w.AtPod(append(slices.Clone(s.path), "env", fmt.Sprint(i))...)
		if v.Value != "" {
			out = append(out, hint{v.Name, v.Value, at, nil})
		}
		if v.ValueFrom != nil && v.ValueFrom.ConfigMapKeyRef != nil {
			ref := v.ValueFrom.ConfigMapKeyRef
			if m := d.configMaps[nsName{s.w.Namespace, ref.Name}]; m != nil && m.Data[ref.Key] != "" {
				out = append(out, hint{v.Name, m.Data[ref.Key], m.At("data", ref.Key), m})
			}
		}
	}
	return slices.DeleteFunc(out, func(h hint) bool { return len(h.value) > 4096 })
}

// sharers are the services whose container takes variables of a ConfigMap.
func (d *drafter) sharers(m *estate.ConfigMap) []string {
	var out []string
	for _, s := range d.services {
		if slices.ContainsFunc(s.hints, func(h hint) bool { return h.from == m }) {
			out = append(out, s.name)
		}
	}
	return out
}

// weak says why a hint is not much of one: many services have it.
func (d *drafter) weak(h hint) string {
	if h.from != nil {
		if n := len(d.sharers(h.from)); n > 1 {
			return fmt.Sprintf("%s is in ConfigMap %s, which %d services have", h.key, h.from.Name, n)
		}
	}
	return ""
}

// address is a host that a variable names.
type address struct {
	scheme, host, port string
}

var (
	addressForm = regexp.MustCompile(`^(?:([a-z][a-z0-9+.-]*)://)?(?:[^@/\s]*@)?([A-Za-z0-9][A-Za-z0-9._-]*)(?::([0-9]{1,5}))?(?:[/?#].*)?$`)
	hostKey     = regexp.MustCompile(`(?i)(^|_)(host|hostname|url|uri|addr|address|endpoint|server|servers|brokers?|service|base)$`)
)

// addresses are the hosts that the value of a variable names: those with a
// scheme, a port or a domain, and bare words where the variable's name says that
// it holds one.
func (h hint) addresses() []address {
	var out []address
	for _, word := range strings.FieldsFunc(h.value, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\t' }) {
		m := addressForm.FindStringSubmatch(strings.TrimPrefix(word, "jdbc:"))
		if m == nil || len(m[2]) > 253 {
			continue
		}
		if m[1] == "" && m[3] == "" && !hostKey.MatchString(h.key) {
			continue
		}
		out = append(out, address{m[1], strings.ToLower(strings.TrimSuffix(m[2], ".")), m[3]})
	}
	return out
}

// serviceAt is the service that a host of the cluster is, asked from a namespace.
func (d *drafter) serviceAt(host, namespace string) *service {
	labels := strings.Split(host, ".")
	switch {
	case len(labels) == 1:
	case len(labels) == 2, labels[2] == "svc":
		namespace = labels[1]
	default:
		return nil
	}
	for _, s := range d.services {
		for _, k := range s.kube {
			if k.Name == labels[0] && k.Namespace == namespace {
				return s
			}
		}
	}
	return nil
}
