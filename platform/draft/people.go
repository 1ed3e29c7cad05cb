package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

var groupForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$`)

// operators are the groups of people that IAM and Identity Center have. What
// they may do today is not taken over: a draft lets them read logs.
func (d *drafter) operators() *node {
	n := object()
	n.block = true
	taken := namer{}
	add := func(text estate.Str, at diag.Pos, what string) {
		name, ok := text.Known()
		if !ok || !groupForm.MatchString(name) {
			d.note(at, "declare it among the operators, if it is people", "%s is not in the draft: its name is not known, or none of a group", what)
			return
		}
		o := object().set("who", str("group/"+name)).set("may", texts([]string{"logs"}))
		o.set("session", object().set("max", str("1h")).set("approve", str(groupChangeMe)))
		n.set(taken.give(name, "operators"), o.maybe().guess(at, "what "+name+" has to do by hand, and who approves it", "write it in may: logs, restart, shell, tunnel"))
	}
	for _, g := range estate.All[*estate.Group](d.e) {
		add(g.GroupName, g.Pos, g.ID.Addr)
	}
	for _, s := range estate.All[*estate.PermissionSet](d.e) {
		add(s.SetName, s.Pos, s.ID.Addr)
	}
	return n
}

func (d *drafter) breakGlass() *node {
	n := object()
	at := d.e.Account().Pos
	n.set("who", str(groupChangeMe).guess(at, "no file says who comes in in an emergency", "write the group"))
	n.set("approve", str(otherChangeMe).guess(at, "no file says who agrees to it", "write another group"))
	return n.set("max", str("1h"))
}

// Subjects and workflows, as GitHub writes them into its tokens.
var (
	subjectForm  = regexp.MustCompile(`^repo:([^/:*?\s]+/[^/:*?\s]+):(?:environment:([^\s*?/]+)|ref:refs/heads/([^\s*?]+))$`)
	workflowForm = regexp.MustCompile(`^([^/\s]+/[^/\s]+)/\.github/workflows/([^/\s*?@]+\.ya?ml)@refs/heads/([^\s*?]+)$`)
)

// What a declaration takes for a name at GitHub.
var (
	plainForm       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/+@-]{0,99}$`)
	environmentForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
)

// deploys is what is told of the pipeline.
type deploys struct {
	repo, id, owner, branch, workflow, environment string
	at                                             diag.Pos
}

// pipeline is told by the trust policies of the roles that GitHub's tokens
// assume, and by the workflows.
func (d *drafter) pipeline() *node {
	var found []deploys
	for _, r := range estate.All[*estate.Role](d.e) {
		for i := range r.Trust.Statements {
			if p := trusted(&r.Trust.Statements[i]); p.repo != "" {
				p.at = r.Trust.Pos()
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b deploys) int { return b.score() - a.score() })
	var p deploys
	if len(found) > 0 {
		p = found[0]
	}
	at := d.e.Pipeline().Pos
	if p.repo != "" {
		at = p.at
	}
	if w := d.deployer(); w != nil {
		if p.workflow == "" {
			p.workflow = w.Pos.File[strings.LastIndexByte(w.Pos.File, '/')+1:]
		}
		for i := range w.Jobs {
			if env := w.Jobs[i].Environment; p.environment == "" && !strings.ContainsAny(env, "*?$ /") {
				p.environment = env
			}
		}
	}
	n := object()
	told := func(key, text, other, why, fix string) {
		if !plainForm.MatchString(text) {
			n.set(key, str(other).guess(at, why, fix))
			return
		}
		n.set(key, str(text))
	}
	told("repo", p.repo, changeMe+"/"+changeMe, "no role trusts one repository at GitHub", "write OWNER/NAME")
	if p.id != "" {
		n.set("repoId", str(p.id))
	}
	if p.owner != "" {
		n.set("ownerId", str(p.owner))
	}
	if plainForm.MatchString(p.branch) && p.branch != "main" {
		n.set("branch", str(p.branch).maybe())
	}
	told("workflow", p.workflow, "release.yml", "no role trusts one workflow, and no workflow among the files deploys", "write the file in .github/workflows")
	if environmentForm.MatchString(p.environment) && p.environment != "production" {
		n.set("environment", str(p.environment).maybe())
	}
	return n
}

// score is how much is told of a pipeline: a workflow and an environment are
// those of what deploys, rather than of what only looks.
func (p *deploys) score() int {
	score := 0
	for _, v := range []string{p.workflow, p.environment, p.environment, p.id} {
		if v != "" {
			score++
		}
	}
	return score
}

// trusted is what a statement of a trust policy says of GitHub's tokens.
func trusted(st *estate.Statement) deploys {
	var p deploys
	const issuer = "token.actions.githubusercontent.com:"
	for _, c := range st.Conditions {
		key, ok := strings.CutPrefix(c.Key, issuer)
		if !ok || len(c.Values) != 1 {
			continue
		}
		v := c.Values[0]
		switch key {
		case "sub":
			if m := subjectForm.FindStringSubmatch(v); m != nil {
				p.repo, p.environment, p.branch = m[1], m[2], firstOf(p.branch, m[3])
			}
		case "job_workflow_ref":
			if m := workflowForm.FindStringSubmatch(v); m != nil {
				p.workflow, p.branch = m[2], firstOf(p.branch, m[3])
			}
		case "repository_id":
			p.id = digits(v)
		case "repository_owner_id":
			p.owner = digits(v)
		case "ref":
			if !strings.ContainsAny(v, "*? ") {
				p.branch = firstOf(p.branch, strings.TrimPrefix(v, "refs/heads/"))
			}
		case "environment":
			p.environment = firstOf(p.environment, v)
		}
	}
	return p
}

func digits(text string) string {
	if text == "" || len(text) > 20 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

var deployWord = regexp.MustCompile(`(?i)kubectl|helm (upgrade|install)|terraform apply|argocd|docker push|configure-aws-credentials|deploy`)

// deployer is the workflow that deploys: the first that has an environment, or
// that runs something that does.
func (d *drafter) deployer() *estate.Workflow {
	var best *estate.Workflow
	for _, w := range estate.All[*estate.Workflow](d.e) {
		if !strings.HasSuffix(w.Pos.File, ".yml") && !strings.HasSuffix(w.Pos.File, ".yaml") {
			continue
		}
		for i := range w.Jobs {
			if w.Jobs[i].Environment != "" {
				return w
			}
		}
		w.EachStep(func(_ *estate.Job, s *estate.WorkflowStep) {
			if best == nil && deployWord.MatchString(s.Run+" "+s.Uses) {
				best = w
			}
		})
	}
	return best
}

// logs are kept as long as most log groups are.
func (d *drafter) logs() *node {
	most, of := 0, d.e.Account().Pos
	for _, g := range estate.All[*estate.LogGroup](d.e) {
		if n, ok := g.Days.Known(); ok && n > most {
			most, of = n, g.Pos
		}
	}
	n := object()
	switch {
	case most >= 90:
		return n.set("keep", str(days(years(min(most, 3650)))))
	case most > 0:
		return n.set("keep", str("400d").says(of, "today no log group keeps them for longer than "+days(most), "PCI DSS asks for a year"))
	}
	return n.set("keep", str("400d").guess(of, "no log group says how long logs are kept", "PCI DSS asks for a year"))
}

// years takes the leap days off that CloudWatch's retentions have: 731 days are
// two years.
func years(n int) int {
	if n > 365 && n%365 <= 3 {
		return n - n%365
	}
	return n
}

var (
	mailForm = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	callForm = regexp.MustCompile(`^https://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*$`)
)

// notify is told by who hears of which topic.
func (d *drafter) notify() *node {
	var oncall, legal, privacy string
	for _, s := range estate.All[*estate.Subscription](d.e) {
		to, ok := s.Endpoint.Known()
		name := strings.ToLower(s.ID.Addr)
		for _, t := range estate.To(d.e, s.Topic) {
			name += " " + strings.ToLower(t.ID.Addr+" "+t.TopicName.String())
		}
		switch {
		case !ok || !mailForm.MatchString(to) && !callForm.MatchString(to):
		case strings.Contains(name, "legal"):
			legal = firstOf(legal, onlyMail(to))
		case strings.Contains(name, "privacy") || strings.Contains(name, "dpo"):
			privacy = firstOf(privacy, onlyMail(to))
		default:
			oncall = firstOf(oncall, to)
		}
	}
	n := object()
	at := d.e.Account().Pos
	if oncall == "" {
		n.set("oncall", str(mailChangeMe).guess(at, "nobody is subscribed to a topic", "write the address of who is called"))
	} else {
		n.set("oncall", str(oncall))
	}
	if d.shielded() {
		n.set("phone", str(phoneChangeMe).guess(at, "which number AWS's response team calls is nobody's but yours", "write it").maybe())
		if onlyMail(oncall) == "" && oncall != "" {
			n.set("email", str(mailChangeMe).guess(at, "those on call have a pager, and AWS's response team writes to people", "write their address").maybe())
		}
	}
	if legal != "" {
		n.set("legal", str(legal))
	}
	if privacy != "" {
		return n.set("privacy", str(privacy))
	}
	return n.set("privacy", str(mailChangeMe).guess(at, "no file says who answers for personal data", "write the address"))
}

func onlyMail(text string) string {
	if mailForm.MatchString(text) {
		return text
	}
	return ""
}
