package data

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var residency = control.Control{
	ID:       "data.residency",
	Title:    "Data stays in its regions",
	Why:      "A copy in another part of the world breaks the promise made to customers and regulators, and an attacker may set one up where nobody looks",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"GDPR 44"},
	Check:    checkResidency,
	OnlyAWS:  "regions, and what is kept to them, are those of AWS",
	Aside:    "it is the law that asks where data lies; a thief or a vandal meets the organisation policy as identity.guardrails",
}

// checkResidency asks for a policy of the organisation that denies other
// regions, and looks at where copies go: out of the policy's regions, or
// without one out of the part of the world (eu, us, ap) the data is in.
func checkResidency(e *estate.Estate) []control.Result {
	if len(stores(e)) == 0 {
		return nil
	}
	allowed, out := regionDeny(e)
	for _, c := range crossings(e) {
		out = append(out, c.judge(allowed))
	}
	return out
}

// regionDeny finds the policy that denies other regions: a Deny under
// StringNotEquals aws:RequestedRegion (AWS Organizations User Guide, "Deny
// access to AWS based on the requested AWS Region").
func regionDeny(e *estate.Estate) (allowed []string, out []control.Result) {
	var unread []control.Result
	for _, p := range estate.All[*estate.OrgPolicy](e) {
		if p.Content.Unknown() && p.Kind.Default("SERVICE_CONTROL_POLICY").In("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY") != estate.No {
			unread = append(unread, control.Unsure(p, p.Content.Pos(), "it is not known whether "+p.ID.Addr+" denies regions: "+p.Content.Why()))
			continue
		}
		regions := deniedBut(&p.Content)
		if regions == nil {
			continue
		}
		allowed = append(allowed, regions...)
		at := or(p.Content.Pos(), p.Pos)
		if len(estate.Of[*estate.OrgAttachment](e, p.ID)) == 0 {
			out = append(out, half(control.Lacks(e, p, control.Mistake{
				At:      at,
				Summary: "policy " + p.ID.Addr + " denies every region but " + list(regions) + " and is attached to nothing",
				Fix:     "add an aws_organizations_policy_attachment to the root or the organisational unit",
			})))
			continue
		}
		out = append(out, control.Is(p, control.Saw(at, "denies every region but %s", list(regions))))
	}
	switch {
	case len(out) > 0:
		return allowed, out
	case len(unread) > 0:
		return nil, unread
	}
	return nil, control.Nowhere(e, control.Mistake{
		Summary: "nothing keeps data in its regions: no service control policy denies requests to others",
		Fix:     "attach an SCP that denies all but global services under StringNotEquals aws:RequestedRegion = your regions",
	})
}

func deniedBut(p *estate.Policy) []string {
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Deny" {
			continue
		}
		for _, c := range s.Conditions {
			if c.Key == "aws:requestedregion" && strings.HasPrefix(strings.ToLower(c.Operator), "stringnot") {
				return c.Values
			}
		}
	}
	return nil
}

// crossing is a copy of data from one region to another.
type crossing struct {
	on       estate.Resource
	what     string
	at       diag.Pos
	from, to string
	why      string // why either is not known
}

// crossings are the copies that files set up: bucket replication, copies of
// backups.
func crossings(e *estate.Estate) []crossing {
	var out []crossing
	add := func(on estate.Resource, what string, at diag.Pos, from, to estate.Str, why string) {
		f, ok1 := from.Known()
		t, ok2 := to.Known()
		c := crossing{on: on, what: what, at: at, from: f, to: t}
		if !ok1 || !ok2 {
			c.why = why
		}
		out = append(out, c)
	}
	for _, r := range estate.All[*estate.BucketReplication](e) {
		for _, rule := range r.Rules.Items {
			d := rule.Destination.One()
			if d == nil || rule.Status.Is("Disabled") == estate.Yes {
				continue
			}
			from := regionOf(e, r)
			to := estate.Str{}
			for _, b := range estate.To(e, d.Bucket) {
				to = regionOf(e, b)
			}
			add(r, "replication "+r.ID.Addr, d.Bucket.Pos(), from, to, "it is not known in which region "+d.Bucket.String()+" is")
		}
	}
	for _, p := range estate.All[*estate.BackupPlan](e) {
		for _, rule := range p.Rules.Items {
			for _, c := range rule.Copies.Items {
				to := arnRegion(c.Vault.Str)
				for _, v := range estate.To(e, c.Vault) {
					to = regionOf(e, v)
				}
				add(p, control.Named("backup plan", p.PlanName, p.Meta()), or(c.Vault.Pos(), c.At), regionOf(e, p), to, "it is not known in which region vault "+c.Vault.String()+" is")
			}
		}
	}
	for _, r := range estate.All[*estate.DBBackupReplication](e) {
		from := arnRegion(r.Source.Str)
		for _, d := range estate.To(e, r.Source) {
			from = regionOf(e, d)
		}
		add(r, "backup replication "+r.ID.Addr, r.Pos, from, regionOf(e, r), "its regions are not known")
	}
	return out
}

// arnRegion is the region that a literal ARN names.
func arnRegion(arn estate.Str) estate.Str {
	text, _ := arn.Known()
	if parts := strings.Split(text, ":"); len(parts) >= 6 && parts[3] != "" {
		return estate.Known(parts[3], arn.Pos())
	}
	return estate.Str{}
}

func (c crossing) judge(allowed []string) control.Result {
	part := func(region string) string {
		p, _, _ := strings.Cut(region, "-")
		return p
	}
	switch {
	case c.why != "":
		return control.Unsure(c.on, c.at, c.why)
	case allowed != nil && slices.ContainsFunc(allowed, func(p string) bool { return like(p, c.to) }),
		allowed == nil && part(c.from) == part(c.to):
		return control.Is(c.on, control.Saw(c.at, "copied from %s to %s", c.from, c.to))
	}
	return control.Not(c.on, control.Mistake{
		At: c.at, Severity: control.High,
		Summary:  c.what + " copies data from " + c.from + " to " + c.to + ", out of its part of the world",
		Fix:      "choose a destination in the regions that the data may be in",
		Evidence: []control.Evidence{control.Saw(c.at, "%s to %s", c.from, c.to)},
	})
}
