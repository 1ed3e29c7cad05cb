package supply

import (
	"regexp"

	"fathom/control"
	"fathom/estate"
)

var signedImages = control.Control{
	ID:       "supply.signed-images",
	Title:    "images are signed and their signatures verified",
	Why:      "an image that nobody here built runs under a name that everybody trusts",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 6.3.2", "PCI DSS 4.0.1 6.5.1"},
	Check:    checkSignedImages,
	Defeat:   unverifiedImages,
	Fells:    []string{"supply.admission", "supply.sbom"}, // which ask for signatures too
}

var signs = wanted{
	what: "signs the images it builds",
	find: regexp.MustCompile(`(?im)\bcosign\s+(sign|attest)\b|\bnotation\s+sign\b|notation-action/sign|\bdocker\s+trust\s+sign\b|\bsigner\s+(sign|start-signing-job)|^actions/attest(-build-provenance)?@|slsa-framework/slsa-github-generator`),
	fix:  "after the push, run cosign sign --yes <image>@<digest> with permissions id-token: write",
}

// checkSignedImages looks for both halves: who signs, in the pipeline, and who
// verifies, in the cluster.
func checkSignedImages(e *estate.Estate) []control.Result {
	var out []control.Result
	steps := stepsOf(e)
	switch profiles := estate.All[*estate.SignerProfile](e); {
	case imageBuilder(steps) != nil:
		r := seek(e, steps, signs)
		if r.Status == control.Absent && len(profiles) > 0 {
			r = control.Is(profiles[0], control.Evidence{At: profiles[0].Pos, Saw: "AWS Signer profile " + profiles[0].ID.Addr})
		}
		out = append(out, r)
	case len(profiles) > 0:
		out = append(out, control.Is(profiles[0]))
	}
	if !runsImages(e) {
		return out
	}
	vs := verifiers(e)
	for _, v := range vs {
		out = append(out, control.Is(v.on, control.Evidence{At: v.on.Meta().Pos, Saw: v.on.Meta().ID.Addr + " verifies image signatures"}))
	}
	if len(vs) == 0 {
		out = append(out, unverified(e)...)
	}
	return out
}

func runsImages(e *estate.Estate) bool { return len(estate.All[*estate.Workload](e)) > 0 }

// unverified is the mistake that the cluster verifies no image; admission sees
// it too.
func unverified(e *estate.Estate) []control.Result {
	if r, ok := chart(e, "connaisseur", "policy-controller", "ratify", "portieris"); ok {
		return []control.Result{control.Unsure(r, r.Meta().Pos, "which images "+r.Meta().ID.Addr+" verifies is in its values, which are not read")}
	}
	return control.NowhereInCluster(e, control.Mistake{
		Cause:   control.CauseUnverified,
		Summary: "nothing in the cluster verifies the signatures of images: no Kyverno ImageValidatingPolicy or verifyImages rule, no sigstore ClusterImagePolicy",
		Fix:     "add a policies.kyverno.io ImageValidatingPolicy with validationActions: [Deny] that names the registry and the identity that signs",
	})
}

// verifier is something in the cluster that checks the signatures of images.
type verifier struct {
	on estate.Resource
	// enforces says whether an image without a signature is refused;
	// closed whether images are refused while the verifier is down.
	enforces, closed estate.Truth
	// attests says that it asks for attestations, such as an SBOM.
	attests bool
}

// verifiers are Kyverno's policies, those of sigstore's policy-controller, and
// Ratify's constraints for Gatekeeper.
func verifiers(e *estate.Estate) []verifier {
	var out []verifier
	for _, p := range estate.All[*estate.KyvernoPolicy](e) {
		if p.VerifiesImages {
			out = append(out, verifier{p, p.Enforces, p.FailsClosed, holds(p.Manifest, "attestations")})
		}
	}
	for _, o := range estate.All[*estate.Object](e) {
		if o.Kind == "ClusterImagePolicy" {
			mode, _ := o.Manifest.At("spec", "mode").Literal()
			v := verifier{on: o, enforces: estate.Yes, closed: estate.Yes, attests: holds(o.Manifest, "attestations")}
			if mode == "warn" {
				v.enforces = estate.No
			}
			out = append(out, v)
		}
	}
	for _, c := range estate.All[*estate.Constraint](e) {
		if c.Kind == "RatifyVerification" {
			v := verifier{on: c, enforces: estate.Yes, closed: estate.Maybe}
			if c.Action != "" && c.Action != "deny" {
				v.enforces = estate.No
			}
			out = append(out, v)
		}
	}
	return out
}
