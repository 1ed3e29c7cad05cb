// Command fathom audits the defence in depth of an e-commerce platform on AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"fathom/cli"
)

func main() {
	// Files of 16 MiB may be read into fifty times as much; the collector is
	// to work harder then, rather than the machine to swap.
	debug.SetMemoryLimit(1280 << 20)
	// Below that memory is cheaper than time: most runs are over before the
	// collector would have found much.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.System())
	stop()
	os.Exit(code)
}
