// Command fathom audits the defence in depth of an e-commerce platform on AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fathom/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.System())
	stop()
	os.Exit(code)
}
