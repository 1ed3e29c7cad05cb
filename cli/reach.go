package cli

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/reach"
	"fathom/estate"
)

type reachFlags struct {
	readFlags
	format, output, expect string
	from, to               string
	all, k8s, ways         bool
}

func reachCommand(env *Env) *cobra.Command {
	var f reachFlags
	c := &cobra.Command{
		Use:   "reach FROM TO[:PORT] PATH...",
		Short: "Say who can reach whom, and by which rules",
		Long: `Says whether FROM reaches TO in the estate that the files below the paths
declare: through security groups, network ACLs, routes, gateways, load
balancers, CloudFront, NetworkPolicies and Istio. It lists every hop with the
rule that lets it pass (✓), stops it (✗) or cannot be decided (?), and for a no
the smallest change that would open it.

FROM and TO are internet, internet4, internet6, imds, an address or a range
(10.0.0.0/8), KIND/NAME with KIND svc, node, store, lb, cdn, lambda, ecs, api or
endpoint, svc/NAMESPACE/NAME, a Terraform address, or Kind/namespace/name.
PORT is a number, tcp/5432, udp/53 or the name of a port of a Service; without
it all ports are asked about that TO takes.

Exit code: 0 answered, whatever the answer; 1 some of the files could not be
read; 2 misuse; 3 the answer is not that of --expect.`,
		Example: `  fathom reach internet store/orders-db terraform/ k8s/
  fathom reach svc/search store/orders-db:3306 terraform/ k8s/ --expect no
  fathom reach --all terraform/ k8s/ --format csv
  fathom reach --k8s k8s/`,
		Args: func(_ *cobra.Command, args []string) error {
			if need := f.names() + 1; len(args) < need {
				return fmt.Errorf("requires at least %d arg(s), only received %d", need, len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c.Context(), env, args)
		},
	}
	c.Flags().BoolVar(&f.all, "all", false, "print which places reach which; takes only PATH...")
	c.Flags().BoolVar(&f.k8s, "k8s", false, "print which workloads reach which directly; takes only PATH...")
	c.Flags().StringVar(&f.from, "from", "", "with --all or --k8s: only this source")
	c.Flags().StringVar(&f.to, "to", "", "with --all or --k8s: only this destination")
	c.Flags().BoolVar(&f.ways, "ways", false, "print every way, those that are stopped too")
	c.Flags().StringVar(&f.expect, "expect", "", "exit with 3 when the answer is not this: yes or no")
	c.Flags().StringVar(&f.format, "format", "text", "text or json; with --all and --k8s also csv")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the result to a file")
	f.register(c)
	return c
}

// names is how many arguments stand before the paths.
func (f *reachFlags) names() int {
	if f.all || f.k8s {
		return 0
	}
	return 2
}

func (f *reachFlags) run(ctx context.Context, env *Env, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.all || f.k8s {
		return f.matrix(ctx, env, args)
	}
	type result struct {
		*reach.Report
		err error
	}
	r, unread, err := readEstate(ctx, env, &f.readFlags, args[2:], func(e *estate.Estate) result {
		report, err := ask(reach.New(e), args[0], args[1])
		return result{report, err}
	})
	if err != nil {
		return err
	}
	if r.err != nil {
		return exit{exitMisuse, r.err.Error()}
	}
	err = writeResult(env, f.output, func(w io.Writer) error {
		if f.format == "json" {
			return r.WriteJSON(escaping{w})
		}
		return r.WriteText(w, reach.TextOptions{Color: env.color() && f.output == "", All: f.ways})
	})
	if err != nil {
		return err
	}
	if got := reach.Word(r.Reaches()); f.expect != "" && got != f.expect {
		return exit{exitFindings, fmt.Sprintf("the answer is %s, and %s was expected", got, f.expect)}
	}
	return unreadError(unread)
}

func (f *reachFlags) check() error {
	formats := []string{"text", "json"}
	if f.all || f.k8s {
		formats = append(formats, "csv")
	}
	if err := oneOf("format", f.format, formats...); err != nil {
		return err
	}
	switch {
	case f.expect != "" && (f.all || f.k8s):
		return exit{exitMisuse, "--expect is for one question, not for --all or --k8s"}
	case f.expect != "":
		return oneOf("expect", f.expect, "yes", "no")
	case f.all && f.k8s:
		return exit{exitMisuse, "--all and --k8s are two questions; ask one"}
	case (f.from != "" || f.to != "") && !f.all && !f.k8s:
		return exit{exitMisuse, "--from and --to are for --all and --k8s"}
	}
	return nil
}

func (f *reachFlags) matrix(ctx context.Context, env *Env, paths []string) error {
	type result struct {
		*reach.Matrix
		err error
	}
	r, unread, err := readEstate(ctx, env, &f.readFlags, paths, func(e *estate.Estate) result {
		n := reach.New(e)
		var o reach.MatrixOptions
		var err error
		if o.From, err = only(n, f.from, reach.From); err != nil {
			return result{err: err}
		}
		if o.To, err = only(n, f.to, reach.To); err != nil {
			return result{err: err}
		}
		if f.k8s {
			return result{Matrix: n.Workloads(o)}
		}
		return result{Matrix: n.Matrix(o)}
	})
	if err != nil {
		return err
	}
	if r.err != nil {
		return exit{exitMisuse, r.err.Error()}
	}
	err = writeResult(env, f.output, func(w io.Writer) error {
		switch f.format {
		case "json":
			return r.WriteJSON(escaping{w})
		case "csv":
			return r.WriteCSV(w)
		}
		return r.WriteText(w)
	})
	if err != nil {
		return err
	}
	return unreadError(unread)
}

// only chooses the place of a name; every place where there is none.
func only(n *reach.Network, name string, role reach.Role) (func(reach.Place) bool, error) {
	if name == "" {
		return nil, nil
	}
	p, err := n.Find(name, role)
	if err != nil {
		return nil, err
	}
	return func(q reach.Place) bool { return q.String() == p.String() }, nil
}

// ask finds the places and the port, and asks.
func ask(n *reach.Network, from, to string) (*reach.Report, error) {
	src, err := n.Find(from, reach.From)
	if err != nil {
		return nil, err
	}
	name, port := splitPort(to)
	c, numbered, err := reach.ParsePort(port)
	if err != nil && port != "" {
		return nil, err
	}
	dst, err := n.Find(name, reach.To)
	if err != nil {
		return nil, err
	}
	if port == "" {
		return n.Explain(src, dst), nil
	}
	if !numbered {
		var ok bool
		if c, ok = n.NamedPort(dst, port); !ok {
			return nil, fmt.Errorf("%s has no port called %q; write a number, tcp/5432 or udp/53", dst, port)
		}
	}
	return n.Explain(src, dst, c), nil
}

var portPattern = regexp.MustCompile(`^(?:[0-9]+|(?:tcp|udp|sctp|icmp|icmpv6|TCP|UDP|SCTP|ICMP)/[^/:"]*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$`)

// splitPort takes the port off a name: store/orders-db:5432, [2001:db8::1]:443.
// An address without brackets is an address whole.
func splitPort(to string) (name, port string) {
	if _, err := netip.ParseAddr(to); err == nil {
		return to, ""
	}
	if _, err := netip.ParsePrefix(to); err == nil {
		return to, ""
	}
	name = to
	if i := strings.LastIndexByte(to, ':'); i > 0 && portPattern.MatchString(to[i+1:]) {
		name, port = to[:i], to[i+1:]
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = name[1 : len(name)-1]
	}
	return name, port
}
