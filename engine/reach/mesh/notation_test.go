package mesh

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	corev1 "k8s.io/api/core/v1"

	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/estate/kubernetes"
)

// read makes an estate of manifests.
func read(t testing.TB, manifests string) *estate.Estate {
	t.Helper()
	r := kubernetes.Read(fstest.MapFS{"k.yaml": {Data: []byte(manifests)}}, []string{"k.yaml"}, kubernetes.Options{})
	for _, p := range r.Problems {
		t.Log(p)
	}
	return estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files)
}

// pods writes pods and their Services in a short form, one a line: "shop/web
// app=web http:8080 tcp-db:5432 sa=web host @annotation=value". A port makes a
// Service port of that name; "-:9000" is a port without a Service.
func pods(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		space, name, _ := strings.Cut(words[0], "/")
		var labels, annotations, ports, spec string
		account := name
		labels = fmt.Sprintf("\n    app: %q", name)
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			port, number, isPort := strings.Cut(w, ":")
			switch {
			case w == "host":
				spec += "\n  hostNetwork: true"
			case key == "sa":
				account = value
			case strings.HasPrefix(key, "@"):
				annotations += fmt.Sprintf("\n    %s: %q", key[1:], value)
			case isPort && port != "-":
				ports += fmt.Sprintf("\n  - {name: %s, port: %s}", port, number)
			case !isPort:
				labels += fmt.Sprintf("\n    %s: %q", key, value)
			}
		}
		if annotations != "" {
			annotations = "\n  annotations:" + annotations
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\n  namespace: %s\n  labels:%s%s\nspec:%s\n  serviceAccountName: %s\n  containers:\n  - name: main\n", name, space, labels, annotations, spec, account)
		if ports != "" {
			fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec:\n  selector: {app: %q}\n  ports:%s\n", name, space, name, ports)
		}
	}
	return b.String()
}

// spaces writes namespaces that have sidecars: "shop", or with other labels:
// "web istio-injection=disabled".
func spaces(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		labels := "istio-injection: enabled"
		if len(words) > 1 {
			labels = ""
		}
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			labels += fmt.Sprintf("%s: %q, ", key, value)
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n  labels: {%s}\n", words[0], labels)
	}
	return b.String()
}

// authz puts the head of an AuthorizationPolicy before each of some documents;
// one that begins with another kind keeps it.
func authz(policies string) string {
	var b strings.Builder
	for _, doc := range strings.Split(policies, "\n---\n") {
		doc = strings.TrimSpace(doc)
		switch {
		case doc == "":
		case strings.HasPrefix(doc, "kind: DestinationRule"):
			b.WriteString("---\napiVersion: networking.istio.io/v1\n" + doc + "\n")
		case strings.HasPrefix(doc, "kind:"):
			b.WriteString("---\napiVersion: security.istio.io/v1\n" + doc + "\n")
		case strings.HasPrefix(doc, "apiVersion:"):
			b.WriteString("---\n" + doc + "\n")
		default:
			b.WriteString("---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n" + doc + "\n")
		}
	}
	return b.String()
}

func workload(t testing.TB, e *estate.Estate, name string) *estate.Workload {
	t.Helper()
	for _, w := range estate.All[*estate.Workload](e) {
		if w.Namespace+"/"+w.Name == name {
			return w
		}
	}
	t.Fatalf("no workload %s", name)
	return nil
}

// caller is "shop/web", or an address outside.
func caller(t testing.TB, e *estate.Estate, name string) Caller {
	t.Helper()
	if strings.Contains(name, "/") {
		return Caller{Workload: workload(t, e, name)}
	}
	a, err := flow.ParseAddrs(name)
	if err != nil {
		t.Fatal(err)
	}
	return Caller{Addrs: a}
}

// target is "shop/db:5432".
func target(t testing.TB, e *estate.Estate, name string) (*estate.Workload, int) {
	t.Helper()
	n, p, _ := strings.Cut(name, ":")
	port, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return workload(t, e, n), port
}

var truths = map[estate.Truth]string{estate.Yes: "yes", estate.No: "no", estate.Maybe: "maybe"}

// ask answers lines such as "shop/web -> shop/db:8080 GET /path yes" or, for
// bytes that are not HTTP, "shop/web -> shop/db:5432 bytes yes"; further words
// before the answer are host=…, token=ISS/SUB and header:value.
func ask(t *testing.T, e *estate.Estate, lines string) {
	t.Helper()
	m := New(e)
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		src := caller(t, e, words[0])
		dst, port := target(t, e, words[2])
		var r Request
		if words[3] != "bytes" {
			r = Request{Method: words[3], Path: words[4], Host: "h.example"}
		}
		for _, w := range words[4 : len(words)-1] {
			if v, ok := strings.CutPrefix(w, "host="); ok {
				r.Host = v
			} else if v, ok := strings.CutPrefix(w, "token="); ok {
				i := strings.LastIndexByte(v, '/')
				r.Token = &Token{Issuer: v[:i], Subject: v[i+1:]}
			} else if k, v, ok := strings.Cut(w, ":"); ok {
				if r.Headers == nil {
					r.Headers = map[string]string{}
				}
				r.Headers[k] = v
			}
		}
		v := m.AdmitsRequest(src, dst, port, r)
		if got := truths[v.Admits]; got != words[len(words)-1] {
			t.Errorf("%s: got %s", strings.TrimSpace(line), got)
		}
		sound(t, line, v)
		all := m.Admits(src, dst, port, Detect)
		sound(t, line, all)
		if admits, every := m.Lets(src, dst, port, Detect); admits != all.Admits || every != all.Every {
			t.Errorf("%s: Lets says %s (every %v), Admits %s (every %v)", line, truths[admits], every, truths[all.Admits], all.Every)
		}
		if r.Token == nil && (v.Admits == estate.Yes && all.Admits == estate.No || v.Admits == estate.No && all.Every) {
			t.Errorf("%s: %s, but of all requests %s are let in", strings.TrimSpace(line), truths[v.Admits], all.What)
		}
	}
}

// sound holds a verdict's parts to each other.
func sound(t *testing.T, line string, v Verdict) {
	t.Helper()
	least := estate.Yes
	for _, h := range v.Hops {
		least = least.And(h.Pass)
		switch {
		case h.Says == "":
			t.Errorf("%s: a hop says nothing", line)
		case (h.Pass == estate.Maybe) != (h.Why != ""):
			t.Errorf("%s: pass %s and why %q: %s", line, truths[h.Pass], h.Why, h.Says)
		case (h.Pass == estate.No) != (h.Open != "") || h.Refuses != (h.Pass == estate.No):
			t.Errorf("%s: pass %s, refuses %v, open %q: %s", line, truths[h.Pass], h.Refuses, h.Open, h.Says)
		}
	}
	if least != v.Admits {
		t.Errorf("%s: admits %s and its hops %s", line, truths[v.Admits], truths[least])
	}
	if v.Every && v.Admits != estate.Yes {
		t.Errorf("%s: every request is let in, and admits is %s", line, truths[v.Admits])
	}
	if (v.Admits == estate.Maybe) != (v.Why != "") {
		t.Errorf("%s: admits %s because %q", line, truths[v.Admits], v.Why)
	}
}

// servicePort is a port of a Service that is HTTP.
func servicePort(port int32) corev1.ServicePort {
	return corev1.ServicePort{Name: fmt.Sprint("http-", port), Port: port, Protocol: corev1.ProtocolTCP}
}
