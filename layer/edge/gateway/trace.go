package gateway

import (
	"fmt"

	"fathom/layer/edge/gateway/telemetry"
)

// newTracer is nil where no traces are wanted.
func (s *Server) newTracer() (*telemetry.Tracer, error) {
	c := s.config.Trace
	if c.Endpoint == "" {
		return nil, nil
	}
	headers := map[string]string{}
	for name, secret := range c.Headers {
		b, err := secret.read(s.options.Getenv)
		if err != nil {
			return nil, fmt.Errorf("trace.headers.%s: %w", name, err)
		}
		headers[name] = string(b)
	}
	return telemetry.NewTracer(telemetry.TraceOptions{Endpoint: c.Endpoint, Headers: headers, Ratio: c.Ratio, Service: c.Service})
}
