package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fathom/estate/terraform/plan/plantest"
)

func main() {
	bin := flag.String("fathom", ".cache/bin/fathom", "the binary to measure")
	sizes := flag.String("resources", "25000,50000,100000", "sizes of the generated plans")
	runs := flag.Int("runs", 3, "runs of each; the fastest counts")
	flag.Parse()
	if err := bench(*bin, *sizes, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(bin, sizes string, runs int) error {
	dir, err := os.MkdirTemp("", "fathom-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%-34s %9s %10s %12s %10s\n", "audit of", "seconds", "MB", "resources/s", "peak MB")
	var last float64
	for _, s := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("-resources %q: %w", sizes, err)
		}
		name := filepath.Join(dir, "plan.json")
		size, err := generate(name, n)
		if err != nil {
			return err
		}
		m, err := fastest(runs, bin, "audit", name, "--format", "json", "--fail-on", "none")
		if err != nil {
			return err
		}
		growth := ""
		if last > 0 {
			growth = fmt.Sprintf("  %.2f times the previous", m.seconds/last)
		}
		last = m.seconds
		fmt.Printf("%-34s %9.2f %10.0f %12.0f %10.0f%s\n", fmt.Sprintf("a plan of %d resources", n), m.seconds, float64(size)/1e6, float64(n)/m.seconds, m.peakMB, growth)
	}
	m, err := fastest(runs, bin, "audit", "examples/shopnow-before", "--fail-on", "none")
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %9.2f %10s %12s %10.0f\n", "examples/shopnow-before", m.seconds, "", "", m.peakMB)
	return rendering(runs, bin, dir)
}

func generate(name string, n int) (int64, error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(plantest.Write(w, n), w.Flush(), f.Close()); err != nil {
		return 0, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// measure is what one process cost, its start included.
type measure struct{ seconds, peakMB float64 }

func fastest(runs int, bin string, args ...string) (measure, error) {
	var best measure
	for i := range max(runs, 1) {
		start := time.Now()
		c := exec.Command(bin, args...)
		c.Stdout = io.Discard
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			return best, fmt.Errorf("%s %s: %w", bin, strings.Join(args, " "), err)
		}
		m := measure{seconds: time.Since(start).Seconds()}
		if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
			m.peakMB = float64(u.Maxrss) / 1000 // Linux counts in KiB
		}
		if i == 0 || m.seconds < best.seconds {
			m.peakMB = max(m.peakMB, best.peakMB)
			best = m
		}
	}
	return best, nil
}
