package kubernetes

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"fathom/estate"
)

// workload makes a Workload of a pod template that stands at a path.
func workload(o estate.Object, replicas *int32, t *corev1.PodTemplateSpec, path ...string) *estate.Workload {
	return &estate.Workload{Object: o, Replicas: replicas, PodLabels: t.Labels, PodAnnotations: t.Annotations, Pod: t.Spec, PodPath: path}
}

func pod(r *reader, o estate.Object) (estate.Resource, *typeError) {
	w := &estate.Workload{Object: o, PodLabels: o.Labels, PodAnnotations: o.Annotations, PodPath: []string{"spec"}}
	return w, r.spec(&o, &w.Pod)
}

func deployment(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s appsv1.DeploymentSpec
	wrong := r.spec(&o, &s)
	return workload(o, s.Replicas, &s.Template, "spec", "template", "spec"), wrong
}

func statefulSet(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s appsv1.StatefulSetSpec
	wrong := r.spec(&o, &s)
	return workload(o, s.Replicas, &s.Template, "spec", "template", "spec"), wrong
}

func daemonSet(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s appsv1.DaemonSetSpec
	wrong := r.spec(&o, &s)
	return workload(o, nil, &s.Template, "spec", "template", "spec"), wrong
}

func replicaSet(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s appsv1.ReplicaSetSpec
	wrong := r.spec(&o, &s)
	return workload(o, s.Replicas, &s.Template, "spec", "template", "spec"), wrong
}

func replicationController(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s corev1.ReplicationControllerSpec
	wrong := r.spec(&o, &s)
	if s.Template == nil {
		s.Template = &corev1.PodTemplateSpec{}
	}
	return workload(o, s.Replicas, s.Template, "spec", "template", "spec"), wrong
}

func job(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s batchv1.JobSpec
	wrong := r.spec(&o, &s)
	return workload(o, nil, &s.Template, "spec", "template", "spec"), wrong
}

func cronJob(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s batchv1.CronJobSpec
	wrong := r.spec(&o, &s)
	return workload(o, nil, &s.JobTemplate.Spec.Template, "spec", "jobTemplate", "spec", "template", "spec"), wrong
}

// rollout reads an Argo Rollout. One that has a workloadRef in place of a
// template makes no pods of its own: the Deployment it names does.
func rollout(r *reader, o estate.Object) (estate.Resource, *typeError) {
	var s struct {
		Replicas *int32                  `json:"replicas"`
		Template *corev1.PodTemplateSpec `json:"template"`
	}
	wrong := r.spec(&o, &s)
	if wrong == nil && s.Template == nil {
		return &o, nil
	}
	if s.Template == nil {
		s.Template = &corev1.PodTemplateSpec{}
	}
	return workload(o, s.Replicas, s.Template, "spec", "template", "spec"), wrong
}
