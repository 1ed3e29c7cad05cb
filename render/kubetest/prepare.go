package kubetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// prepare installs the CRDs and what else a cluster has that is more than an API
// server.
func (c *Cluster) prepare(crds []object) error {
	if err := poll(about("the namespace default"), func() (bool, error) {
		err := c.defaultAccount("default")
		if refused(err, "NotFound") {
			return false, nil // a controller within the API server creates it
		}
		return err == nil, err
	}); err != nil {
		return err
	}

	// All at once: each takes a while to be established.
	errs := make([]error, len(crds))
	var wait sync.WaitGroup
	for i, o := range crds {
		wait.Go(func() { errs[i] = c.applyOne(o, false) })
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			return crds[i].wrap(err)
		}
	}
	return nil
}

// established waits until the kind that a CRD defines is served in each version.
// The server tells of a kind only once it is established; the CRD itself, which
// is large, is looked at for what may be wrong with it when that takes a while.
func (c *Cluster) established(crd object) error {
	var defined struct {
		Spec struct {
			Group string
			Names struct{ Kind string }

			Versions []struct {
				Name   string
				Served bool
			}
		}
	}
	if err := json.Unmarshal(crd.json, &defined); err != nil {
		return err
	}
	asked := 0
	return poll(about("the kind of "+crd.Metadata.Name), func() (bool, error) {
		for _, version := range defined.Spec.Versions {
			if !version.Served {
				continue
			}
			if _, err := c.find(defined.Spec.Group+"/"+version.Name, defined.Spec.Names.Kind); err != nil {
				asked++
				if asked%20 == 0 {
					return false, c.flaws(crd)
				}
				return false, nil
			}
		}
		return true, nil
	})
}

// flaws returns why a CRD will never be established, if the server knows.
func (c *Cluster) flaws(crd object) error {
	stored, err := c.request(http.MethodGet, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"+crd.Metadata.Name, "", nil)
	if err != nil {
		return err
	}
	var got struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := json.Unmarshal(stored, &got); err != nil {
		return err
	}
	for _, condition := range got.Status.Conditions {
		if condition.Type == "NamesAccepted" && condition.Status == "False" ||
			condition.Type == "NonStructuralSchema" && condition.Status == "True" {
			return fmt.Errorf("%s: %s", condition.Type, condition.Message)
		}
	}
	return nil
}

// about makes an error of what is the matter with a thing.
func about(thing string) func(string) error {
	return func(what string) error { return fmt.Errorf("%s %s", thing, what) }
}
