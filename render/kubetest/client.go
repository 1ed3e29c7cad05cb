package kubetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

func newHTTP(authority []byte) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
		MaxIdleConnsPerHost: 8,
		ForceAttemptHTTP2:   true,
	}}
}

// A Refusal is what the API server answers when it does not do what it is asked.
type Refusal struct {
	Code   int    // the HTTP status
	Reason string // the word for it that programs read, such as "Forbidden" or "Invalid"
	Text   string
}

func (r *Refusal) Error() string { return r.Text }

// refused says whether an error is a refusal for a reason.
func refused(err error, reason string) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Reason == reason
}

// request sends a request and returns the body of the answer. Warnings are kept
// for [Cluster.Warnings].
func (c *Cluster) request(method, path, contentType string, body []byte) ([]byte, error) {
	answer, warnings, err := c.send(method, path, contentType, body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warnings = append(c.warnings, warnings...)
	return answer, err
}

// send sends a request. There may be warnings with an error, too.
func (c *Cluster) send(method, path, contentType string, body []byte) (answer []byte, warnings []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, err
	}
	warnings = warningTexts(res.Header.Values("Warning"))
	if res.StatusCode < 300 {
		return answer, warnings, nil
	}
	var status struct{ Message, Reason string }
	if json.Unmarshal(answer, &status) != nil || status.Message == "" {
		status.Message = strings.TrimSpace(res.Status + ": " + string(answer))
	}
	return nil, warnings, &Refusal{Code: res.StatusCode, Reason: status.Reason, Text: status.Message}
}

// warningTexts returns the texts of Warning headers: 299 - "text".
func warningTexts(headers []string) []string {
	var out []string
	for _, h := range headers {
		if _, quoted, ok := strings.Cut(h, `"`); ok {
			text := strings.TrimSuffix(quoted, `"`)
			out = append(out, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text))
		}
	}
	return out
}

// Warnings returns what the server has warned of since the last call, such as
// versions that are deprecated and pods of a Deployment that Pod Security would
// refuse. Tests that share a cluster and run at the same time see each other's.
func (c *Cluster) Warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.warnings
	c.warnings = nil
	return out
}

// A resource is where the objects of a kind are to be found.
type resource struct {
	Name       string // plural, as in paths
	Kind       string
	Namespaced bool
}

// kinds remembers which kinds the server has.
type kinds struct {
	sync.Mutex
	known map[string][]resource // by apiVersion
}

// find returns the resource of a kind, asking the server if it is new.
func (c *Cluster) find(apiVersion, kind string) (resource, error) {
	c.kinds.Lock()
	defer c.kinds.Unlock()
	for _, r := range c.kinds.known[apiVersion] {
		if r.Kind == kind {
			return r, nil
		}
	}
	missing := fmt.Errorf("the server has no kind %q in %q", kind, apiVersion)
	text, err := c.request(http.MethodGet, root(apiVersion), "", nil)
	if refused(err, "NotFound") || err != nil && strings.HasPrefix(err.Error(), "404") {
		return resource{}, missing
	}
	if err != nil {
		return resource{}, err
	}
	var list struct{ Resources []resource }
	if err := json.Unmarshal(text, &list); err != nil {
		return resource{}, err
	}
	var found []resource
	for _, r := range list.Resources {
		if !strings.Contains(r.Name, "/") { // subresources
			found = append(found, r)
		}
	}
	if c.kinds.known == nil {
		c.kinds.known = map[string][]resource{}
	}
	c.kinds.known[apiVersion] = found
	for _, r := range found {
		if r.Kind == kind {
			return r, nil
		}
	}
	return resource{}, missing
}

// root is the path below which the kinds of an apiVersion are.
func root(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// path returns where an object is, or without a name where its like are.
func (c *Cluster) path(o object, named bool) (string, error) {
	r, err := c.find(o.APIVersion, o.Kind)
	if err != nil {
		return "", err
	}
	path := root(o.APIVersion)
	if r.Namespaced {
		path += "/namespaces/" + o.namespace()
	}
	path += "/" + r.Name
	if named {
		if o.Metadata.Name == "" {
			return "", errors.New("the object has no name")
		}
		path += "/" + o.Metadata.Name
	}
	return path, nil
}
