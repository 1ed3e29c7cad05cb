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
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errMissed):
		os.Exit(3)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

// settings is the scenario.
type settings struct {
	Sessions float64       // checkouts a second
	Load     float64       // how many times the load comes
	Calm     time.Duration // measured without junk
	Warm     time.Duration // let pass before each measurement
	Flood    time.Duration // measured with junk
	Bare     bool          // the gateway without its guard
	Profile  string        // where the gateway writes its profile
}

// The load of one checkout, and the capacity of the shop: workers that take
// Service each on average, and Backlog requests that may wait for one.
const (
	perCheckout = 6
	workers     = 8
	service     = 25 * time.Millisecond
	backlog     = 200
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 2 { // a process of the scenario
		switch args[0] {
		case "shop":
			return runShop(ctx, stdout)
		case "gateway":
			return runGateway(ctx, args[1], stdout, stderr)
		case "junk":
			return runJunk(ctx, args[1], stdout)
		}
	}
	s := settings{Load: 20}
	f := flag.NewFlagSet("flood", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Float64Var(&s.Sessions, "checkouts", 12, "checkouts a second")
	f.DurationVar(&s.Calm, "calm", 18*time.Second, "time measured without junk")
	f.DurationVar(&s.Flood, "flood", 25*time.Second, "time measured with junk")
	f.DurationVar(&s.Warm, "warm", 4*time.Second, "time before each measurement")
	f.BoolVar(&s.Bare, "bare", false, "leave the web ACL and overload control out, for comparison")
	f.StringVar(&s.Profile, "profile", "", "write the gateway's processor profile of the flood to this file")
	if err := f.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if s.Sessions <= 0 || s.Sessions > 50 || s.Calm+s.Flood+2*s.Warm > 5*time.Minute {
		return errors.New("at most 50 checkouts a second, for at most five minutes")
	}
	return scenario(ctx, s, stdout, stderr)
}

// scenario runs the processes, the customers and the junk, and prints what came
// of them.
func scenario(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "fathom-flood-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	shop, err := start(ctx, 0, stderr, "shop", "-")
	if err != nil {
		return err
	}
	defer shop.stop()
	config, roots, err := writeConfig(dir, shop.line, s)
	if err != nil {
		return err
	}
	gateway, err := start(ctx, 0, stderr, "gateway", config)
	if err != nil {
		return err
	}
	defer gateway.stop()

	crowd := newCustomers(gateway.line, roots)
	fmt.Fprintf(stderr, "flood: %.0f checkouts a second alone, for %v\n", s.Sessions, s.Warm+s.Calm)
	crowd.shop(ctx, s.Sessions, s.Warm, 1)
	calm := crowd.shop(ctx, s.Sessions, s.Calm, 2)

	rate := s.Sessions * perCheckout * s.Load * 0.95
	total := s.Warm + s.Flood
	fmt.Fprintf(stderr, "flood: and %.0f junk requests a second, for %v\n", rate, total)
	junk, err := start(ctx, 15, stderr, "junk", junkPlan{Address: gateway.line, Rate: rate, For: total + 2*time.Second}.String())
	if err != nil {
		return err
	}
	defer junk.stop()
	crowd.shop(ctx, s.Sessions, s.Warm, 3)
	before := readBook(shop.line)
	flood := crowd.shop(ctx, s.Sessions, s.Flood, 4)
	after := readBook(shop.line)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	did, err := junk.result()
	if err != nil {
		return fmt.Errorf("the junk: %w", err)
	}
	book := readBook(shop.line)
	for _, r := range []*result{calm, flood} {
		r.compare(book)
	}
	return report(stdout, s, calm, flood, did, after.Served-before.Served)
}

// child is a process of the scenario: this program again. Its first line says
// where it listens.
type child struct {
	cmd  *exec.Cmd
	out  *reader
	line string
}

func start(ctx context.Context, nice int, stderr io.Writer, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if nice > 0 {
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, nice); err != nil {
			fmt.Fprintln(stderr, "flood: the crowd has ordinary priority:", err)
		}
	}
	c := &child{cmd: cmd, out: newReader(pipe)}
	if c.line, err = c.out.line(); err != nil {
		c.stop()
		return nil, fmt.Errorf("the %s did not start: %w", args[0], err)
	}
	return c, nil
}

// stop ends the process and waits for it.
func (c *child) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	c.cmd.Wait()                          //nolint:errcheck // it was told to end
}
