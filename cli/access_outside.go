package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

func outsideCommand(env *Env) *cobra.Command {
	var f accessFlags
	var resource, expect string
	c := &cobra.Command{
		Use:   "outside PATH...",
		Short: "List who outside the account can assume roles, read buckets, use keys",
		Long: `Reads the paths as one estate and lists everybody outside the account whom the
policy of a resource lets in: other accounts, other organisations, services on
behalf of others, identity providers, anybody on the internet. What their own
account lets them do is taken to be everything. Each has a witness: a request
that the policies allow.

With --resource only that resource is asked about. ` + resourceHelp,
		Example: `  fathom access outside terraform/
  fathom access outside terraform/ --resource store/invoices
  fathom access outside terraform/ --expect none`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.outside(c.Context(), env, resource, expect, paths)
		},
	}
	f.register(c)
	c.Flags().StringVar(&resource, "resource", "", "only this resource")
	c.Flags().StringVar(&expect, "expect", "", expectNone)
	return c
}

// opening is a resource and who outside can use it.
type opening struct {
	name  string
	found []access.Outsider
}

func (f *accessFlags) outside(ctx context.Context, env *Env, resource, expect string, paths []string) error {
	if err := f.checkList(expect); err != nil {
		return err
	}
	doc, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		openings, unasked, err := w.openings(resource)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "outside", Outsiders: []AccessOutsider{}, Unasked: unasked}
		for _, o := range openings {
			for i := range o.found {
				doc.Outsiders = append(doc.Outsiders, jsonOutsider(o.name, &o.found[i]))
			}
		}
		return doc, func(t *text) { t.openings(openings, unasked, resource) }, nil
	})
	if err != nil {
		return err
	}
	return listError(len(doc.Outsiders), "way in", expect, unread)
}

// openings asks about one resource, or about all. Those that could not be
// asked about, although they may have a policy, are named.
func (w *estateWorld) openings(resource string) (out []opening, unasked []string, err error) {
	if resource != "" {
		name, err := w.resource(resource)
		if err != nil {
			return nil, nil, err
		}
		found, err := w.outsiders(name)
		if err != nil {
			return nil, nil, err
		}
		return []opening{{name, found}}, nil, nil
	}
	asked := map[string]bool{}
	for _, r := range w.estate.Resources {
		addr := r.Meta().ID.Addr
		if asked[addr] {
			continue
		}
		asked[addr] = true
		found, err := w.outsiders(addr)
		switch {
		case err != nil && hasPolicy(r):
			unasked = append(unasked, addr+": "+err.Error())
		case len(found) > 0:
			out = append(out, opening{addr, found})
		}
	}
	slices.SortStableFunc(out, func(a, b opening) int { return strings.Compare(a.name, b.name) })
	return out, unasked, nil
}

// outsiders asks about one resource. The witness about a role is about that
// role, whose trust policy does not name it.
func (w *estateWorld) outsiders(name string) ([]access.Outsider, error) {
	found, err := w.Outside(name)
	if err != nil {
		return nil, err
	}
	arn, _, err := w.World.Resource(name)
	for i := range found {
		if r := found[i].Witness; err == nil && r != nil && resourceKind(r.Resource) == iam.Trust {
			about := *r
			about.Resource = arn
			found[i].Witness = &about
		}
	}
	return found, nil
}

// hasPolicy says whether a resource is of a sort that may have a policy of its
// own, or be opened by its ACL.
func hasPolicy(r estate.Resource) bool {
	switch r.(type) {
	case *estate.Role, *estate.Bucket, *estate.KMSKey, *estate.Secret, *estate.Queue, *estate.Topic, *estate.Search,
		*estate.Repository, *estate.FileSystem, *estate.BackupVault, *estate.Table, *estate.Lambda:
		return true
	}
	return false
}

func jsonOutsider(resource string, o *access.Outsider) AccessOutsider {
	j := AccessOutsider{
		Resource: resource, Who: o.Who, Actions: append([]string{}, o.Actions...), Answer: truth(o.Truth), Within: truth(o.Within),
		Conditions: o.Conditions, Because: jsonBecauses(o.Because), Doubts: jsonDoubts(o.Doubts),
	}
	if o.Witness != nil {
		r := requestJSON(o.Witness)
		j.Witness = &r
	}
	return j
}

// openings writes who can come in, by resource.
func (t *text) openings(openings []opening, unasked []string, resource string) {
	n, m := 0, 0
	for _, o := range openings {
		n += len(o.found)
		if len(o.found) > 0 {
			m++
		}
	}
	switch {
	case n == 0 && resource != "":
		t.line("nobody outside the account can use %s by its policy", openings[0].name)
	case n == 0:
		t.line("nobody outside the account can use what is in the files")
	default:
		t.line("%s from outside the account, into %s", plural(n, "way"), plural(m, "resource"))
	}
	for _, o := range openings {
		if len(o.found) == 0 {
			continue
		}
		t.line("")
		t.line("%s", o.name)
		for i := range o.found {
			t.outsider(&o.found[i])
		}
	}
	if len(unasked) > 0 {
		t.line("")
		t.line("not asked about")
	}
	for _, u := range unasked {
		t.line("  %s", u)
	}
}

func (t *text) outsider(o *access.Outsider) {
	word := "can"
	if o.Truth != estate.Yes {
		word = "may"
	}
	within := ""
	switch {
	case o.Within == estate.Yes:
		within = ", of the same organisation,"
	case o.Within == estate.Maybe && !strings.HasPrefix(o.Who, "any"):
		within = ", perhaps of the same organisation,"
	}
	t.line("  %s%s %s do %s", o.Who, within, word, strings.Join(o.Actions, ", "))
	for _, c := range o.Conditions {
		t.line("    when %s", c)
	}
	for _, b := range o.Because {
		t.line("    by %s", statementPlace(b))
	}
	for _, d := range o.Doubts {
		t.line("    not known: %s", d)
	}
	if r := o.Witness; r != nil {
		t.line("    for example %s: %s on %s", r.Principal.String(), r.Action, r.Resource)
	}
}
