package supply

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var scanOnPush = control.Control{
	ID:       "supply.scan-on-push",
	Title:    "images are scanned on push, and critical CVEs stop the release",
	Why:      "an image with a hole that everybody knows runs in production until somebody uses it",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 6.3.1", "PCI DSS 4.0.1 6.3.3", "PCI DSS 4.0.1 11.3.1"},
	Check:    checkScanOnPush,
	Defeat:   unscanned,
}

// checkScanOnPush judges each repository of ECR, and the workflows that build
// images: scanning finds, only a gate stops.
func checkScanOnPush(e *estate.Estate) []control.Result {
	var out []control.Result
	whole, unsure := registryScans(e)
	for _, r := range estate.All[*estate.Repository](e) {
		out = append(out, judgeScan(r, whole, unsure))
	}
	steps := stepsOf(e)
	for i := range steps {
		if trivyOf(&steps[i], "", "image") {
			steps[i].text += "\ntrivy image --exit-code"
		}
	}
	if imageBuilder(steps) != nil {
		out = append(out, seek(e, steps, imageGate))
	}
	return out
}

var imageGate = wanted{
	what: "scans the images it builds for CVEs",
	find: regexp.MustCompile(`(?i)\btrivy\s+image\b|anchore/scan-action|\bgrype\s|snyk/actions/docker|snyk\s+container|docker/scout-action|docker\s+scout\s+cves|vulnerability-scan-github-action-for-amazon-inspector|describe-image-scan-findings|\bclairctl\b|sysdig.*scan|prisma-cloud-scan|wizcli\s+docker|lacework.*scan`),
	fix:  "after the build, run aquasecurity/trivy-action with exit-code: 1 and severity: CRITICAL,HIGH before the image is pushed or deployed",
}

// trivyOf says whether a step is trivy-action with one of those scan types.
func trivyOf(s *step, types ...string) bool {
	return strings.Contains(s.s.Uses, "trivy-action") && slices.Contains(types, estate.Value(s.s.With, "scan-type"))
}

// registryScans returns the patterns of repository names that the registry as
// a whole scans when an image is pushed.
func registryScans(e *estate.Estate) (patterns []string, unsure string) {
	for _, s := range estate.All[*estate.RegistryScanning](e) {
		if s.Rules.Why != "" {
			unsure = "the rules of " + s.ID.Addr + " are not known: " + s.Rules.Why
		}
		for _, r := range s.Rules.Items {
			switch r.Frequency.In("SCAN_ON_PUSH", "CONTINUOUS_SCAN") {
			case estate.Maybe:
				unsure = "the scan_frequency of " + s.ID.Addr + " is not known: " + r.Frequency.Why()
			case estate.Yes:
				for _, f := range r.Filters.Items {
					if p, ok := f.Filter.Known(); ok {
						patterns = append(patterns, p)
					} else {
						unsure = "a filter of " + s.ID.Addr + " is not known: " + f.Filter.Why()
					}
				}
			}
		}
	}
	for _, i := range estate.All[*estate.Inspector](e) {
		if i.Types.Has("ECR") == estate.Yes {
			patterns = append(patterns, "*") // Inspector scans every repository continuously
		}
	}
	return patterns, unsure
}

func judgeScan(r *estate.Repository, whole []string, unsure string) control.Result {
	var onPush estate.Bool
	if b := r.Scan.One(); b != nil {
		onPush = b.OnPush
	}
	name, named := r.RepositoryName.Known()
	for _, p := range whole {
		if strings.Trim(p, "*") == "" || named && matches(p, name) {
			return control.Is(r, control.Evidence{At: r.Pos, Saw: "the registry scans " + p})
		}
	}
	label := repositoryLabel(r)
	switch t := onPush.Default(false).Is(true); {
	case t == estate.Yes:
		return control.Is(r, control.Evidence{At: onPush.Pos(), Saw: "scan_on_push = true"})
	case t == estate.Maybe:
		return control.Unsure(r, onPush.Pos(), "whether "+label+" scans on push is not known: "+onPush.Why())
	case r.Scan.Why != "":
		return control.Unsure(r, r.Scan.At, "whether "+label+" scans on push is not known: "+r.Scan.Why)
	case unsure != "":
		return control.Unsure(r, r.Pos, unsure)
	}
	return control.Not(r, control.Mistake{
		At:      onPush.Pos(),
		Summary: label + " does not scan images on push: scan_on_push is " + onPush.String(),
		Fix:     "set image_scanning_configuration { scan_on_push = true }, or add aws_ecr_registry_scanning_configuration with SCAN_ON_PUSH for *",
	})
}

// matches compares a repository's name with a filter of the registry, whose *
// stands for any run of characters; one without * matches as a prefix.
func matches(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return strings.HasPrefix(name, pattern)
	}
	flat := strings.NewReplacer("/", "\x01", "[", "\x02", "?", "\x03", `\`, "\x04")
	ok, err := path.Match(flat.Replace(pattern), flat.Replace(name))
	return err == nil && ok
}

func repositoryLabel(r *estate.Repository) string {
	if n, ok := r.RepositoryName.Known(); ok {
		return fmt.Sprintf("repository %q (%s)", n, r.ID.Addr)
	}
	return "repository " + r.ID.Addr
}
