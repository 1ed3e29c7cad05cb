package identity

import (
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// balancerAccount is the account of the AWS Load Balancer Controller, as its
// chart calls it.
const balancerAccount = "aws-load-balancer-controller"

// balancer renders the role of the AWS Load Balancer Controller, and the values
// of its chart. The controller is here for one thing: it puts the gateway's pods
// into the target group. It makes no load balancers and changes no groups.
func (d *declaration) balancer() {
	const label, name = "load_balancer_controller", "load-balancer-controller"
	d.add(render.Role(d.p, label, name, render.TrustAccount("kube-system", balancerAccount))).
		For("identity.irsa", "identity.trust-exact")
	d.add(render.RolePolicy(label,
		render.Statement{
			Sid: "Look", // none of these has resources
			Action: []string{
				"ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups",
				"ec2:DescribeSubnets", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
			},
			Resource: []any{"*"},
		},
		render.Statement{
			Sid:      "PutPodsIn",
			Action:   []string{"elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"},
			Resource: []any{terraform.Expr("aws_lb_target_group.gateway.arn")},
		},
	)).For("identity.least-privilege").From("edge")
	values, err := kubernetes.Marshal(kubernetes.M(
		"clusterName", render.Name(d.p),
		"region", d.p.Region,
		"vpcTags", kubernetes.M("Name", render.Name(d.p, "main")),
		"serviceAccount", kubernetes.M(
			"name", balancerAccount,
			"annotations", kubernetes.M(
				"eks.amazonaws.com/role-arn", render.RoleARN(d.p, name),
				"eks.amazonaws.com/sts-regional-endpoints", "true",
			),
		),
		"createIngressClassResource", false,
		"enableServiceMutatorWebhook", false,
		"enableShield", false,
		"enableWaf", false,
		"enableWafv2", false,
	))
	if err != nil {
		panic(err) // maps and texts always print
	}
	d.out = append(d.out, &render.Text{
		Path: "kubernetes/install/aws-load-balancer-controller-values.yaml",
		Content: "# Values of the chart aws-load-balancer-controller, in namespace kube-system. It binds the gateway's\n" +
			"# pods to the target group and does nothing else. It finds the VPC by its name, as pods do not reach\n" +
			"# the nodes' metadata service.\n# control: edge.front-door, identity.irsa\n" + string(values),
	})
}
