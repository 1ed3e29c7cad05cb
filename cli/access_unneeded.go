package cli

import (
	"context"

	"github.com/spf13/cobra"

	"fathom/engine/iam/access"
)

func unneededCommand(env *Env) *cobra.Command {
	var f accessFlags
	var role, expect string
	c := &cobra.Command{
		Use:   "unneeded PATH...",
		Short: "List statements of roles that serve nothing their workloads declare to need",
		Long: `Reads the paths as one estate and compares what each role is allowed with what
the workloads that act as it declare to need, in the annotation fathom.dev/aws
of the workload, its pods or its service account:

  fathom.dev/aws: |
    s3:PutObject, s3:GetObject on arn:aws:s3:::shop-invoices/*
    kms:Decrypt on aws_kms_key.cards

It lists the statements that serve none of that, and what is declared and not
allowed. Roles whose workloads declare nothing are left out.`,
		Example: `  fathom access unneeded terraform/ k8s/
  fathom access unneeded terraform/ k8s/ --role role/orders --expect none`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.unneeded(c.Context(), env, role, expect, paths)
		},
	}
	f.register(c)
	c.Flags().StringVar(&role, "role", "", "only this role")
	c.Flags().StringVar(&expect, "expect", "", expectNone)
	return c
}

// usage is a role and what of it is used.
type usage struct {
	role string
	access.Usage
}

func (f *accessFlags) unneeded(ctx context.Context, env *Env, role, expect string, paths []string) error {
	if err := f.checkList(expect); err != nil {
		return err
	}
	doc, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		usages, left, err := w.usages(role)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "unneeded", Usages: []AccessUsage{}, Unasked: left}
		for i := range usages {
			doc.Usages = append(doc.Usages, jsonUsage(&usages[i]))
		}
		return doc, func(t *text) { t.usages(usages, left) }, nil
	})
	if err != nil {
		return err
	}
	n := 0
	for _, u := range doc.Usages {
		n += len(u.Unneeded)
	}
	return listError(n, "unneeded statement", expect, unread)
}

// usages compares one role, or all of which something can be said; left says
// why of others nothing can.
func (w *estateWorld) usages(role string) (out []usage, left []string, err error) {
	if role != "" {
		p, err := w.Principal(role)
		if err != nil {
			return nil, nil, err
		}
		u, err := w.Unneeded(role)
		return []usage{{p.Name, u}}, nil, err
	}
	for _, p := range w.Principals() {
		if p.Kind != access.Role {
			continue
		}
		u, err := w.Unneeded(p.Name)
		if err != nil {
			left = append(left, err.Error())
			continue
		}
		out = append(out, usage{p.Name, u})
	}
	return out, left, nil
}

// AccessUsage is what of a role its workloads need.
type AccessUsage struct {
	Role     string          `json:"role"`
	Needs    []AccessNeed    `json:"needs"`
	Unneeded []AccessBecause `json:"unneeded"`
	// Lacking are needs that the role is not, or not surely, allowed.
	Lacking []AccessNeed  `json:"lacking,omitempty"`
	Doubts  []AccessDoubt `json:"doubts,omitempty"`
}

// AccessNeed is something that a workload declares to need.
type AccessNeed struct {
	By       string       `json:"by"`
	Action   string       `json:"action"`
	Resource string       `json:"resource"`
	Place    *AccessPlace `json:"place,omitempty"`
}

func jsonNeeds(needs []access.Need) []AccessNeed {
	out := []AccessNeed{}
	for _, n := range needs {
		out = append(out, AccessNeed{n.By.ID.Addr, n.Action, n.Resource, jsonPlace(n.At)})
	}
	return out
}

func jsonUsage(u *usage) AccessUsage {
	j := AccessUsage{Role: u.role, Needs: jsonNeeds(u.Needs), Unneeded: jsonBecauses(u.Unneeded), Doubts: jsonDoubts(u.Doubts)}
	if len(u.Lacking) > 0 {
		j.Lacking = jsonNeeds(u.Lacking)
	}
	return j
}

func (t *text) usages(usages []usage, left []string) {
	if len(usages) == 0 {
		t.line("of no role can be said what its workloads need")
	}
	for i := range usages {
		u := &usages[i]
		if i > 0 {
			t.line("")
		}
		if len(u.Unneeded) == 0 {
			t.line("%s: every statement serves what its workloads declare", u.role)
		} else {
			t.line("%s: %s that its workloads never need", u.role, plural(len(u.Unneeded), "statement"))
		}
		t.because(u.Unneeded)
		for _, n := range u.Lacking {
			t.line("  lacking: %s on %s, which %s needs (%s)", n.Action, n.Resource, n.By.ID.Addr, n.At)
		}
		for _, d := range u.Doubts {
			t.line("  not known: %s", d)
		}
	}
	if len(left) > 0 {
		t.line("")
		t.line("left out")
	}
	for _, l := range left {
		t.line("  %s", l)
	}
}
