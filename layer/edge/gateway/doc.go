// Package gateway is a web ACL in front of a service: a reverse proxy for
// HTTP/1.1 and HTTP/2 that does with each request what the web ACL says, as AWS
// WAF in front of a load balancer would.
//
//	config, problems := gateway.Parse("gateway.yaml", source)
//	server, err := gateway.New(config, gateway.Options{})
//	err = server.Run(ctx) // until ctx ends, and then until all is answered
//
// docs/gateway.md describes the configuration. What it is made of are packages of
// their own: screen (what reaches net/http), spool (bodies), origin (servers),
// telemetry (logs and metrics), token, proof, queue, overload.
//
// It does not decide what a web ACL means: that is engine/webacl.
package gateway
