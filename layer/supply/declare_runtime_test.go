package supply

import (
	"os"
	"strings"
	"testing"

	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
	"fathom/layer/layertest"
)

// The sensor has no more than its probe needs.
func TestTheSensorHasWhatItNeeds(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	e := readBack(t, p)
	var w *estate.Workload
	for _, x := range estate.All[*estate.Workload](e) {
		if x.Kind == "DaemonSet" {
			w = x
		}
	}
	if w == nil {
		t.Fatal("no sensor")
	}
	if w.Pod.HostPID || w.Pod.HostNetwork || w.Pod.HostIPC {
		t.Error("it shares the node's namespaces")
	}
	c := w.Pod.Containers[0]
	s := c.SecurityContext
	if s == nil || s.Privileged != nil && *s.Privileged || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
		s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation {
		t.Errorf("it is privileged, or may become so: %+v", s)
	}
	var added []string
	for _, x := range s.Capabilities.Add {
		added = append(added, string(x))
	}
	if got := strings.Join(added, " "); got != "BPF PERFMON SYS_PTRACE SYS_RESOURCE" {
		t.Errorf("it adds %s", got)
	}
	for _, x := range c.VolumeMounts {
		if !x.ReadOnly {
			t.Errorf("it may write to %s", x.MountPath)
		}
	}
	var paths []string
	for _, v := range w.Pod.Volumes {
		if v.HostPath != nil {
			paths = append(paths, v.HostPath.Path)
		}
	}
	if got := strings.Join(paths, " "); got != "/proc /run/containerd /sys/kernel/tracing" {
		t.Errorf("it mounts %s of the node", got)
	}
}

// It owns its node with that: the steps do not make it out to be harmless.
func TestTheSensorOwnsItsNode(t *testing.T) {
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	owns := false
	for _, step := range attack(e) {
		if step.Gives.Kind != ground.OnNode("").Kind || !strings.Contains(step.Says, " of svc/falco to ") {
			continue
		}
		owns = true
		for i := range step.Stops {
			t.Errorf("it is kept from its node by %s", step.Stops[i].Guard)
		}
	}
	if !owns {
		t.Error("no step leads from the sensor to its node")
	}
}
