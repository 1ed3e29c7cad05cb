package mesh

import (
	"fathom/render"
	"fathom/render/kubernetes"
)

// What installs the mesh is Istio's and cert-manager's own; what it is told is
// rendered: a file for istioctl, values for two charts, and the two objects by
// which the charts and the authority find each other.

// csrConfig is the ConfigMap that istio-csr reads its issuer from.
const csrConfig = "istio-issuer"

// issuer renders who signs: cert-manager's issuer for AWS Private CA, and the
// word of it to istio-csr, which signs for the proxies.
func (d *declaration) issuer() {
	d.object(kubernetes.New("awspca.cert-manager.io/v1beta1", "AWSPCAClusterIssuer", "", issuerName, "spec", m(
		"arn", render.Name(d.p, "mesh"),
		"region", d.p.Region,
	))).For("mesh.private-ca").From("mesh").
		Note("by name; what deploys this puts the ARN there that terraform's output mesh_authority has")
	d.object(kubernetes.New("v1", "ConfigMap", certNamespace, csrConfig, "data", m(
		"issuer-group", "awspca.cert-manager.io",
		"issuer-kind", "AWSPCAClusterIssuer",
		"issuer-name", issuerName,
	))).For("mesh.private-ca").Note("istio-csr has the proxies' certificates signed by this issuer")
}

// installation renders what istioctl and helm are given.
func (d *declaration) installation() {
	d.install("istio.yaml", "Istio "+d.p.Mesh.Version+", for istioctl install -f.\n"+
		"control: mesh.mtls-strict, mesh.private-ca, mesh.short-certs, mesh.telemetry, network.egress-deny\n"+
		"from: mesh", d.operator())
	d.install("istio-csr-values.yaml", "Values of the chart cert-manager-istio-csr, in namespace "+certNamespace+".\n"+
		"The root that it hands out comes from terraform output mesh_root:\n"+
		"  kubectl -n "+certNamespace+" create configmap istio-root-ca --from-file=ca.pem\n"+
		"control: mesh.private-ca, mesh.short-certs\n"+
		"from: mesh.certificates", d.csr())
	d.install("aws-privateca-issuer-values.yaml", "Values of the chart aws-privateca-issuer, in namespace "+certNamespace+".\n"+
		"control: mesh.private-ca", m(
		"replicaCount", 2,
		"serviceAccount", m(
			"create", true,
			"name", issuerAccount,
			"annotations", m(
				"eks.amazonaws.com/role-arn", render.RoleARN(d.p, "mesh-issuer"),
				"eks.amazonaws.com/sts-regional-endpoints", "true",
			),
		),
	))
}

// operator is the installation of Istio. Proxies wait for nobody else's
// certificate: the application starts when the proxy has its own.
func (d *declaration) operator() kubernetes.Map {
	life := short(d.p.Mesh.Certificates)
	return m(
		"apiVersion", "install.istio.io/v1alpha1",
		"kind", "IstioOperator",
		"metadata", m("name", d.p.Name, "namespace", render.MeshNamespace),
		"spec", m(
			"profile", "minimal",
			"hub", hub(d.p),
			"tag", d.p.Mesh.Version,
			"meshConfig", m(
				"trustDomain", d.p.Mesh.TrustDomain,
				"rootNamespace", render.MeshNamespace,
				"outboundTrafficPolicy", m("mode", "REGISTRY_ONLY"),
				"pathNormalization", m("normalization", "DECODE_AND_MERGE_SLASHES"),
				"meshMTLS", m("minProtocolVersion", "TLSV1_3"),
				"accessLogEncoding", "JSON",
				"extensionProviders", list{m("name", "otel", "opentelemetry", m(
					"service", agentAccount+"."+agentNamespace+".svc.cluster.local", "port", agentPort))},
				"defaultConfig", m(
					"holdApplicationUntilProxyStarts", true,
					"terminationDrainDuration", "30s",
					"proxyMetadata", m(
						"SECRET_TTL", life,
						// half of the life, and not all at once
						"SECRET_GRACE_PERIOD_RATIO", "0.5",
						"SECRET_GRACE_PERIOD_RATIO_JITTER", "0.1",
					),
				),
			),
			"components", m(
				"cni", m("enabled", true, "namespace", render.MeshNamespace),
				"pilot", m("k8s", m(
					"env", list{m("name", "ENABLE_CA_SERVER", "value", "false")},
					"hpaSpec", m("minReplicas", 2),
				)),
			),
			"values", m(
				"global", m(
					"caAddress", "cert-manager-istio-csr."+certNamespace+".svc:443",
					"proxy", m(
						"image", render.ImageRef(d.p, d.p.Mesh.Proxy),
						"resources", m(
							"requests", m("cpu", "100m", "memory", "128Mi"),
							"limits", m("memory", "512Mi")),
						"seccompProfile", m("type", "RuntimeDefault"),
					),
				),
				"pilot", m("cni", m("enabled", true)),
			),
		),
	)
}

// csr is what istio-csr is told: for how long it signs, and for whom.
func (d *declaration) csr() kubernetes.Map {
	life := short(d.p.Mesh.Certificates)
	return m(
		"replicaCount", 2,
		"app", m(
			"certmanager", m(
				"namespace", render.MeshNamespace,
				"issuer", m("enabled", false),
			),
			"runtimeConfiguration", m("name", csrConfig),
			"tls", m(
				"trustDomain", d.p.Mesh.TrustDomain,
				"rootCAFile", "/var/run/secrets/istio-root-ca/ca.pem",
				"certificateDuration", life,
				"istiodCertificateEnable", "dynamic",
				"istiodCertificateDuration", life,
			),
			"server", m(
				"maxCertificateDuration", life,
				"serving", m("signatureAlgorithm", "ECDSA", "certificateKeySize", 256),
			),
		),
		"volumes", list{m("name", "root-ca", "configMap", m("name", "istio-root-ca"))},
		"volumeMounts", list{m("name", "root-ca", "mountPath", "/var/run/secrets/istio-root-ca", "readOnly", true)},
	)
}

// install is a file that an installer is given.
func (d *declaration) install(name, says string, content kubernetes.Map) {
	text, err := kubernetes.Marshal(content)
	if err != nil {
		panic(err) // maps, lists and texts always print
	}
	d.out = append(d.out, &render.Text{Path: "kubernetes/install/" + name, Content: comment(says) + string(text)})
}
