package kubetest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"
)

// Pods returns a stream with a pod for each Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job and CronJob of a stream of manifests: the pod that its
// controller would create, as far as admission is concerned. The pod is called
// after its workload, with "-0" behind. It is for [Cluster.Apply] or
// [Cluster.DryRun], since it is the pods, not the workloads, that Pod Security
// and most policies judge.
func Pods(manifests []byte) ([]byte, error) {
	objects, err := parse(manifests)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, o := range objects {
		var w struct {
			Spec workload
		}
		if err := json.Unmarshal(o.json, &w); err != nil {
			return nil, o.wrap(err)
		}
		template := w.Spec.template(o.Kind)
		if template == nil {
			continue
		}
		metadata := map[string]any{"name": o.Metadata.Name + "-0", "namespace": o.namespace()}
		for _, field := range []string{"labels", "annotations"} {
			if value := template.Metadata[field]; value != nil {
				metadata[field] = value
			}
		}
		text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.Spec})
		if err != nil {
			return nil, o.wrap(err)
		}
		fmt.Fprintf(&out, "---\n%s", text)
	}
	return out.Bytes(), nil
}

type podTemplate struct {
	Metadata map[string]any
	Spec     map[string]any
}

// A workload is the part of a spec that holds the template of pods.
type workload struct {
	Template    *podTemplate
	JobTemplate struct {
		Spec struct{ Template *podTemplate }
	}
}

func (w workload) template(kind string) *podTemplate {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
		return w.Template
	case "CronJob":
		return w.JobTemplate.Spec.Template
	}
	return nil
}
