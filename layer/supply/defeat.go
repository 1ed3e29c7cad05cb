package supply

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"

	"fathom/engine/trust"
	"fathom/estate"
)

// anyPipeline is an estate whose CI roles take the tokens of all pipelines of
// their owner: a pattern stands where the repository and the branch stood.
func anyPipeline(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Role) {
			if slices.ContainsFunc(trust.Doors(e, r), func(d trust.Door) bool { return d.Issuer == trust.CI }) {
				r.Trust = widened(&r.Trust)
			}
		})
	})
}

// widened is a trust policy without what it asks of a token beyond its audience.
func widened(p *estate.Policy) estate.Policy {
	var doc map[string]any
	if json.Unmarshal(estate.JSON(p.Text()), &doc) != nil {
		return *p
	}
	statements, ok := doc["Statement"].([]any)
	if !ok {
		statements = []any{doc["Statement"]}
	}
	for _, raw := range statements {
		s, _ := raw.(map[string]any)
		conditions, _ := s["Condition"].(map[string]any)
		open(conditions)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return *p
	}
	out := estate.KnownPolicy(string(text), p.Pos())
	out.Refs = p.Refs
	return out
}

// open takes the conditions on a token's claims out, the audience excepted, and
// puts a pattern for every repository of the owner there.
func open(conditions map[string]any) {
	subject, owner := "", ""
	for _, op := range slices.Sorted(maps.Keys(conditions)) {
		keys, _ := conditions[op].(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			claim := strings.ToLower(k)
			if strings.HasSuffix(claim, ":sub") {
				subject, owner = k, ownerOf(keys[k])
			}
			if !strings.HasSuffix(claim, ":aud") && !strings.HasPrefix(claim, "aws:") {
				delete(keys, k)
			}
		}
		if len(keys) == 0 {
			delete(conditions, op)
		}
	}
	if subject == "" {
		return
	}
	like, _ := conditions["StringLike"].(map[string]any)
	if like == nil {
		like = map[string]any{}
		conditions["StringLike"] = like
	}
	like[subject] = owner + "/*"
}

// ownerOf is the part of a token's subject that names the owner of a
// repository: repo:shop.
func ownerOf(value any) string {
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	text, _ := value.(string)
	owner, _, _ := strings.Cut(text, "/")
	return owner
}

// soft is an estate in which the steps of workflows that match fail nothing.
func soft(e *estate.Estate, wants ...*regexp.Regexp) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(w *estate.Workflow) {
			w.EachStep(func(_ *estate.Job, s *estate.WorkflowStep) {
				text := s.Uses + "\n" + script(s.Run)
				if slices.ContainsFunc(wants, func(r *regexp.Regexp) bool { return r.MatchString(text) }) || strings.Contains(s.Uses, "trivy-action") {
					s.ContinueOnError = true
				}
			})
		})
	})
}

func softCode(e *estate.Estate) *estate.Estate { return soft(e, sast.find, sca.find) }

// unscanned is an estate whose images are scanned by nobody who stops them.
func unscanned(e *estate.Estate) *estate.Estate {
	if imageBuilder(stepsOf(e)) != nil {
		return soft(e, imageGate.find)
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.RegistryScanning) bool { return true })
		estate.Change(d, func(i *estate.Inspector) { i.Types = estate.KnownList(i.Pos, "EC2") })
		estate.Change(d, func(r *estate.Repository) { r.Scan = estate.KnownBlocks[estate.RepositoryScan]() })
	})
}

// unverifiedImages is an estate in whose cluster nothing verifies signatures.
func unverifiedImages(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.KyvernoPolicy) { p.VerifiesImages = false })
		estate.Remove(d, func(o *estate.Object) bool { return o.Kind == "ClusterImagePolicy" })
		estate.Remove(d, func(c *estate.Constraint) bool { return c.Kind == "RatifyVerification" })
	})
}

// onlyReports is an estate whose policies on images refuse nothing any more.
func onlyReports(e *estate.Estate) *estate.Estate {
	about := imagePolicies(e)
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.KyvernoPolicy) {
			if p.VerifiesImages {
				p.Enforces = estate.No
			}
		})
		estate.Change(d, func(b *estate.AdmissionBinding) {
			if slices.ContainsFunc(about, func(p *estate.AdmissionPolicy) bool { return p.Name == b.Spec.PolicyName }) {
				b.Spec.ValidationActions = []admissionv1.ValidationAction{admissionv1.Audit}
			}
		})
		estate.Change(d, func(c *estate.Constraint) {
			if c.Kind == "RatifyVerification" {
				c.Action = "dryrun"
			}
		})
	})
}

// privileged is an estate whose pods own their nodes: somebody had to look into
// one, and nothing refuses it.
func privileged(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(n *estate.Namespace) { delete(n.Labels, "pod-security.kubernetes.io/enforce") })
		estate.Change(d, func(w *estate.Workload) {
			if isAgent(w) || len(w.Pod.Containers) == 0 {
				return
			}
			yes := true
			w.Pod.Containers = slices.Clone(w.Pod.Containers)
			s := corev1.SecurityContext{}
			if old := w.Pod.Containers[0].SecurityContext; old != nil {
				s = *old
			}
			s.Privileged = &yes
			w.Pod.Containers[0].SecurityContext = &s
		})
	})
}

// movable is an estate whose registry lets tags be moved.
func movable(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Repository) { r.TagMutability = estate.Known("MUTABLE", r.TagMutability.Pos()) })
	})
}

// unwatched is an estate in whose containers nothing watches: Falco runs without
// a driver, and so sees no system call; others are gone.
func unwatched(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(f *estate.GuardDutyFeature) {
			if f.Feature.In("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING") == estate.Yes {
				f.Status = estate.Known("DISABLED", f.Status.Pos())
			}
		})
		estate.Change(d, func(w *estate.Workload) {
			w.Pod.Containers = slices.Clone(w.Pod.Containers)
			for i := range w.Pod.Containers {
				if c := &w.Pod.Containers[i]; falco.MatchString(c.Image) && sensorImage(w) != "" {
					c.Args = append(slices.Clone(c.Args), "-o", "engine.kind=nodriver")
				}
			}
		})
		estate.Remove(d, func(w *estate.Workload) bool { return w.Kind == "DaemonSet" && sensorImage(w) != "" })
		estate.Remove(d, func(h *estate.HelmRelease) bool { name, _ := h.Chart.Known(); return isChart(name, sensorCharts) })
		estate.Remove(d, func(o *estate.Object) bool {
			return slices.ContainsFunc(chartsOf(o), func(c string) bool { return isChart(c, sensorCharts) })
		})
	})
}
