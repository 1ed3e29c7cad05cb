package edge

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/diag"
	"fathom/estate"
)

const lbAnnotation = "service.beta.kubernetes.io/aws-load-balancer-"

// publicService says whether a Service makes a load balancer that speaks HTTP
// with the internet. Without further words Kubernetes makes an internet-facing
// classic load balancer; the AWS Load Balancer Controller makes an internal
// network load balancer ("Network Load Balancer", annotations). Neither takes a
// web ACL. A Service for something else than HTTP is no door of the shop.
func publicService(s *estate.Service) bool {
	if s.Spec.Type != corev1.ServiceTypeLoadBalancer || !speaksHTTP(s) {
		return false
	}
	if v := s.Annotations[lbAnnotation+"internal"]; v != "" && v != "false" {
		return false
	}
	if strings.EqualFold(s.Annotations["networking.gke.io/load-balancer-type"], "internal") || s.Annotations["service.beta.kubernetes.io/azure-load-balancer-internal"] == "true" {
		return false
	}
	switch s.Annotations[lbAnnotation+"scheme"] {
	case "internet-facing":
		return true
	case "internal":
		return false
	}
	class := ""
	if s.Spec.LoadBalancerClass != nil {
		class = *s.Spec.LoadBalancerClass
	}
	kind := s.Annotations[lbAnnotation+"type"]
	controller := class == "service.k8s.aws/nlb" || class == "eks.amazonaws.com/nlb" || kind == "external" || kind == "nlb-ip"
	return !controller
}

func speaksHTTP(s *estate.Service) bool {
	for _, p := range s.Spec.Ports {
		if p.Port == 80 || p.Port == 443 || strings.HasPrefix(p.Name, "http") {
			return true
		}
	}
	return false
}

// serviceEntries are who may reach it: prefix lists, or the source ranges,
// which default to everybody.
func serviceEntries(s *estate.Service) []entry {
	base := entry{on: s, at: s.At("spec", "type"), who: "Service " + s.Name, ports: "its ports", only: estate.Yes}
	listed := lbAnnotation + "security-group-prefix-lists"
	if ids := s.Annotations[listed]; ids != "" {
		return prefixEntries(base, s.At("metadata", "annotations", listed), ids)
	}
	ranges := s.Spec.LoadBalancerSourceRanges
	base.saw = strings.Join(ranges, ", ")
	if v := s.Annotations["service.beta.kubernetes.io/load-balancer-source-ranges"]; len(ranges) == 0 && v != "" {
		ranges, base.saw = strings.Split(v, ","), v
	}
	if len(ranges) == 0 {
		base.from, base.saw = fromWorld, "0.0.0.0/0 (loadBalancerSourceRanges is not set)"
		return []entry{base}
	}
	base.from = fromNamed
	for _, r := range ranges {
		if estate.IsWorld(r) {
			base.from = fromWorld
		}
	}
	if base.from == fromWorld && len(s.Spec.LoadBalancerSourceRanges) > 0 {
		base.at = s.At("spec", "loadBalancerSourceRanges")
	}
	return []entry{base}
}

// prefixEntries are the rules for the prefix lists that an annotation names.
func prefixEntries(base entry, at diag.Pos, ids string) []entry {
	var out []entry
	for _, id := range strings.Split(ids, ",") {
		en := base
		en.at, en.from, en.saw = at, fromCloudFront, cloudFrontList
		if !knownCloudFrontID(id) {
			en.from, en.why = fromUnknown, "it is not known whether prefix list "+strings.TrimSpace(id)+" is CloudFront's"
		}
		out = append(out, en)
	}
	return out
}
