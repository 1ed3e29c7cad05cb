package supply

import (
	"regexp"

	"fathom/control"
	"fathom/estate"
)

var codeGates = control.Control{
	ID:       "supply.code-gates",
	Title:    "code and its dependencies pass SAST and SCA gates in CI",
	Why:      "a known hole in the code or in a library of others goes live with the next release",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Pipeline,
	Maps:     []string{"PCI DSS 4.0.1 6.2.3", "PCI DSS 4.0.1 6.3.1", "PCI DSS 4.0.1 6.3.2"},
	Check:    checkCodeGates,
	Defeat:   softCode,
}

var sast = wanted{
	what: "scans the code (SAST)",
	find: regexp.MustCompile(`(?i)github/codeql-action/analyze|\bsemgrep\b|returntocorp/semgrep|\bgosec\b|sonarcloud|sonarqube|\bsonar-scanner\b|\bbandit\b|\bbrakeman\b|snyk\s+code|checkmarx|\bcxflow\b|\bnjsscan\b|\bhorusec\b|veracode|fortify|\bfind-?sec-?bugs\b|\bspotbugs\b|\bbearer\s+scan|bearer/bearer-action|\bpsalm\b.*--taint|\bdevskim\b`),
	fix:  "add a job on pull_request that runs github/codeql-action, semgrep or gosec and fails on findings",
}

var sca = wanted{
	what: "checks the dependencies (SCA)",
	find: regexp.MustCompile(`(?i)dependency-review-action|\bgovulncheck\b|\bosv-scanner\b|snyk/actions/(?:node|golang|python|maven|gradle|php|ruby|dotnet)|snyk\s+test\b|trivy\s+(fs|filesystem|repo)\b|\bnpm\s+audit\b|\byarn\s+(npm\s+)?audit\b|\bpnpm\s+audit\b|\bpip-audit\b|\bsafety\s+(check|scan)\b|\bcargo[ -](audit|deny)\b|\bbundle[r]?[ -]audit\b|dependency-check|\bnancy\s+sleuth|\bgrype\s+(dir:|sbom:)|\bretire(\.js)?\b|whitesource|\bmend\s+(dep|sca)|composer\s+audit|dotnet\s+list\s+package\s+--vulnerable`),
	fix:  "add a job on pull_request that runs actions/dependency-review-action, govulncheck or trivy fs --exit-code 1 and fails on high severity",
}

// checkCodeGates looks for one gate of each kind. That the tool is well set up
// and its findings are heeded, no workflow shows.
func checkCodeGates(e *estate.Estate) []control.Result {
	steps := stepsOf(e)
	for i := range steps {
		// trivy-action scans images unless it is told to scan the file system.
		if trivyOf(&steps[i], "fs", "repo") {
			steps[i].text += "\ntrivy fs --exit-code"
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return []control.Result{seek(e, steps, sast), seek(e, steps, sca)}
}
