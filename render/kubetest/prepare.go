package kubetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// prepare installs the CRDs and what else a cluster has that is more than an API
// server.
func (c *Cluster) prepare(crds [][]byte) error {
	if err := poll(about("the namespace default"), func() (bool, error) {
		err := c.defaultAccount("default")
		if refused(err, "NotFound") {
			return false, nil // a controller within the API server creates it
		}
		return err == nil, err
	}); err != nil {
		return err
	}

	var objects []object
	for _, text := range crds {
		more, err := parse(text)
		if err != nil {
			return err
		}
		objects = append(objects, more...)
	}
	// All at once: each takes a while to be established.
	errs := make([]error, len(objects))
	var wait sync.WaitGroup
	for i, o := range objects {
		wait.Go(func() { errs[i] = c.applyOne(o, false) })
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			return objects[i].wrap(err)
		}
	}
	return nil
}

// established waits until the kind that a CRD defines is served in each version
// and can be found.
func (c *Cluster) established(crd object) error {
	path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + crd.Metadata.Name
	var defined struct {
		Spec struct {
			Group string
			Names struct{ Kind string }

			Versions []struct {
				Name   string
				Served bool
			}
		}
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	return poll(about(crd.Metadata.Name), func() (bool, error) {
		text, err := c.request(http.MethodGet, path, "", nil)
		if err != nil {
			return false, err
		}
		if err := json.Unmarshal(text, &defined); err != nil {
			return false, err
		}
		ready := false
		for _, condition := range defined.Status.Conditions {
			switch {
			case condition.Type == "NamesAccepted" && condition.Status == "False",
				condition.Type == "NonStructuralSchema" && condition.Status == "True":
				return false, fmt.Errorf("%s: %s", condition.Type, condition.Message)
			case condition.Type == "Established":
				ready = condition.Status == "True"
			}
		}
		if !ready {
			return false, nil
		}
		for _, version := range defined.Spec.Versions {
			if !version.Served {
				continue
			}
			if _, err := c.find(defined.Spec.Group+"/"+version.Name, defined.Spec.Names.Kind); err != nil {
				return false, nil
			}
		}
		return true, nil
	})
}

// about makes an error of what is the matter with a thing.
func about(thing string) func(string) error {
	return func(what string) error { return fmt.Errorf("%s %s", thing, what) }
}
