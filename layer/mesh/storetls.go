package mesh

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var storeTLS = control.Control{
	ID:       "mesh.store-tls",
	Title:    "TLS, checked, to databases, caches and streams",
	Why:      "Whoever gets into the network reads passwords, sessions and orders on their way to the store",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 4.2.1", "GDPR 32(1)(a)", "HIPAA 164.312(e)(1)", "HIPAA 164.312(e)(2)(ii)"},
	Check:    checkStoreTLS,
	Aside:    "inside a VPC only the two ends and their nodes see packets, and whoever is there has the login anyway; it guards against those who carry the packets",
}

func checkStoreTLS(e *estate.Estate) []control.Result {
	out := databases(e)
	for _, c := range estate.All[*estate.CacheGroup](e) {
		out = append(out, cacheTLS(c))
	}
	for _, c := range estate.All[*estate.CacheCluster](e) {
		if c.Group.Set() == estate.No { // a member has the settings of its group
			out = append(out, memberlessCache(c))
		}
	}
	for _, s := range estate.All[*estate.Stream](e) {
		out = append(out, streamTLS(s)...)
	}
	for _, d := range estate.All[*estate.Search](e) {
		out = append(out, searchTLS(d))
	}
	out = append(out, clients(e)...)
	return append(out, externalPlaintext(e)...)
}

// cacheTLS judges a replication group. In-transit encryption is off unless it
// is asked for; in mode "preferred" plaintext is taken too (ElastiCache user
// guide, "In-transit encryption").
func cacheTLS(c *estate.CacheGroup) control.Result {
	name := "cache " + c.ID.Addr
	on := c.InTransit.Default(false).Is(true)
	at := or(c.InTransit.Pos(), c.Pos)
	switch {
	case on == estate.No:
		return control.Not(c, control.Mistake{
			At:       at,
			Summary:  name + " speaks plaintext: transit_encryption_enabled is " + c.InTransit.String(),
			Fix:      `set transit_encryption_enabled = true and transit_encryption_mode = "required"`,
			Evidence: []control.Evidence{{At: at, Saw: "transit_encryption_enabled = " + c.InTransit.String()}},
		})
	case on == estate.Maybe:
		return control.Unsure(c, at, "whether "+name+" speaks TLS is not known: "+c.InTransit.Why())
	}
	mode := c.TransitMode.Default("required")
	return partly(mode.Is("required"), c, control.Mistake{
		At: mode.Pos(), Severity: control.Medium,
		Summary:  name + " takes plaintext too: transit_encryption_mode is " + mode.String(),
		Fix:      `set transit_encryption_mode = "required" once every client speaks TLS`,
		Evidence: []control.Evidence{{At: or(mode.Pos(), at), Saw: "transit_encryption_mode = " + mode.String()}},
	}, "whether "+name+" takes plaintext too is not known: "+mode.Why())
}

func memberlessCache(c *estate.CacheCluster) control.Result {
	name := "cache " + c.ID.Addr
	at := or(c.InTransit.Pos(), c.Pos)
	return control.Judge(c.InTransit.Default(false).Is(true), c, control.Mistake{
		At:       at,
		Summary:  name + " speaks plaintext: transit_encryption_enabled is " + c.InTransit.String(),
		Fix:      "set transit_encryption_enabled = true (for Redis, make it an aws_elasticache_replication_group)",
		Evidence: []control.Evidence{{At: at, Saw: "transit_encryption_enabled = " + c.InTransit.String()}},
	}, "whether "+name+" speaks TLS is not known: "+c.InTransit.Why())
}

// streamTLS judges an MSK cluster. By default clients have to speak TLS and
// brokers do so among themselves (Amazon MSK API, EncryptionInTransit).
func streamTLS(s *estate.Stream) []control.Result {
	name := "stream " + s.ID.Addr
	client, inside := estate.Str{}.Default("TLS"), estate.Bool{}.Default(true)
	at, why := s.Pos, s.Encryption.Why
	if enc := s.Encryption.One(); enc != nil {
		if why == "" {
			why = enc.Transit.Why
		}
		if t := enc.Transit.One(); t != nil {
			client, inside, at = t.Client.Default("TLS"), t.InCluster.Default(true), t.At
		}
	}
	if why != "" {
		return []control.Result{control.Unsure(s, s.Encryption.At, "whether "+name+" speaks TLS is not known: "+why)}
	}
	var out []control.Result
	m := control.Mistake{
		At: or(client.Pos(), at), Fix: `set client_broker = "TLS"`,
		Summary:  name + " speaks plaintext to its clients: client_broker is " + client.String(),
		Evidence: []control.Evidence{{At: or(client.Pos(), at), Saw: "client_broker = " + client.String()}},
	}
	switch {
	case client.Is("TLS_PLAINTEXT") == estate.Yes:
		m.Severity = control.Medium
		m.Summary = name + " takes plaintext too: client_broker is TLS_PLAINTEXT"
		out = append(out, control.Partly(s, m))
	default:
		out = append(out, control.Judge(client.Is("TLS"), s, m, "whether "+name+" speaks TLS is not known: "+client.Why()))
	}
	if inside.Is(false) == estate.Yes {
		out = append(out, control.Partly(s, control.Mistake{
			At: inside.Pos(), Severity: control.Medium,
			Summary:  "the brokers of " + name + " speak plaintext among themselves: in_cluster is false",
			Fix:      "set in_cluster = true (the cluster is made anew)",
			Evidence: []control.Evidence{{At: inside.Pos(), Saw: "in_cluster = false"}},
		}))
	}
	return append(out, anyClient(s, name)...)
}

// anyClient judges whether a stream takes clients that prove nothing, which
// TLS alone does not prevent.
func anyClient(s *estate.Stream, name string) []control.Result {
	var out []control.Result
	for _, c := range s.Clients.Items {
		if c.Unauthenticated.Is(true) == estate.Yes {
			out = append(out, control.Partly(s, control.Mistake{
				At: c.Unauthenticated.Pos(), Severity: control.High,
				Summary:  name + " takes clients that do not say who they are: unauthenticated is true",
				Fix:      "set unauthenticated = false and sasl { iam = true }",
				Evidence: []control.Evidence{{At: c.Unauthenticated.Pos(), Saw: "unauthenticated = true"}},
			}))
		}
	}
	return out
}

func searchTLS(d *estate.Search) control.Result {
	name := "search domain " + d.ID.Addr
	enforce := estate.Bool{}
	at, why := d.Pos, d.Options.Why
	if o := d.Options.One(); o != nil {
		enforce, at = o.EnforceHTTPS, o.At
	}
	is := enforce.Default(false).Is(true)
	if why != "" {
		is = estate.Maybe
	} else {
		why = enforce.Why()
	}
	return control.Judge(is, d, control.Mistake{
		At: or(enforce.Pos(), at), Severity: control.Medium,
		Summary:  name + " takes plain HTTP: enforce_https is " + enforce.String(),
		Fix:      `set domain_endpoint_options { enforce_https = true, tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10" }`,
		Evidence: []control.Evidence{{At: or(enforce.Pos(), at), Saw: "enforce_https = " + enforce.String()}},
	}, "whether "+name+" takes plain HTTP is not known: "+why)
}

// partly is control.Judge with a partial result for No.
func partly(t estate.Truth, on estate.Resource, m control.Mistake, reason string) control.Result {
	r := control.Judge(t, on, m, reason)
	if r.Status == control.Absent {
		r.Status = control.Partial
	}
	return r
}

// or is a position, or the one to fall back to.
func or(at, fallback diag.Pos) diag.Pos {
	if at.Line == 0 {
		return fallback
	}
	return at
}
