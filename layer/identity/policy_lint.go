package identity

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var policyLint = control.Control{
	ID:       "identity.policy-lint",
	Title:    "policies are linted and compared in CI: a change that grants more is seen",
	Why:      "a line in a big pull request gives a role the rights of an administrator, and the reviewer misses it",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Pipeline,
	Maps:     []string{"PCI DSS 4.0.1 6.5.1", "PCI DSS 4.0.1 7.2.4", "CIS AWS 7.0 2.18"},
	Check:    checkPolicyLint,
	Aside:    "it sees a policy that grants more before it is applied: what the policy then lets an attacker do is what identity.least-privilege stands for",
}

var (
	// comparers see that a policy grants more than the one before.
	comparers = regexp.MustCompile(`(?i)check-no-new-access|check-access-not-granted|check-no-public-access|policy-validator|terraform-aws-iam-policy-validator|fathom\s+access\s+diff|cloudformation-aws-iam-policy-validator`)
	// linters see what is wrong in one policy.
	linters = regexp.MustCompile(`(?i)accessanalyzer\s+validate-policy|\bparliament\b|policy[-_]sentry|cloudsplaining|\bcheckov\b|\btfsec\b|trivy\s+(config|fs|filesystem)|trivy-action|terrascan|\bkics\b|snyk\s+iac|snyk/actions/iac|\bconftest\b|\bregula\b|fathom\s+(audit|access)|\biam-?lint`)
	changes = regexp.MustCompile(`(?i)\b(terraform|tofu|terragrunt|cdk|pulumi|cloudformation|atlantis)\b`)
)

// checkPolicyLint applies where a pipeline changes IAM: where there are
// policies, or a workflow runs Terraform or its like.
func checkPolicyLint(e *estate.Estate) []control.Result {
	guards := len(estate.All[*estate.Role](e))+len(estate.All[*estate.IAMPolicy](e)) > 0
	var linter, comparer, soft *found
	hidden := ""
	for _, w := range estate.All[*estate.Workflow](e) {
		w.EachStep(func(j *estate.Job, s *estate.WorkflowStep) {
			text := s.Uses + "\n" + script(s.Run)
			guards = guards || changes.MatchString(text)
			f := &found{w, s.At, s.ContinueOnError || j.ContinueOnError || strings.Contains(s.Run, "|| true")}
			lints, compares := linters.MatchString(text), comparers.MatchString(text)
			switch {
			case (lints || compares) && f.soft:
				soft = f
			case compares && comparer == nil:
				comparer = f
			case lints && linter == nil:
				linter = f
			}
			if strings.HasPrefix(s.Uses, "./") && hidden == "" {
				hidden = "what the local action " + s.Uses + " runs was not read"
			}
		})
		for i := range w.Jobs {
			if u := w.Jobs[i].Uses; u != "" && !strings.HasPrefix(u, "./") && hidden == "" {
				hidden = "what the reusable workflow " + u + " runs was not read"
			}
		}
	}
	const fix = "run aws accessanalyzer check-no-new-access (or tf-policy-validator, or fathom access diff) on the plan of every pull request, and let it fail the job"
	switch {
	case !guards:
		return nil
	case comparer != nil:
		return []control.Result{control.Is(comparer.w, control.Evidence{At: comparer.at, Saw: "compares what policies grant"})}
	case soft != nil && linter == nil:
		return []control.Result{control.Partly(soft.w, control.Mistake{At: soft.at, Summary: soft.w.ID.Addr + " checks policies, and goes on when the check fails", Fix: "remove continue-on-error and || true"})}
	case hidden != "":
		return []control.Result{control.Unsure(e.Pipeline(), e.Pipeline().Pos, hidden)}
	case linter != nil:
		return []control.Result{control.Partly(linter.w, control.Mistake{
			At: linter.at, Severity: control.Low,
			Summary: linter.w.ID.Addr + " lints policies, and nothing compares what they grant with what they granted before",
			Fix:     fix,
		})}
	}
	return []control.Result{control.Not(e.Pipeline(), control.Mistake{Summary: "no workflow lints IAM policies or compares what they grant", Fix: fix})}
}

// found is a step that does what was looked for; soft says that its failure
// fails nothing.
type found struct {
	w    *estate.Workflow
	at   diag.Pos
	soft bool
}

// script is a step's script without its comments.
func script(run string) string {
	lines := strings.Split(run, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), "#") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}
