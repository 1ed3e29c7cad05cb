package telemetry

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// TraceOptions are where traces go.
type TraceOptions struct {
	// Endpoint is the URL of a collector of OTLP over HTTP.
	Endpoint string
	Headers  map[string]string
	// Ratio is the share of requests that begin a trace here. Those that come with
	// a trace that is recorded are recorded.
	Ratio float64
	// Service is the service.name.
	Service string
}

// Tracer makes spans. A nil Tracer makes none, and passes traceparent on as it
// came.
type Tracer struct {
	provider *trace.TracerProvider
	tracer   api.Tracer
}

var w3c = propagation.TraceContext{}

// NewTracer makes a Tracer that sends in the background.
func NewTracer(o TraceOptions) (*Tracer, error) {
	if u, err := url.Parse(o.Endpoint); err == nil && strings.Trim(u.Path, "/") == "" {
		o.Endpoint = u.JoinPath("/v1/traces").String() // where collectors listen
	}
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(o.Endpoint), otlptracehttp.WithHeaders(o.Headers))
	if err != nil {
		return nil, err
	}
	p := trace.NewTracerProvider(
		trace.WithBatcher(exporter),
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(o.Ratio))),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", o.Service))),
	)
	return &Tracer{p, p.Tracer("fathom/gateway")}, nil
}

// Close sends what waits.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	t.provider.Shutdown(ctx) //nolint:errcheck // a collector that is gone gets nothing
}

// Span is the span of a request. The zero Span is none.
type Span struct {
	ctx  context.Context
	span api.Span
}

// Start begins the span of a request.
func (t *Tracer) Start(r *http.Request) Span {
	if t == nil {
		return Span{}
	}
	ctx := w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, api.WithSpanKind(api.SpanKindServer))
	return Span{ctx, span}
}

// Inject tells the origin of the span.
func (s Span) Inject(h http.Header) {
	if s.span != nil {
		w3c.Inject(s.ctx, propagation.HeaderCarrier(h))
	}
}

// ID is the id of the trace, empty without one.
func (s Span) ID() string {
	if s.span == nil || !s.span.SpanContext().IsSampled() {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

// End ends the span.
func (s Span) End(status int, route, why string) {
	if s.span == nil {
		return
	}
	if s.span.IsRecording() {
		s.span.SetAttributes(attribute.Int("http.response.status_code", status), attribute.String("http.route", route))
		if why != "" {
			s.span.SetAttributes(attribute.String("fathom.refused", why))
		}
		if status >= 500 {
			s.span.SetStatus(codes.Error, why)
		}
	}
	s.span.End()
}
