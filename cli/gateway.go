package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/layer/edge/gateway"
)

type gatewayFlags struct {
	config, acl, origin, listen string
	check, verbose              bool
}

func gatewayCommand(env *Env) *cobra.Command {
	var f gatewayFlags
	c := &cobra.Command{
		Use:   "gateway --config FILE",
		Short: "Put a web ACL in front of a service",
		Long: `Runs a reverse proxy that does with each request what a web ACL of AWS WAF
says: HTTP/1.1 and HTTP/2, TLS, health checks, origin secret, challenges, rate
limits, logs in the format of AWS WAF. docs/gateway.md describes the file.

For a first try it needs no file: --acl, --origin and --listen serve one origin
without encryption, with the access log on stdout.

SIGHUP, a change of a file and POST /reload on the admin listener load the web
ACL, its lists, secrets and certificates again; where one of them is broken, all
stay as they were. SIGTERM and SIGINT end it without losing a request; a second
one ends it at once.

Exit code: 0 it ended as asked; 1 it could not start or go on, or requests were
cut off at the end; 2 misuse; 3 the configuration has problems.`,
		Example: `  fathom gateway --acl acl.json --origin http://127.0.0.1:8080 --listen 127.0.0.1:8000
  fathom gateway --config gateway.yaml --check
  fathom gateway --config gateway.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), env) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration")
	c.Flags().StringVar(&f.acl, "acl", "", "without --config: the file of the web ACL")
	c.Flags().StringVar(&f.origin, "origin", "", "without --config: the URL of the service")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8000", "without --config: the address to listen on")
	c.Flags().BoolVar(&f.check, "check", false, "only read the configuration and the files that it names")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell what is refused, too")
	return c
}

func (f *gatewayFlags) run(ctx context.Context, env *Env) error {
	c, err := f.read(env)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(env.Stderr, &slog.HandlerOptions{Level: level}))
	server, err := gateway.New(c, gateway.Options{Log: log, Getenv: env.Getenv, Stdout: env.Stdout, Stderr: env.Stderr})
	if err != nil {
		return cannotStart(env, err)
	}
	if f.check {
		server.Close()
		_, err := io.WriteString(env.Stdout, "the configuration is good\n")
		return err
	}
	return serve(ctx, server)
}

// cannotStart tells all that is wrong with what a configuration names, a line
// each.
func cannotStart(env *Env, err error) error {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if _, err := io.WriteString(env.Stderr, diag.Plain(line)+"\n"); err != nil {
			return err
		}
	}
	return exit{exitCouldNot, "the gateway cannot start (see above)"}
}

// read gives the configuration; its problems are findings.
func (f *gatewayFlags) read(env *Env) (*gateway.Config, error) {
	var c *gateway.Config
	var problems diag.Problems
	switch {
	case f.config != "" && (f.acl != "" || f.origin != ""):
		return nil, exit{exitMisuse, "--config says everything; leave --acl and --origin away"}
	case f.config != "":
		b, err := os.ReadFile(f.config)
		if err != nil {
			return nil, err
		}
		c, problems = gateway.Parse(f.config, b)
	case f.origin == "":
		return nil, exit{exitMisuse, "name a configuration with --config, or a service with --origin"}
	default:
		if u, err := url.Parse(f.origin); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, exit{exitMisuse, fmt.Sprintf("--origin is %q; write http://HOST:PORT or https://HOST:PORT", f.origin)}
		}
		c, problems = gateway.Quick(f.acl, f.origin, f.listen)
	}
	if len(problems) == 0 {
		return c, nil
	}
	for _, p := range problems {
		if _, err := io.WriteString(env.Stderr, p.Error()+"\n"); err != nil {
			return nil, err
		}
	}
	return nil, exit{exitFindings, ""}
}

// serve runs a gateway until a signal ends it.
func serve(ctx context.Context, server *gateway.Server) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-again:
				server.Reload() //nolint:errcheck // it is logged and counted
			case <-done:
				return
			}
		}
	}()
	go func() {
		select {
		case <-ctx.Done():
			// A second signal ends the process as the system does, whoever else listens.
			signal.Reset(syscall.SIGTERM, os.Interrupt)
		case <-done:
		}
	}()
	err := server.Run(ctx)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
