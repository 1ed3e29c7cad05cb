package supply

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

const (
	kyvernoNamespace = "kyverno"
	// githubIssuer issues the tokens of GitHub's pipelines (GitHub documentation,
	// "OpenID Connect reference").
	githubIssuer = "https://token.actions.githubusercontent.com"
)

// signer is the identity in the certificates that the pipeline signs with: the
// workflow's file at its branch (Fulcio, "OIDC usage", GitHub).
func signer(p *platform.Platform) string {
	return "https://github.com/" + workflowRef(p, p.Pipeline.Workflow)
}

// workflowRef is a workflow of the repository at the branch, as GitHub's tokens
// name it.
func workflowRef(p *platform.Platform, workflow string) string {
	return p.Pipeline.Repo + "/.github/workflows/" + workflow + "@refs/heads/" + p.Pipeline.Branch
}

// signatures is the policy by which Kyverno admits only images that the pipeline
// signed, and for which it signed a list of what is in them and a statement of how
// they were made.
func signatures(p *platform.Platform) *kubernetes.Object {
	const all = "(images.containers + images.initContainers + images.ephemeralContainers)"
	each := func(call, message string) kubernetes.Map {
		return m("expression", all+".all(image, "+call+" > 0)", "message", message)
	}
	return kubernetes.New("policies.kyverno.io/v1", "ImageValidatingPolicy", "", render.Name(p, "signed-images"), "spec", m(
		"failurePolicy", "Fail",
		"validationActions", list{"Deny"},
		"webhookConfiguration", m("timeoutSeconds", 20),
		"evaluation", m("background", m("enabled", false)),
		"matchConstraints", m(
			"namespaceSelector", guarded(),
			"resourceRules", list{m(
				"apiGroups", list{""}, "apiVersions", list{"v1"}, "operations", list{"CREATE", "UPDATE"},
				"resources", list{"pods", "pods/ephemeralcontainers"},
			)}),
		"matchImageReferences", list{m("glob", render.Registry(p)+"/*")},
		"credentials", m("providers", list{"amazon"}),
		"validationConfigurations", m("mutateDigest", false, "verifyDigest", true, "required", true),
		"attestors", list{m("name", "pipeline", "cosign", m("keyless", m("identities", list{
			m("issuer", githubIssuer, "subject", signer(p)),
		})))},
		"attestations", list{
			m("name", "sbom", "intoto", m("type", "https://cyclonedx.org/bom")),
			m("name", "provenance", "intoto", m("type", "https://slsa.dev/provenance/v1")),
		},
		"validations", list{
			each("verifyImageSignatures(image, [attestors.pipeline])", "an image has no signature by "+signer(p)),
			each("verifyAttestationSignatures(image, attestations.sbom, [attestors.pipeline])", "an image has no SBOM signed by the pipeline"),
			each("verifyAttestationSignatures(image, attestations.provenance, [attestors.pipeline])", "an image has no provenance signed by the pipeline"),
		},
	)).For("supply.signed-images", "supply.sbom", "supply.admission").
		From("pipeline.repo", "pipeline.workflow", "pipeline.branch").In("admission").
		Note("only images that the pipeline signed run, and only while Kyverno (1.18 or later: signatures are bundles beside the image) can say so. " +
			"A pod from any other registry is refused by " + render.Name(p, "images"))
}

// kyvernoAccount is the service account that the chart's admission controller
// has.
const kyvernoAccount = "kyverno-admission-controller"

// verifierRole renders what Kyverno needs to look into the registry: a role of its
// own, since pods do not reach the nodes' role.
func verifierRole(p *platform.Platform) []*terraform.Block {
	const issuer = `${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}`
	key := func(claim string) string { return terraform.KeyOf(terraform.Expr(`"` + issuer + ":" + claim + `"`)) }
	return []*terraform.Block{
		render.Role(p, "kyverno", "kyverno", render.Policy(render.Statement{
			Principal: terraform.Obj("Federated", render.OIDCProvider+".arn"),
			Action:    []string{"sts:AssumeRoleWithWebIdentity"},
			Condition: []render.Condition{
				{Operator: "StringEquals", Key: key("aud"), Value: "sts.amazonaws.com"},
				{Operator: "StringEquals", Key: key("sub"), Value: "system:serviceaccount:" + kyvernoNamespace + ":" + kyvernoAccount},
			},
		})).For("supply.signed-images", "identity.trust-exact").
			Note("Kyverno reads signatures: each repository's own policy lets it"),
		signIn("kyverno").For("supply.signed-images").Note("this request names no resource"),
	}
}

// signIn lets a role ask for a password of the registry.
func signIn(role string) *terraform.Block {
	return render.RolePolicy(role, render.Statement{
		Sid: "SignInToTheRegistry", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []any{"*"},
	})
}

// kyvernoValues are what the chart is given.
func kyvernoValues(p *platform.Platform) (*render.Text, error) {
	text, err := kubernetes.Marshal(m(
		"admissionController", m(
			"replicas", 3,
			"podDisruptionBudget", m("enabled", true, "maxUnavailable", 1),
			"rbac", m("serviceAccount", m("annotations", m(
				"eks.amazonaws.com/role-arn", render.RoleARN(p, "kyverno"),
				"eks.amazonaws.com/sts-regional-endpoints", "true",
			))),
		),
	))
	if err != nil {
		return nil, err
	}
	return &render.Text{Path: "kubernetes/install/kyverno-values.yaml", Content: `# Values of the chart kyverno (3.8 or later, which is Kyverno 1.18), as release kyverno in namespace
# ` + kyvernoNamespace + `. Three replicas, since no pod starts while it does not answer: it fails closed.
# It has to reach tuf-repo-cdn.sigstore.dev, from where it learns the roots of the certificates that
# the pipeline signs with.
# control: supply.signed-images, supply.admission
` + string(text)}, nil
}
