package supply

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
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
