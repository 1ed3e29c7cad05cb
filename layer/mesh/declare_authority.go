package mesh

import (
	"fathom/render"
	"fathom/render/terraform"
)

// The installations that are not rendered: their namespaces and accounts, as
// their charts have them.
const (
	certNamespace  = "cert-manager"
	issuerAccount  = "aws-privateca-issuer"
	agentNamespace = "amazon-cloudwatch"
	agentAccount   = "cloudwatch-agent"
	agentPort      = 4317 // OTLP over gRPC
)

// issuerName is the issuer of the mesh's certificates.
const issuerName = "mesh"

// authority renders the authority above all identities of the mesh. Its key
// never leaves AWS; it signs for seven days at most, so that ending the renewal
// is all it takes to revoke.
func (d *declaration) authority() {
	const ca = "aws_acmpca_certificate_authority.mesh"
	const algorithm = "SHA256WITHECDSA"
	d.tf(terraform.Resource("aws_acmpca_certificate_authority", "mesh",
		attr("type", "ROOT"),
		attr("usage_mode", "SHORT_LIVED_CERTIFICATE"),
		attr("permanent_deletion_time_in_days", 30),
		nest("certificate_authority_configuration",
			attr("key_algorithm", "EC_prime256v1"),
			attr("signing_algorithm", algorithm),
			nest("subject",
				attr("common_name", d.p.Name+" mesh"),
				attr("organization", d.p.Name))),
		attr("tags", obj("Name", render.Name(d.p, "mesh"))),
	)).For("mesh.private-ca", "mesh.revocation").From("mesh").
		Note("signs for seven days at most: who is not renewed is refused")
	d.tf(terraform.Resource("aws_acmpca_certificate", "mesh",
		attr("certificate_authority_arn", terraform.Expr(ca+".arn")),
		attr("certificate_signing_request", terraform.Expr(ca+".certificate_signing_request")),
		attr("signing_algorithm", algorithm),
		attr("template_arn", "arn:aws:acm-pca:::template/RootCACertificate/V1"),
		nest("validity", attr("type", "YEARS"), attr("value", "10")),
	)).For("mesh.private-ca")
	d.tf(terraform.Resource("aws_acmpca_certificate_authority_certificate", "mesh",
		attr("certificate_authority_arn", terraform.Expr(ca+".arn")),
		attr("certificate", terraform.Expr("aws_acmpca_certificate.mesh.certificate")),
		attr("certificate_chain", terraform.Expr("aws_acmpca_certificate.mesh.certificate_chain")),
	)).For("mesh.private-ca")

	d.tf(render.Role(d.p, "mesh_issuer", "mesh-issuer", render.TrustAccount(certNamespace, issuerAccount))).
		For("mesh.private-ca", "identity.trust-exact").
		Note("who has service certificates signed: the issuer of cert-manager, and nobody else")
	d.tf(render.RolePolicy("mesh_issuer",
		render.Statement{
			Sid:      "Read",
			Action:   []string{"acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate"},
			Resource: []any{terraform.Expr(ca + ".arn")},
		},
		render.Statement{
			Sid:      "SignNoAuthority",
			Action:   []string{"acm-pca:IssueCertificate"},
			Resource: []any{terraform.Expr(ca + ".arn")},
			Condition: []render.Condition{{Operator: "StringEquals", Key: "acm-pca:TemplateArn", Value: []string{
				"arn:aws:acm-pca:::template/EndEntityCertificate/V1",
				"arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1",
				"arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1",
			}}},
		},
	)).For("mesh.private-ca", "identity.least-privilege")

	d.tf(terraform.Top("output", []string{"mesh_authority"},
		attr("value", terraform.Expr(ca+".arn")),
		attr("description", "The authority that the AWSPCAClusterIssuer "+issuerName+" names"),
	)).For("mesh.private-ca")
	d.tf(terraform.Top("output", []string{"mesh_root"},
		attr("value", terraform.Expr("aws_acmpca_certificate.mesh.certificate")),
		attr("description", "The root that every proxy trusts: key ca.pem of the ConfigMap istio-root-ca in "+certNamespace),
	)).For("mesh.private-ca")
}

// collector renders what takes the proxies' traces: the agent of CloudWatch,
// which speaks OTLP and writes to X-Ray.
func (d *declaration) collector() {
	d.tf(render.Role(d.p, "telemetry", "telemetry", render.TrustAccount(agentNamespace, agentAccount))).
		For("mesh.telemetry", "identity.trust-exact")
	d.tf(render.RolePolicy("telemetry",
		render.Statement{
			Sid:      "TracesAndMetrics", // neither has resources
			Action:   []string{"cloudwatch:PutMetricData", "ec2:DescribeTags", "ec2:DescribeVolumes", "xray:PutTelemetryRecords", "xray:PutTraceSegments"},
			Resource: []any{"*"},
		},
		render.Statement{
			Sid: "Insights",
			Action: []string{
				"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:PutRetentionPolicy",
			},
			Resource: []any{terraform.Template("arn:aws:logs:" + d.p.Region + ":" + d.p.Account + ":log-group:/aws/containerinsights/${" + string(render.Cluster) + ".name}/*")},
		},
	)).For("mesh.telemetry", "identity.least-privilege")
	d.tf(terraform.Resource("aws_eks_addon", "observability",
		attr("cluster_name", render.Cluster+".name"),
		attr("addon_name", "amazon-cloudwatch-observability"),
		attr("service_account_role_arn", terraform.Expr("aws_iam_role.telemetry.arn")),
		attr("configuration_values", terraform.JSON(obj("agent", obj("config", obj(
			"logs", obj("metrics_collected", obj("kubernetes", obj("enhanced_container_insights", true))),
			"traces", obj("traces_collected", obj("otlp", obj())),
		))))),
	)).For("mesh.telemetry").Note("takes OpenTelemetry traces from the proxies, and the metrics of nodes and pods")
}
