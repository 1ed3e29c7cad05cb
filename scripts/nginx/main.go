package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "nginx:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	dir     string
	origin  string
	rounds  int
	each    time.Duration
	clients int
	stderr  io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 2 && args[0] == "gateway" {
		return runGateway(ctx, args[1], stdout, stderr)
	}
	b := bench{stderr: stderr}
	f := flag.NewFlagSet("nginx", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&b.rounds, "rounds", 3, "rounds, of which the middle one counts")
	f.DurationVar(&b.each, "each", 4*time.Second, "time of one measurement")
	f.IntVar(&b.clients, "connections", 16, "connections at once")
	if err := f.Parse(args); err != nil {
		return flag.ErrHelp
	}
	for _, program := range []string{"nginx", "wrk", "taskset"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is missing; run sh scripts/setup.sh nginx wrk", program)
		}
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "fathom-nginx-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	return b.measure(ctx, stdout)
}

// measure starts what is compared, and prints a table.
func (b *bench) measure(ctx context.Context, stdout io.Writer) error {
	if err := b.writeCertificate(); err != nil {
		return err
	}
	origin, err := b.startNginx(ctx, "origin", originConf)
	if err != nil {
		return err
	}
	defer origin.stop()
	b.origin = origin.address
	var proxies []*process
	for _, c := range contenders {
		p, err := c.start(b, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		p.name = c.name
		defer p.stop()
		proxies = append(proxies, p)
	}
	for i, p := range proxies {
		if err := p.guards(contenders[i].waf); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	b.versions(stdout)
	got := map[string][]sample{}
	for round := range b.rounds {
		for _, w := range works {
			for _, p := range proxies {
				fmt.Fprintf(b.stderr, "nginx: round %d of %d, %s, %s\n", round+1, b.rounds, w.name, p.name)
				s, err := b.wrk(ctx, p, w)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", p.name, w.name, err)
				}
				got[w.name+p.name] = append(got[w.name+p.name], s)
			}
		}
	}
	return table(stdout, proxies, got)
}

func table(stdout io.Writer, proxies []*process, got map[string][]sample) error {
	t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\trequest\trequests/s\tp50\tp99\tprocessor/request\trefused\t")
	for _, p := range proxies {
		for _, w := range works {
			all := got[w.name+p.name]
			slices.SortFunc(all, func(a, b sample) int { return int(a.rate - b.rate) })
			s := all[len(all)/2]
			fmt.Fprintf(t, "%s\t%s\t%.0f\t%.2fms\t%.2fms\t%.0fµs\t%d\t\n", p.name, w.name, s.rate, s.p50, s.p99, s.cpu, s.refused)
		}
	}
	return t.Flush()
}

// versions says what is compared.
func (b *bench) versions(w io.Writer) {
	for _, name := range []string{"nginx", "libmodsecurity3", "modsecurity-crs", "wrk"} {
		v, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", name).Output()
		if err != nil {
			v = []byte("of no package")
		}
		fmt.Fprintf(w, "%s %s\n", name, v)
	}
	fmt.Fprintln(w, rules)
	fmt.Fprintf(w, "%d connections, HTTP/1.1, TLS 1.3, one processor for the proxy; %d rounds of %v, the middle one by rate\n\n", b.clients, b.rounds, b.each)
}

func (b *bench) file(name string) string { return filepath.Join(b.dir, name) }
