package identity

import (
	"fmt"

	"fathom/diag"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// inlineLimit is what the inline policies of one role may have together, in
// characters ("IAM and AWS STS quotas", IAM user guide).
const inlineLimit = 10_240

// service renders a service's role, what it may do, and its service account.
func (d *declaration) service(s *platform.Service) {
	label := "svc_" + render.Label(s.Name)
	path := "services." + s.Name
	trust, controls := render.TrustAccount(s.Namespace, s.Name), []string{"identity.irsa", "identity.trust-exact"}
	if s.SessionTags {
		trust, controls = podTrust(d.p, s), []string{"identity.irsa", "identity.session-tags"}
	}
	tags := obj(render.TagService, s.Name)
	if s.Owner != "" {
		tags = append(tags, terraform.Field{Key: render.TagOwner, Value: s.Owner})
	}
	d.add(render.Role(d.p, label, "svc-"+s.Name, trust, set("tags", tags))).For(controls...).From(path)

	statements := d.grants(s)
	if n := jsonSize(render.Document(statements...)); n > inlineLimit {
		d.problems = append(d.problems, diag.Problem{
			Summary: fmt.Sprintf("service %q needs about %d characters of policy, and a role holds %d", s.Name, n, inlineLimit),
			Fix:     "split the service, or its topics and permissions, in two",
		})
	}
	if len(statements) > 0 {
		d.add(render.RolePolicy(label, statements...)).
			For("identity.least-privilege").From(paths(s)...)
	}
	if s.SessionTags {
		d.add(terraform.Resource("aws_eks_pod_identity_association", label,
			set("cluster_name", render.Cluster+".name"),
			set("namespace", s.Namespace),
			set("service_account", s.Name),
			set("role_arn", render.ServiceRole(s.Name)+".arn"),
		)).For("identity.irsa", "identity.session-tags").From(path + ".sessionTags")
	}
	d.object(d.account(s)).For("identity.irsa").From(path).In(s.Name)
}

// paths are what a service's permissions derive from.
func paths(s *platform.Service) []string {
	var out []string
	if len(s.Stores) > 0 {
		out = append(out, "services."+s.Name+".stores")
	}
	if len(s.AWS) > 0 {
		out = append(out, "services."+s.Name+".aws")
	}
	return out
}

// podTrust lets EKS give the role to one service account of this cluster: the
// tags of the request are those that EKS itself sets ("Grant Pods access to AWS
// resources based on tags", EKS user guide).
func podTrust(p *platform.Platform, s *platform.Service) terraform.Call {
	equal := func(key string, v any) render.Condition {
		return render.Condition{Operator: "StringEquals", Key: key, Value: v}
	}
	return render.Policy(render.Statement{
		Principal: obj("Service", "pods.eks.amazonaws.com"),
		Action:    []string{"sts:AssumeRole", "sts:TagSession"},
		Condition: []render.Condition{
			equal("aws:SourceAccount", p.Account),
			equal("aws:RequestTag/kubernetes-namespace", s.Namespace),
			equal("aws:RequestTag/kubernetes-service-account", s.Name),
			{Operator: "ArnEquals", Key: "aws:SourceArn", Value: render.Cluster + ".arn"},
		},
	})
}

// account is the service account of a service. Its pods get no token for the
// Kubernetes API; the token for AWS, and the mesh's, are mounted by others.
func (d *declaration) account(s *platform.Service) *kubernetes.Object {
	o := kubernetes.New("v1", "ServiceAccount", s.Namespace, s.Name, "automountServiceAccountToken", false).
		Label("app.kubernetes.io/name", s.Name, "app.kubernetes.io/part-of", d.p.Name)
	if !s.SessionTags {
		o.Annotate(
			"eks.amazonaws.com/role-arn", render.ServiceRoleARN(d.p, s.Name),
			"eks.amazonaws.com/audience", "sts.amazonaws.com",
			"eks.amazonaws.com/sts-regional-endpoints", "true",
			"eks.amazonaws.com/token-expiration", "3600",
		)
	}
	return o
}

// accounts renders the service accounts that belong to no service: the
// gateway's, which needs nothing of AWS, and those that pods have which name
// none.
func (d *declaration) accounts() {
	d.object(kubernetes.New("v1", "ServiceAccount", render.GatewayNamespace, render.GatewayAccount, "automountServiceAccountToken", false).
		Label("app.kubernetes.io/name", render.GatewayAccount, "app.kubernetes.io/part-of", d.p.Name)).
		For("identity.irsa").Note("the ingress gateway: an identity in the mesh, and none at AWS")
	for _, ns := range namespaces(d.p) {
		d.object(kubernetes.New("v1", "ServiceAccount", ns, "default", "automountServiceAccountToken", false)).
			For("identity.irsa").Note("a pod that names no account gets no token")
	}
}
