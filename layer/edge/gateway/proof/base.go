package proof

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
)

var errComponent = errors.New("a component is covered that is not there, or not known here")

// base is the signature base of a request (RFC 9421, section 2.5): the lines of
// the covered components, then the parameters as they were sent.
func base(r *http.Request, components []string, params string) (string, error) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, name := range components {
		if seen[name] {
			return "", errComponent
		}
		seen[name] = true
		value, err := component(r, name)
		if err != nil {
			return "", err
		}
		b.WriteString(quoted(name) + ": " + value + "\n")
	}
	return b.String() + `"@signature-params": ` + params, nil
}

// component is the value of a component (RFC 9421, sections 2.1 and 2.2).
func component(r *http.Request, name string) (string, error) {
	path, query, asked := strings.Cut(target(r), "?")
	switch name {
	case "@method":
		return r.Method, nil
	case "@authority":
		return authority(r), nil
	case "@scheme":
		return scheme(r), nil
	case "@request-target":
		return target(r), nil
	case "@target-uri":
		return scheme(r) + "://" + authority(r) + target(r), nil
	case "@path":
		return path, nil
	case "@query":
		if !asked {
			return "?", nil
		}
		return "?" + query, nil
	}
	return header(r, name)
}

// header is the value of a header: its lines trimmed, joined by commas.
func header(r *http.Request, name string) (string, error) {
	if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, "@\" \\\t") {
		return "", errComponent
	}
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength > 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case name == "signature" || name == "signature-input":
		return "", errComponent
	}
	if len(values) == 0 {
		return "", errComponent
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Trim(v, " \t")
		if strings.ContainsAny(v, "\r\n") {
			return "", errComponent
		}
	}
	return strings.Join(trimmed, ", "), nil
}

// target is the path and query as they are sent.
func target(r *http.Request) string {
	t := r.RequestURI // of a server
	if t == "" {
		t = r.URL.RequestURI() // of a client
	}
	if i := strings.Index(t, "://"); i > 0 && !strings.HasPrefix(t, "/") { // absolute-form
		if t = t[i+3:]; strings.ContainsAny(t, "/?") {
			t = t[strings.IndexAny(t, "/?"):]
		} else {
			t = ""
		}
	}
	if !strings.HasPrefix(t, "/") {
		t = "/" + t
	}
	return t
}

func scheme(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https"
	}
	return "http"
}

// authority is the host in lower case, without the port that the scheme has
// anyway.
func authority(r *http.Request) string {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	host = strings.ToLower(host)
	usual := "80"
	if scheme(r) == "https" {
		usual = "443"
	}
	if name, port, err := net.SplitHostPort(host); err == nil && port == usual {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return host
}
