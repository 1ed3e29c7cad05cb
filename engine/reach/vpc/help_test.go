package vpc

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/estate/read"
)

// hcl is an estate of one Terraform file.
func hcl(t testing.TB, text string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(text), Mode: 0o644}}, []string{"."}, read.Options{})
	for _, p := range problems {
		t.Fatalf("%v", p)
	}
	return e
}

// shopnow is the estate of the example.
func shopnow(t testing.TB) *estate.Estate {
	t.Helper()
	e, _ := read.Paths(os.DirFS("../../../examples/shopnow-before"), []string{"terraform"}, read.Options{})
	return e
}

// at is the interface of the resource at an address.
func at(t testing.TB, n *Network, addr string) *Interface {
	t.Helper()
	for _, r := range n.e.Resources {
		if r.Meta().ID.Addr == addr {
			if i := n.Of(r); i != nil {
				return i
			}
			t.Fatalf("%s stands in no VPC", addr)
		}
	}
	t.Fatalf("there is no %s", addr)
	return nil
}

var internet = Outside("the internet", flow.Public())

func tcp(port int) flow.Conn { return flow.Conn{Protocol: flow.TCP, Port: port} }

// best is the best of all ways.
func best(ways []flow.Way) estate.Truth {
	t := estate.No
	for i := range ways {
		t = t.Or(ways[i].Pass())
	}
	return t
}

// story writes ways as the golden files hold them.
func story(ways []flow.Way) string {
	var b strings.Builder
	for _, w := range ways {
		fmt.Fprintf(&b, "%s over IPv%d", word3(w.Pass()), w.Family)
		if !w.Sources.Empty() {
			fmt.Fprintf(&b, ", from %s", w.Sources)
		}
		b.WriteString("\n")
		for _, h := range w.Hops {
			mark := map[estate.Truth]string{estate.Yes: "+", estate.Maybe: "?", estate.No: "-"}[h.Pass]
			fmt.Fprintf(&b, "  %s %s: %s (%s)\n", mark, h.Kind, h.Says, h.At)
			if h.Why != "" {
				fmt.Fprintf(&b, "      because %s\n", h.Why)
			}
			if h.Open != "" {
				fmt.Fprintf(&b, "      to open: %s\n", h.Open)
			}
		}
	}
	return b.String()
}

func word3(t estate.Truth) string {
	return map[estate.Truth]string{estate.Yes: "passes", estate.Maybe: "may pass", estate.No: "is stopped"}[t]
}

func replace(text, old, by string) string { return strings.ReplaceAll(text, old, by) }
