package netpol

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

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

// pods writes pods in a short form, one a line: "shop/web app=web tier=front",
// with "host" for hostNetwork and "http:8080" or "dns:53/UDP" for named ports.
func pods(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		space, name, _ := strings.Cut(words[0], "/")
		var labels, ports, spec string
		for _, w := range words[1:] {
			switch key, value, _ := strings.Cut(w, "="); {
			case w == "host":
				spec += "\n  hostNetwork: true"
			case strings.Contains(w, ":"):
				port, number, _ := strings.Cut(w, ":")
				number, protocol, ok := strings.Cut(number, "/")
				if !ok {
					protocol = "TCP"
				}
				ports += fmt.Sprintf("\n    - {name: %s, containerPort: %s, protocol: %s}", port, number, protocol)
			default:
				labels += fmt.Sprintf("\n    %s: %q", key, value)
			}
		}
		if labels != "" {
			labels = "\n  labels:" + labels
		}
		if ports != "" {
			ports = "\n    ports:" + ports
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\n  namespace: %s%s\nspec:%s\n  containers:\n  - name: main%s\n", name, space, labels, spec, ports)
	}
	return b.String()
}

// spaces writes namespaces in a short form: "shop team=a".
func spaces(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n  labels: {x: \"\"", words[0])
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			fmt.Fprintf(&b, ", %s: %q", key, value)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// end finds the end of a connection by its name: "shop/web", an address, or
// "node" before an address.
func end(t testing.TB, c *Cluster, name string) Peer {
	t.Helper()
	if rest, ok := strings.CutPrefix(name, "node:"); ok {
		p := end(t, c, rest)
		p.Node = true
		return p
	}
	if _, err := netip.ParsePrefix(name); err == nil || !strings.Contains(name, "/") {
		a, err := flow.ParseAddrs(name)
		if err != nil {
			t.Fatal(err)
		}
		return Peer{Addrs: a}
	}
	for _, p := range c.Pods() {
		if p.Of.Namespace+"/"+p.Of.Name == name {
			return Peer{Pod: p}
		}
	}
	t.Fatalf("no pod %s", name)
	return Peer{}
}

func connOf(t testing.TB, text string) flow.Conn {
	t.Helper()
	protocol, number, _ := strings.Cut(text, "/")
	port, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return flow.Conn{Protocol: map[string]flow.Protocol{"TCP": flow.TCP, "UDP": flow.UDP, "SCTP": flow.SCTP, "ICMP": flow.ICMP}[protocol], Port: port}
}

// passes says whether the engine lets a connection through, and holds Conns and
// Hops to each other.
func passes(t testing.TB, c *Cluster, src, dst Peer, conn flow.Conn) estate.Truth {
	t.Helper()
	yes, maybe := c.Conns(src, dst)
	if !yes.Intersect(maybe).Empty() {
		t.Fatalf("yes and maybe have %s in common", yes.Intersect(maybe))
	}
	got := estate.No
	switch {
	case yes.Has(conn):
		got = estate.Yes
	case maybe.Has(conn):
		got = estate.Maybe
	}
	hops := estate.Yes
	for _, h := range c.Hops(src, dst, conn) {
		hops = hops.And(h.Pass)
		switch {
		case h.Says == "":
			t.Errorf("a hop says nothing: %+v", h)
		case (h.Pass == estate.Maybe) != (h.Why != ""):
			t.Errorf("pass %s and why %q: %s", truths[h.Pass], h.Why, h.Says)
		case (h.Pass == estate.No) != (h.Open != ""):
			t.Errorf("pass %s and open %q: %s", truths[h.Pass], h.Open, h.Says)
		}
	}
	if hops != got {
		t.Errorf("Conns says %s and Hops says %s for %s", truths[got], truths[hops], conn)
	}
	return got
}

var truths = map[estate.Truth]string{estate.Yes: "yes", estate.No: "no", estate.Maybe: "maybe"}

// ask answers lines such as "shop/web -> shop/db TCP/5432 yes" and reports
// those that come out otherwise.
func ask(t *testing.T, c *Cluster, lines string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		if len(words) != 5 {
			t.Fatalf("%q is not: FROM -> TO CONN ANSWER", line)
		}
		got := passes(t, c, end(t, c, words[0]), end(t, c, words[2]), connOf(t, words[3]))
		if truths[got] != words[4] {
			t.Errorf("%s: got %s", strings.TrimSpace(line), truths[got])
		}
	}
}
