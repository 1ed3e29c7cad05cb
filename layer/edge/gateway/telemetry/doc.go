// Package telemetry is what a gateway tells about itself: an access log, the log
// of the web ACL, metrics for Prometheus and traces for OpenTelemetry.
//
//	w := telemetry.NewWriter(file, telemetry.WriterOptions{})
//	w.Line(func(b []byte) []byte { return record.Append(b) })
//	defer w.Close() // all that was taken is written
//
// Telling never holds up a request: a log that is not written fast enough loses
// lines, and counts them.
package telemetry
