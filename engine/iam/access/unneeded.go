package access

import (
	"fmt"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/engine/iam/permit"
	"fathom/estate"
)

// needsAnnotation is where a workload, its pods or its service account declare
// what they need of AWS, an entry a line or between semicolons:
//
//	fathom.dev/aws: |
//	  s3:PutObject, s3:GetObject on arn:aws:s3:::shop-invoices/*
//	  kms:Decrypt on aws_kms_key.cards
//
// An entry is actions, the word on, and resources: ARNs, or addresses in the
// files as in World.Resource. Without resources it is about any.
const needsAnnotation = "fathom.dev/aws"

// Need is something that a workload declares to need.
type Need struct {
	Action, Resource string
	// At is where it is declared, By the workload.
	At diag.Pos
	By *estate.Workload
}

// Usage compares what a role is allowed with what its workloads declare.
type Usage struct {
	// Needs are what the workloads that act as the role declare.
	Needs []Need
	// Unneeded are the statements that serve none of them.
	Unneeded []Because
	// Lacking are the needs that the role is not, or not surely, allowed.
	Lacking []Need
	// Doubts are why more may be needed or less be allowed than is known.
	Doubts []Doubt
}

// Unneeded says which statements of a role its workloads never need, by what
// they declare in the annotation fathom.dev/aws. A role that no workload acts as
// through its service account, or whose workloads declare nothing, is an error:
// nothing can be said of it. A node's role is none of its pods' to declare.
func (w *World) Unneeded(role string) (Usage, error) {
	p, err := w.Principal(role)
	if err != nil {
		return Usage{}, err
	}
	if p.Kind != Role || p.subject == nil {
		return Usage{}, fmt.Errorf("%s is no role of the estate", p.Name)
	}
	var u Usage
	users, silent := 0, 0
	for _, x := range estate.All[*estate.Workload](w.e) {
		if !w.actsAs(x, p) {
			continue
		}
		users++
		declared, err := w.needs(x, &u)
		if err != nil {
			return Usage{}, err
		}
		if !declared {
			silent++
			u.Doubts = append(u.Doubts, Doubt{x.Pos, x.ID.Addr + " acts as the role and declares nothing"})
		}
	}
	switch {
	case users == 0:
		return Usage{}, fmt.Errorf("no workload acts as %s through its service account", p.Name)
	case silent == users:
		return Usage{}, fmt.Errorf("no workload that acts as %s declares what it needs; annotate it with %s", p.Name, needsAnnotation)
	}
	w.compare(&p, &u)
	return u, nil
}

func (w *World) actsAs(x *estate.Workload, p Principal) bool {
	for _, id := range w.Identities(x) {
		if id.How != NodeMetadata && id.Role.Name == p.Name && id.Role.IAM.ARN == p.IAM.ARN {
			return true
		}
	}
	return false
}

// needs reads what a workload declares.
func (w *World) needs(x *estate.Workload, u *Usage) (declared bool, err error) {
	read := func(o *estate.Object, text string, at diag.Pos) error {
		declared = true
		for _, line := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == ';' }) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			ns, err := w.parseNeed(line)
			if err != nil {
				return fmt.Errorf("%s: %s of %s: %w", at, needsAnnotation, o.ID.Addr, err)
			}
			for _, n := range ns {
				n.At, n.By = at, x
				u.Needs = append(u.Needs, n)
			}
		}
		return nil
	}
	if text, ok := x.Annotations[needsAnnotation]; ok && err == nil {
		err = read(&x.Object, text, x.At("metadata", "annotations", needsAnnotation))
	}
	if text, ok := x.PodAnnotations[needsAnnotation]; ok && err == nil {
		err = read(&x.Object, text, x.Pos)
	}
	if sa := estate.ServiceAccountOf(w.e, x); sa != nil && err == nil {
		if text, ok := sa.Annotations[needsAnnotation]; ok {
			err = read(&sa.Object, text, sa.At("metadata", "annotations", needsAnnotation))
		}
	}
	return declared, err
}

// parseNeed reads "s3:GetObject, s3:PutObject on arn:…, arn:…".
func (w *World) parseNeed(line string) ([]Need, error) {
	actions, resources, on := strings.Cut(line, " on ")
	if !on {
		resources = "*"
	}
	var out []Need
	for _, a := range strings.Split(actions, ",") {
		a = strings.TrimSpace(a)
		service, name, ok := strings.Cut(a, ":")
		if !ok || service == "" || name == "" || strings.ContainsAny(service, "*? ") {
			return nil, fmt.Errorf("%q is not an action; write \"service:Name on RESOURCE\"", a)
		}
		for _, r := range strings.Split(resources, ",") {
			arn, _, err := w.Resource(strings.TrimSpace(r))
			if err != nil {
				return nil, err
			}
			out = append(out, Need{Action: a, Resource: arn})
		}
	}
	return out, nil
}

// compare finds the statements that serve no need, and the needs that no
// statement serves.
func (w *World) compare(p *Principal, u *Usage) {
	var needs []permit.Need
	for _, n := range u.Needs {
		r := n.Resource
		if r == "*" {
			r = ""
		}
		needs = append(needs, permit.Need{Action: n.Action, Resource: r})
	}
	for _, d := range p.identity {
		if d.draft.whole || d.rejected != "" {
			u.Doubts = append(u.Doubts, d.doubts...)
			continue
		}
		for _, i := range permit.Unneeded(d.upper.doc, needs, permit.Options{}) {
			u.Unneeded = append(u.Unneeded, d.upper.because(i, iam.Allow))
		}
	}
	for _, n := range u.Needs {
		if w.Allows(*p, n.Action, n.Resource, nil) != estate.Yes {
			u.Lacking = append(u.Lacking, n)
		}
	}
}
