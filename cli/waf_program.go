package cli

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/geo"
	"fathom/engine/webacl/managed"
	"fathom/engine/webacl/traffic"
)

// wafFlags are those of the verbs that try requests.
type wafFlags struct {
	aclFlags
	requests, requestsFormat, clientIP string
	rate, geoDB, asnDB, front          string
	lists                              []string
}

func (f *wafFlags) register(c *cobra.Command) {
	f.aclFlags.register(c)
	c.Flags().StringVar(&f.requests, "requests", "-", "the file with requests: request lines, AWS WAF logs, HAR or .http, also gzipped; - is stdin")
	c.Flags().StringVar(&f.requestsFormat, "requests-format", "auto", strings.Join(traffic.FormatNames(), ", "))
	c.Flags().StringVar(&f.clientIP, "client-ip", "", "the address of clients that the requests do not tell")
	c.Flags().StringVar(&f.rate, "rate", "exact", "how rate-based rules count: exact, or aws-like with its delays")
	c.Flags().StringVar(&f.geoDB, "geo-db", "", "a MaxMind database (.mmdb) with countries")
	c.Flags().StringVar(&f.asnDB, "asn-db", "", "a MaxMind database (.mmdb) with autonomous systems")
	c.Flags().StringVar(&f.front, "in-front-of", "", "what the web ACL protects: "+strings.Join(assembly.ResourceNames(), ", "))
	c.Flags().StringArrayVar(&f.lists, "list", nil, "a list for managed rules, KIND=FILE; KIND is "+assembly.ListKinds)
}

// client is the address of --client-ip.
func (f *wafFlags) client() (netip.Addr, error) {
	if f.clientIP == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(f.clientIP)
	if err != nil || a.Zone() != "" {
		return a, exit{exitMisuse, fmt.Sprintf("--client-ip is %q, which is no IP address", f.clientIP)}
	}
	return a, nil
}

// check looks at the flags before anything is read.
func (f *wafFlags) check() error {
	if err := f.aclFlags.check(); err != nil {
		return err
	}
	if err := oneOf("requests-format", f.requestsFormat, traffic.FormatNames()...); err != nil {
		return err
	}
	if err := oneOf("rate", f.rate, "exact", "aws-like"); err != nil {
		return err
	}
	if f.front != "" {
		if err := oneOf("in-front-of", f.front, assembly.ResourceNames()...); err != nil {
			return err
		}
	}
	for _, l := range f.lists {
		if kind, file, ok := strings.Cut(l, "="); !ok || file == "" || !assembly.IsList(kind) {
			return exit{exitMisuse, fmt.Sprintf("--list is %q; write KIND=FILE, and KIND is %s", l, assembly.ListKinds)}
		}
	}
	_, err := f.client()
	return err
}

// assemblies makes the web ACLs below the paths ready, each with counters of its
// own. What AWS would refuse is on stderr.
func (f *wafFlags) assemblies(ctx context.Context, env *Env, paths ...string) (out []*assembly.Assembly, unread int, err error) {
	o := assembly.Options{}
	o.Resource, _ = assembly.ParseResource(f.front)
	if o.Geo, err = f.geo(env); err != nil {
		return nil, 0, err
	}
	if o.Managed, err = f.managed(env); err != nil {
		return nil, 0, err
	}
	for _, path := range paths {
		found, err := f.load(ctx, env, path)
		if err != nil {
			return nil, 0, err
		}
		unread += found.unread
		printProblems(env, nil, found.notes)
		o.Counter, _ = assembly.Counters(f.rate)
		type result struct {
			a        *assembly.Assembly
			problems diag.Problems
		}
		r, err := inBackground(ctx, env, "preparing the rules", func() result {
			a, problems := assembly.New(found.acl, o)
			return result{a, problems}
		})
		if err != nil {
			return nil, 0, err
		}
		if len(r.problems) > 0 {
			printProblems(env, r.problems.Sorted(), nil)
			return nil, 0, exit{exitCouldNot, fmt.Sprintf("%s: the web ACL %q cannot be used (see above)", path, found.acl.Name)}
		}
		out = append(out, r.a)
	}
	return out, unread, nil
}

func (f *wafFlags) geo(env *Env) (webacl.Locator, error) {
	if f.geoDB == "" && f.asnDB == "" {
		return nil, nil
	}
	var countries, systems []byte
	for _, db := range []struct {
		name string
		into *[]byte
	}{{f.geoDB, &countries}, {f.asnDB, &systems}} {
		if db.name == "" {
			continue
		}
		var err error
		if *db.into, err = readBounded(env, db.name, maxDB); err != nil {
			return nil, err
		}
	}
	found, err := geo.Open(countries, systems)
	if err != nil {
		return nil, exit{exitCouldNot, fmt.Sprintf("the geo database cannot be used: %v", err)}
	}
	return found, nil
}

// managed reads the lists of --list.
func (f *wafFlags) managed(env *Env) (o managed.Options, err error) {
	var problems diag.Problems
	for _, l := range f.lists {
		kind, name, _ := strings.Cut(l, "=")
		text, err := readSmall(env, name)
		if err != nil {
			return o, err
		}
		problems = append(problems, assembly.AddList(&o, kind, name, text)...)
	}
	if len(problems) > 0 {
		printProblems(env, problems.Sorted(), nil)
		return o, exit{exitCouldNot, "a list cannot be read as written (see above)"}
	}
	return o, nil
}

// each reads the requests and gives them one by one; idle is called when there is
// no other to be had at once. Warnings are on stderr. It ends when the context does; a read of a terminal or pipe cannot be interrupted,
// and ends with the process.
func (f *wafFlags) each(ctx context.Context, env *Env, stdin io.Reader, give func(*traffic.Item) error, idle func() error) error {
	in, name := stdin, stdinName
	if f.requests != "-" {
		file, err := env.FS.Open(f.requests)
		if err != nil {
			return exit{exitCouldNot, fmt.Sprintf("%v; name a file with requests", err)}
		}
		defer file.Close()
		in, name = file, f.requests
	}
	o := traffic.Options{Name: name}
	o.Format, _ = traffic.ParseFormat(f.requestsFormat)
	o.Client, _ = f.client()
	items := make(chan *traffic.Item, 64)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(items)
		for item := range traffic.Read(in, o) {
			if !send(reading, items, item) {
				return
			}
		}
	}()
	for {
		select {
		case item, ok := <-items:
			if !ok {
				return ctx.Err()
			}
			printProblems(env, nil, item.Warnings)
			if err := give(item); err != nil {
				return err
			}
			if len(items) > 0 {
				continue
			}
			if err := idle(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
