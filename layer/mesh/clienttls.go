package mesh

import (
	"net/url"
	"regexp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// clients judges what services are told about their stores: settings that
// switch TLS, or the check of the store's certificate, off.
func clients(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, c := range estate.All[*estate.ConfigMap](e) {
		for _, key := range sortedKeys(c.Data) {
			out = append(out, told(c, func() diag.Pos { return c.At("data", key) }, key, c.Data[key])...)
		}
	}
	for _, w := range estate.All[*estate.Workload](e) {
		for i := range w.Pod.Containers {
			for j, v := range w.Pod.Containers[i].Env {
				out = append(out, told(w, func() diag.Pos { return w.AtPod("containers", itoa(i), "env", itoa(j), "value") }, v.Name, v.Value)...)
			}
		}
	}
	return out
}

// told judges one setting; its place is looked for only when it is wrong.
func told(on estate.Resource, place func() diag.Pos, key, value string) []control.Result {
	what := plainSetting(key, value)
	if what == "" {
		return nil
	}
	at := place()
	return []control.Result{control.Partly(on, control.Mistake{
		At: at, Severity: control.Medium,
		Summary:  on.Meta().ID.Addr + " sets " + key + ": " + what,
		Fix:      "have the client speak TLS and check the certificate: sslmode=verify-full, SSL or SASL_SSL, rediss://",
		Evidence: []control.Evidence{{At: at, Saw: key + ": " + what}},
	})}
}

var protocol = regexp.MustCompile(`(?im)^\s*[\w.-]*security[.-]protocol\s*[=:]\s*"?(?:sasl_)?plaintext\b`)

var sslMode = regexp.MustCompile(`(?i)\bsslmode=(disable|allow|prefer)\b`)

// plainSetting says what a setting means, if it means plaintext to a store; it
// never repeats the value, which may hold a password.
func plainSetting(key, value string) string {
	k := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
	v := strings.ToLower(strings.TrimSpace(value))
	off := v == "false" || v == "disable" || v == "disabled" || v == "off" || v == "0" || v == "no"
	switch {
	case strings.HasSuffix(k, "SECURITY_PROTOCOL") && (v == "plaintext" || v == "sasl_plaintext"):
		return "Kafka is spoken in plaintext (" + v + ")"
	case protocol.MatchString(value):
		return "Kafka is spoken in plaintext (security.protocol)"
	case k == "PGSSLMODE" && (off || v == "allow" || v == "prefer"):
		return "PostgreSQL is spoken without TLS or without checking it (" + v + ")"
	case sslMode.MatchString(value):
		return "PostgreSQL is spoken without TLS or without checking it (" + strings.ToLower(sslMode.FindString(value)) + ")"
	case strings.HasPrefix(v, "redis://") && remote(v):
		return "Redis is spoken in plaintext (redis://)"
	case off && storeTLSSwitch(k):
		return "TLS to the store is switched off (" + v + ")"
	}
	return ""
}

// storeTLSSwitch says that a setting switches TLS to a store: DB_TLS,
// REDIS_SSL_ENABLED, KAFKA_USE_TLS.
func storeTLSSwitch(key string) bool {
	store, tls := false, false
	for _, w := range strings.Split(key, "_") {
		switch w {
		case "DB", "DATABASE", "POSTGRES", "PG", "MYSQL", "REDIS", "CACHE", "KAFKA", "MSK", "VALKEY":
			store = true
		case "TLS", "SSL":
			tls = true
		}
	}
	return store && tls
}

// remote says that a URL leads to another machine.
func remote(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	h := u.Hostname()
	return h != "localhost" && h != "127.0.0.1" && h != "::1" && h != ""
}

// externalPlaintext judges DestinationRules that make sidecars speak plaintext
// to a host outside the mesh, such as a database.
func externalPlaintext(e *estate.Estate) []control.Result {
	rules := estate.All[*estate.DestinationRule](e)
	if len(rules) == 0 {
		return nil
	}
	s := look(e)
	var out []control.Result
	for _, d := range rules {
		if s.localHost(d.Spec.GetHost()) {
			continue
		}
		for _, path := range plaintext(d) {
			at := d.At(path...)
			// The application may speak TLS itself, and then this is right.
			out = append(out, control.Unsure(d, at, "DestinationRule "+d.Namespace+"/"+d.Name+" adds no TLS to "+d.Spec.GetHost()+": whether the application does is not in the files"))
		}
	}
	return out
}
