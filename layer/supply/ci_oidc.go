package supply

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/engine/trust"
	"fathom/estate"
)

var ciOIDC = control.Control{
	ID:       "supply.ci-oidc",
	Title:    "CI assumes its deploy role by OIDC, the trust pins repository and branch, and there are no static keys",
	Why:      "a leaked CI key, or a pipeline of another branch or repository, deploys what it likes",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 8.6.2", "PCI DSS 4.0.1 8.6.3", "PCI DSS 4.0.1 6.5.1"},
	Check:    checkCIOIDC,
	Defeat:   anyPipeline,
	Fells:    []string{"identity.trust-exact"},
}

func checkCIOIDC(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, r := range estate.All[*estate.Role](e) {
		out = append(out, ciRole(e, r)...)
	}
	for _, k := range estate.All[*estate.AccessKey](e) {
		if who := ciUser(e, k); who != "" && k.Status.Is("Inactive") != estate.Yes {
			out = append(out, control.Not(k, control.Mistake{
				Cause:   control.CauseStaticKey,
				Summary: k.ID.Addr + " makes a key that never expires for CI user " + who,
				Fix:     "add aws_iam_openid_connect_provider for token.actions.githubusercontent.com and a role that trusts the repository and branch, and delete the user",
			}))
		}
	}
	for _, w := range estate.All[*estate.Workflow](e) {
		out = append(out, workflowKeys(w)...)
	}
	return out
}

// ciRole judges a role that tokens of a CI system assume.
func ciRole(e *estate.Estate, r *estate.Role) []control.Result {
	for _, d := range trust.Doors(e, r) {
		if d.Issuer != trust.CI {
			continue
		}
		name := roleLabel(r)
		if len(d.Flaws) > 0 {
			f := d.Flaws[0]
			m := control.Mistake{At: r.Trust.Pos(), Cause: control.CauseTrustsCI, Summary: name + " " + f.Saw, Fix: f.Fix}
			if !f.Open {
				m.Severity = control.Low
				return []control.Result{control.Partly(r, m)}
			}
			return []control.Result{control.Not(r, m)}
		}
		for _, s := range d.Subjects {
			if strings.HasSuffix(s, ":pull_request") && !reading(r) {
				return []control.Result{control.Partly(r, control.Mistake{
					At: r.Trust.Pos(), Severity: control.Medium,
					Summary: name + " is open to every pull request of the repository (" + s + ")",
					Fix:     "let pull requests assume a role that can only read, and pin this one to a branch or environment",
				})}
			}
		}
		return []control.Result{control.Is(r, control.Evidence{At: r.Trust.Pos(), Saw: "lets in " + strings.Join(d.Subjects, ", ")})}
	}
	return nil
}

// readers matches the names that people give to the roles of plans and checks.
var readers = regexp.MustCompile(`(?i)(^|[-_. ])(plan|read(er|only|-only)?|ro|pr|pull|check|test|lint|audit|view(er)?|drift|cache)([-_. ]|$)`)

func reading(r *estate.Role) bool {
	name, _ := r.RoleName.Known()
	return readers.MatchString(name) || readers.MatchString(r.ID.Addr)
}

func roleLabel(r *estate.Role) string {
	if n, ok := r.RoleName.Known(); ok {
		return `role "` + n + `" (` + r.ID.Addr + `)`
	}
	return "role " + r.ID.Addr
}

var ciName = regexp.MustCompile(`(?i)(^|[-_./ ])(ci|cd|cicd|ci-cd|github|gitlab|bitbucket|circleci|jenkins|buildkite|travis|drone|argocd|pipeline|deploy|deployer|deployment|release|terraform|actions|runner|build|builder)([-_./ ]|$)`)

// ciUser returns the name of the user a key is for, if it is a machine of the
// pipeline: by its name, or because its policies push images.
func ciUser(e *estate.Estate, k *estate.AccessKey) string {
	if us := estate.To(e, k.User); len(us) > 0 {
		u := us[0]
		name := u.ID.Addr
		if n, ok := u.UserName.Known(); ok {
			name = n
		}
		if ciName.MatchString(name) || ciName.MatchString(u.ID.Addr) {
			return name
		}
		if pushes(e, u) {
			return name
		}
		return ""
	}
	if ciName.MatchString(k.User.String()) {
		return k.User.String()
	}
	return ""
}

// pushes says whether the user's own policies push images.
func pushes(e *estate.Estate, u *estate.User) bool {
	var docs []*estate.Policy
	for _, p := range estate.Of[*estate.UserPolicy](e, u.ID) {
		docs = append(docs, &p.Policy)
	}
	for _, a := range estate.Of[*estate.UserAttachment](e, u.ID) {
		for _, p := range estate.To(e, a.Policy) {
			docs = append(docs, &p.Policy)
		}
	}
	for _, d := range docs {
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				if a = strings.ToLower(a); s.Effect == "Allow" && (a == "ecr:*" || a == "ecr:putimage") {
					return true
				}
			}
		}
	}
	return false
}

// workflowKeys judges how a workflow signs in to AWS.
func workflowKeys(w *estate.Workflow) []control.Result {
	var out []control.Result
	byRole := false
	look := func(vs []estate.NamedValue) {
		for _, v := range vs {
			name := strings.ToUpper(strings.ReplaceAll(v.Name, "-", "_"))
			if name == "AWS_ACCESS_KEY_ID" && (strings.Contains(v.Value, "secrets.") || strings.HasPrefix(v.Value, "AKIA")) {
				out = append(out, control.Not(w, control.Mistake{
					At: v.At, Cause: control.CauseStaticKey,
					Summary: w.ID.Addr + " signs in to AWS with a long-lived key (" + v.Name + ")",
					Fix:     "use aws-actions/configure-aws-credentials with role-to-assume, and permissions id-token: write",
				}))
			}
			byRole = byRole || name == "ROLE_TO_ASSUME"
		}
	}
	look(w.Env)
	for i := range w.Jobs {
		look(w.Jobs[i].Env)
		look(w.Jobs[i].Secrets)
	}
	w.EachStep(func(_ *estate.Job, s *estate.WorkflowStep) {
		look(s.Env)
		look(s.With)
		byRole = byRole || strings.Contains(s.Run, "assume-role-with-web-identity")
	})
	if len(out) == 0 && byRole {
		out = append(out, control.Is(w, control.Evidence{At: w.Pos, Saw: "assumes a role by OIDC"}))
	}
	return out
}
