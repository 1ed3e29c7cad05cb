package kubetest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// An object is a manifest, and what has to be known of it to send it.
type object struct {
	APIVersion string
	Kind       string
	Metadata   struct{ Name, Namespace string }

	text []byte // YAML, as it was written
	json []byte // what it says
}

// namespace is the object's, or what kubectl would take.
func (o object) namespace() string {
	if o.Metadata.Namespace == "" {
		return "default"
	}
	return o.Metadata.Namespace
}

// wrap says which object an error is about.
func (o object) wrap(err error) error {
	return fmt.Errorf("%s %s: %w", o.Kind, o.name(), err)
}

func (o object) name() string {
	if o.Metadata.Namespace == "" {
		return o.Metadata.Name
	}
	return o.Metadata.Namespace + "/" + o.Metadata.Name
}

// parse splits a stream of manifests. Documents without content are left out.
func parse(manifests []byte) ([]object, error) {
	var out []object
	docs := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests)))
	for {
		text, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		o := object{text: text}
		if o.json, err = yaml.YAMLToJSON(text); err != nil {
			return nil, fmt.Errorf("document %d: %w", len(out)+1, err)
		}
		if string(o.json) == "null" {
			continue
		}
		if err := json.Unmarshal(o.json, &o); err != nil {
			return nil, fmt.Errorf("document %d: %w", len(out)+1, err)
		}
		if o.APIVersion == "" || o.Kind == "" {
			return nil, fmt.Errorf("document %d has no apiVersion or no kind", len(out)+1)
		}
		out = append(out, o)
	}
}

// one parses a manifest of one object.
func one(manifest []byte) (object, error) {
	objects, err := parse(manifest)
	if err != nil {
		return object{}, err
	}
	if len(objects) != 1 {
		return object{}, fmt.Errorf("there are %d objects, where one is wanted", len(objects))
	}
	return objects[0], nil
}

// The order of things: what others need comes first, and what is to be checked
// by admission policies comes after them.
const (
	turnNamespaces = iota
	turnCRDs
	turnGround   // what pods refer to
	turnPolicies // followed by a wait until they are in force
	turnRest
)

func turn(o object) int {
	switch o.Kind {
	case "Namespace":
		return turnNamespaces
	case "CustomResourceDefinition":
		return turnCRDs
	case "ServiceAccount", "PriorityClass", "LimitRange", "ConfigMap", "Secret":
		return turnGround
	case "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding":
		return turnPolicies
	}
	return turnRest
}

// Apply applies a stream of manifests on the server's side, as "kubectl apply
// --server-side --force-conflicts" does, with unknown and repeated fields as
// errors. Namespaces are applied first, then CRDs, ServiceAccounts and the like,
// then ValidatingAdmissionPolicies, which are in force before the rest follows.
// It returns an error for each object that is refused, naming it, or nil.
func (c *Cluster) Apply(manifests []byte) []error { return c.apply(manifests, false) }

// DryRun is Apply up to the point where the objects would be stored: they are
// checked by schema, by validation and by every admission plugin. The namespaces
// and kinds that they need have to be in the cluster, not only in the stream,
// and policies in the stream do not judge it.
func (c *Cluster) DryRun(manifests []byte) []error { return c.apply(manifests, true) }

func (c *Cluster) apply(manifests []byte, dryRun bool) []error {
	objects, err := parse(manifests)
	if err != nil {
		return []error{err}
	}
	slices.SortStableFunc(objects, func(a, b object) int { return turn(a) - turn(b) })

	var errs []error
	for i, o := range objects {
		if err := c.applyOne(o, dryRun); err != nil {
			errs = append(errs, o.wrap(err))
		}
		last := i+1 == len(objects) || turn(objects[i+1]) != turn(o)
		if last && turn(o) == turnPolicies && !dryRun {
			if err := c.WaitPolicies(); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errs
}

func (c *Cluster) applyOne(o object, dryRun bool) error {
	path, err := c.path(o, true)
	if err != nil {
		return err
	}
	query := "?fieldManager=fathom&force=true&fieldValidation=Strict"
	if dryRun {
		query += "&dryRun=All"
	}
	if _, err := c.request(http.MethodPatch, path+query, "application/apply-patch+yaml", o.text); err != nil || dryRun {
		return err
	}
	return c.settle(o)
}

// settle waits until what was just stored can be used.
func (c *Cluster) settle(o object) error {
	switch o.Kind {
	case "Namespace":
		return c.defaultAccount(o.Metadata.Name)
	case "CustomResourceDefinition":
		return c.established(o)
	}
	return nil
}

// defaultAccount does what a controller would: pods that name no ServiceAccount
// get the one with the name "default", and are refused as long as it is missing.
func (c *Cluster) defaultAccount(namespace string) error {
	body := []byte(`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}`)
	_, err := c.request(http.MethodPost, "/api/v1/namespaces/"+namespace+"/serviceaccounts", "application/json", body)
	if refused(err, "AlreadyExists") {
		return nil
	}
	return err
}

// Create creates a single object, such as a pod, that must not exist yet.
func (c *Cluster) Create(manifest []byte) error { return c.create(manifest, "") }

// TryCreate is Create up to the point where the object would be stored.
func (c *Cluster) TryCreate(manifest []byte) error { return c.create(manifest, "&dryRun=All") }

func (c *Cluster) create(manifest []byte, options string) error {
	o, err := one(manifest)
	if err != nil {
		return err
	}
	path, err := c.path(o, false)
	if err != nil {
		return o.wrap(err)
	}
	_, err = c.request(http.MethodPost, path+"?fieldManager=fathom&fieldValidation=Strict"+options, "application/yaml", o.text)
	if err == nil && options == "" {
		err = c.settle(o)
	}
	if err != nil {
		return o.wrap(err)
	}
	return nil
}

// Ephemeral adds an ephemeral container to a pod that exists, as "kubectl debug"
// does. The container is an entry of spec.ephemeralContainers, in YAML or JSON.
func (c *Cluster) Ephemeral(namespace, pod string, container []byte) error {
	entry, err := yaml.YAMLToJSONStrict(container)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"spec": map[string]any{"ephemeralContainers": []json.RawMessage{entry}}})
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/api/v1/namespaces/%s/pods/%s/ephemeralcontainers?fieldManager=fathom&fieldValidation=Strict", namespace, pod)
	if _, err := c.request(http.MethodPatch, path, "application/strategic-merge-patch+json", body); err != nil {
		return fmt.Errorf("ephemeral container in Pod %s/%s: %w", namespace, pod, err)
	}
	return nil
}

// Get returns an object as the server holds it. Its namespace is "" if its kind
// has none, or for "default".
func (c *Cluster) Get(apiVersion, kind, namespace, name string) (map[string]any, error) {
	o := object{APIVersion: apiVersion, Kind: kind}
	o.Metadata.Namespace, o.Metadata.Name = namespace, name
	path, err := c.path(o, true)
	if err != nil {
		return nil, o.wrap(err)
	}
	text, err := c.request(http.MethodGet, path, "", nil)
	if err != nil {
		return nil, o.wrap(err)
	}
	var out map[string]any
	return out, json.Unmarshal(text, &out)
}

// Delete deletes the objects of a stream of manifests, the last one first. That
// one of them is not there is no error. A namespace is never quite gone, as the
// controller that clears it out does not run.
func (c *Cluster) Delete(manifests []byte) []error {
	objects, err := parse(manifests)
	if err != nil {
		return []error{err}
	}
	var errs []error
	for _, o := range slices.Backward(objects) {
		path, err := c.path(o, true)
		if err == nil {
			_, err = c.request(http.MethodDelete, path+"?gracePeriodSeconds=0", "", nil)
		}
		if err != nil && !refused(err, "NotFound") {
			errs = append(errs, o.wrap(err))
		}
	}
	return errs
}
