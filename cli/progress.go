package cli

import (
	"context"
	"fmt"
	"time"
)

// inBackground runs work and, on a terminal, shows after half a second that it
// is going on. An interrupt returns at once: the work has no side effects and
// ends with the process.
func inBackground[T any](ctx context.Context, env *Env, what string, work func() T) (T, error) {
	done := make(chan T, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	start := time.Now()
	shown := false
	for {
		select {
		case v := <-done:
			if shown {
				fmt.Fprint(env.Stderr, "\r\x1b[K")
			}
			return v, nil
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		case <-tick.C:
			if env.TerminalErr {
				shown = true
				fmt.Fprintf(env.Stderr, "\r%s … %ds", what, int(time.Since(start).Seconds()))
			}
		}
	}
}
