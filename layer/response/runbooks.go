package response

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var runbooks = control.Control{
	ID:       "response.runbooks",
	Title:    "Runbooks as code: trigger, contain, collect, eradicate and recover; S3 exfiltration first",
	Why:      "The attacker has the hours that people need to find out what to do at three in the morning",
	Threats:  []control.Threat{control.Exfiltration, control.Ransom},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 12.10.1", "PCI DSS 4.0.1 12.10.5", "HIPAA 164.308(a)(6)(ii)"},
	Check:    checkRunbooks,
	Defeat:   divertRunbooks,
}

// checkRunbooks looks for what acts when something happens. An Automation
// document is a runbook; a state machine or function is one when security
// events start it, or its name says so.
func checkRunbooks(e *estate.Estate) []control.Result {
	triggers := securityTriggers(e)
	books := runbooksOf(e, triggers)
	var out []control.Result
	for _, b := range books {
		if r, ok := b.Resource.(*estate.ConfigRemediation); ok {
			out = append(out, control.Is(r, control.Saw(or(r.Document.Pos(), r.Pos), "AWS Config starts %s", r.Document)))
			continue
		}
		out = append(out, b.judge(e, triggers))
	}
	if len(books) == 0 {
		return control.Nowhere(e, control.Mistake{
			Summary: "nothing happens by itself when something is found: there is no runbook as code",
			Fix:     "add an aws_ssm_document of type Automation, or a state machine, that contains S3 exfiltration first, and an event rule on GuardDuty findings that starts it",
		})
	}
	if !slices.ContainsFunc(books, func(b runbook) bool { return b.forS3() }) {
		out = append(out, half(control.Nowhere(e, control.Mistake{
			Severity: control.Low,
			Summary:  "no runbook is for a bucket that is being drained: none touches S3",
			Fix:      "write the runbook for S3 exfiltration first: deny the role, close the bucket, keep the logs",
		})...)...)
	}
	return out
}

// runbooksOf are what acts when something happens; those of AWS Config with a
// document of AWS's own come last.
func runbooksOf(e *estate.Estate, triggers map[estate.ID]bool) []runbook {
	var books []runbook
	for _, d := range estate.All[*estate.SSMDocument](e) {
		if d.Kind.Is("Automation") == estate.Yes {
			books = append(books, runbook{d, control.Named("document", d.Document, d.Meta()), d.Document.String() + " " + d.Content.String()})
		}
	}
	for _, m := range estate.All[*estate.StateMachine](e) {
		if triggers[m.ID] || responds(m.Meta()) {
			books = append(books, runbook{m, "state machine " + m.ID.Addr, m.ID.Addr + " " + m.Definition.String()})
		}
	}
	for _, l := range estate.All[*estate.Lambda](e) {
		if triggers[l.ID] || responds(l.Meta()) || responds(&estate.Base{ID: estate.ID{Addr: l.Function.String()}}) {
			books = append(books, runbook{l, control.Named("function", l.Function, l.Meta()), l.ID.Addr + " " + l.Function.String()})
		}
	}
	for _, r := range estate.All[*estate.ConfigRemediation](e) {
		if len(r.Document.To) == 0 { // a document of AWS's
			books = append(books, runbook{r, r.ID.Addr, r.Document.String()})
		}
	}
	return books
}

type runbook struct {
	estate.Resource
	what string
	text string
}

func (b runbook) judge(e *estate.Estate, triggers map[estate.ID]bool) control.Result {
	at := b.Meta().Pos
	if triggers[b.Meta().ID] {
		return control.Is(b, control.Saw(at, "events start it"))
	}
	return half(control.Lacks(e, b, control.Mistake{
		Severity: control.Low,
		Summary:  "runbook " + b.what + " waits for a person: no event rule, schedule or AWS Config rule starts it",
		Fix:      "add an aws_cloudwatch_event_rule on the finding it answers, with the runbook as its target",
	}))[0]
}

func (b runbook) forS3() bool {
	t := strings.ToLower(b.text)
	return containsAny(t, "s3:", "putbucketpolicy", "putpublicaccessblock", "exfil", "s3-", "-s3", "_s3", "s3_", "bucket")
}

// responds says whether a name is that of a runbook.
func responds(b *estate.Base) bool {
	return containsAny(strings.ToLower(b.ID.Addr), "incident", "runbook", "playbook", "quarantine", "contain_", "containment", "isolate", "remediat", "forensic", "revoke_sessions", "revoke-sessions")
}

// securityTriggers are the resources that security events, schedules and
// broken rules start.
func securityTriggers(e *estate.Estate) map[estate.ID]bool {
	out := map[estate.ID]bool{}
	add := func(ids []estate.ID) {
		for _, id := range ids {
			out[id] = true
		}
	}
	for _, r := range eventRules(e) {
		if r.security() || r.why != "" || slices.Contains(r.sources, "aws.config") || slices.Contains(r.sources, "aws.s3") {
			for _, t := range r.targets {
				add(t.Target.To)
				add(definedBy(e, t.Target.String()))
			}
		}
	}
	for _, r := range estate.All[*estate.ConfigRemediation](e) {
		add(r.Document.To)
	}
	return out
}

// definitionARN matches the ARN by which EventBridge starts an Automation document:
// it is not the document's own, and names it (Amazon EventBridge User Guide,
// "Targets").
var definitionARN = regexp.MustCompile(`:automation-definition/([^:]+)(?::[^:]*)?$`)

// definedBy are the documents that such an ARN names.
func definedBy(e *estate.Estate, arn string) []estate.ID {
	m := definitionARN.FindStringSubmatch(arn)
	if m == nil {
		return nil
	}
	var out []estate.ID
	for _, d := range estate.All[*estate.SSMDocument](e) {
		if d.Document.Is(m[1]) == estate.Yes || m[1] == "${"+d.ID.Addr+".name}" {
			out = append(out, d.ID)
		}
	}
	return out
}
