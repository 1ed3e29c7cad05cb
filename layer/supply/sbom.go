package supply

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var sbom = control.Control{
	ID:       "supply.sbom",
	Title:    "SBOM and provenance are attached to images and verified",
	Why:      "nobody can say which images hold the library of tomorrow's CVE, or which pipeline built them",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 6.3.2"},
	Check:    checkSBOM,
	Aside:    "it tells afterwards which images hold a library and which pipeline made them; that no other image runs is the signature's and the admission's",
}

var attaches = wanted{
	what: "attaches an SBOM or provenance to the images it builds",
	find: regexp.MustCompile(`(?im)\bcosign\s+attest\b|^actions/attest(-sbom|-build-provenance)?@|slsa-framework/slsa-github-generator|--(sbom|provenance|attest)[= ](true|mode=|type=)|\bko\s+(build|publish)\b|\boras\s+attach\b|attached-sbom`),
	fix:  "set sbom: true and provenance: mode=max in docker/build-push-action, or run cosign attest --type cyclonedx",
}

// makes finds steps that write an SBOM, whatever becomes of it.
var makes = regexp.MustCompile(`(?i)\bsyft\b|anchore/sbom-action|cyclonedx|\bspdx\b|\bbom\s+generate`)

// checkSBOM looks for who attaches one, in the pipeline, and who asks for one,
// in the cluster.
func checkSBOM(e *estate.Estate) []control.Result {
	var out []control.Result
	steps := stepsOf(e)
	if imageBuilder(steps) != nil {
		out = append(out, attached(e, steps))
	}
	if runsImages(e) {
		out = append(out, askedFor(e, steps)...)
	}
	return out
}

func attached(e *estate.Estate, steps []step) control.Result {
	for i := range steps {
		s := &steps[i]
		with := s.s.With
		if strings.Contains(s.s.Uses, "build-push-action") && (yes(estate.Value(with, "sbom")) || yes(estate.Value(with, "provenance"))) {
			s.text += "\n--attest type=sbom"
		}
	}
	r := seek(e, steps, attaches)
	if r.Status != control.Absent {
		return r
	}
	for i := range steps {
		if s := &steps[i]; makes.MatchString(s.text) {
			return control.Partly(s.w, control.Mistake{
				At:      s.at(),
				Summary: s.w.ID.Addr + " writes an SBOM and does not attach it to the image",
				Fix:     "run cosign attest --predicate <sbom> --type cyclonedx <image>@<digest>, or actions/attest-sbom with push-to-registry: true",
			})
		}
	}
	return r
}

func yes(value string) bool { return value != "" && value != "false" }

var verifiesAttestation = regexp.MustCompile(`(?i)cosign\s+verify-attestation|gh\s+attestation\s+verify|\bslsa-verifier\b`)

func askedFor(e *estate.Estate, steps []step) []control.Result {
	for _, v := range verifiers(e) {
		if v.attests {
			return []control.Result{control.Is(v.on, control.Evidence{At: v.on.Meta().Pos, Saw: v.on.Meta().ID.Addr + " asks for attestations"})}
		}
	}
	for i := range steps {
		if s := &steps[i]; verifiesAttestation.MatchString(s.text) && s.soft() == "" {
			return []control.Result{control.Is(s.w, control.Evidence{At: s.at(), Saw: s.name()})}
		}
	}
	return control.NowhereInCluster(e, control.Mistake{
		Summary: "no admission policy asks for an SBOM or provenance before an image runs",
		Fix:     "add attestations to the Kyverno ImageValidatingPolicy, with the predicate type and the identity that signs it",
	})
}
