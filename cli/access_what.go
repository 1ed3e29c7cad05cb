package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/iam/access"
	"fathom/estate"
)

func whatCommand(env *Env) *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "what PRINCIPAL PATH...",
		Short: "List what somebody may do, statement by statement, and what takes away from it",
		Long: `Reads the paths as one estate and lists the statements of somebody's own
policies that let them do something, each with its conditions and with the
denies, boundaries and SCPs that take away from it. Policies of resources, such
as a bucket's, may let them do more: fathom access who asks for a resource.

` + principalHelp,
		Example: `  fathom access what role/shopnow-node terraform/
  fathom access what svc/payments terraform/ k8s/ --format json`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return f.what(c.Context(), env, args[0], args[1:])
		},
	}
	f.register(c)
	return c
}

func (f *accessFlags) what(ctx context.Context, env *Env, who string, paths []string) error {
	if err := f.checkFormat(); err != nil {
		return err
	}
	_, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		p, err := w.Principal(who)
		if err != nil {
			return nil, nil, err
		}
		permissions, err := w.What(who)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "what", Permissions: []AccessPermission{}}
		for i := range permissions {
			doc.Permissions = append(doc.Permissions, jsonPermission(&permissions[i]))
		}
		return doc, func(t *text) { t.permissions(p, permissions) }, nil
	})
	if err != nil {
		return err
	}
	return unreadError(unread)
}

// permissions writes what somebody may do, by the role they act as.
func (t *text) permissions(p access.Principal, permissions []access.Permission) {
	switch {
	case len(permissions) > 0 && p.Kind != access.Workload:
		t.line("%s may do what %s allow%s", p.Name, plural(len(permissions), "statement"), third(len(permissions)))
	case len(permissions) > 0:
	case p.Kind == access.Workload && len(p.As) == 0:
		t.line("%s acts as no role, so it may do nothing", p.Name)
	default:
		t.line("no policy of its own lets %s do anything", p.Name)
	}
	if p.Kind == access.Anonymous || p.Kind == access.Service || p.Kind == access.Account {
		t.line("what the policies of resources let it do is listed by fathom access outside")
	}
	var roles []string
	for i := range permissions {
		q := &permissions[i]
		if q.Via != nil && !slices.Contains(roles, q.Via.Role.Name) {
			roles = append(roles, q.Via.Role.Name)
			if len(roles) > 1 {
				t.line("")
			}
			t.identity("", p.Name, q.Via)
		}
		t.line("")
		t.permission(q)
	}
}

func third(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// permission writes what a statement lets do, then what bears on it.
func (t *text) permission(q *access.Permission) {
	what := granted(q)
	switch q.Truth {
	case estate.Yes:
		t.line("  %s", what)
	case estate.No:
		t.line("  nothing of %s", what)
	default:
		t.line("  perhaps %s", what)
	}
	for _, c := range q.Conditions {
		t.line("    when %s", c)
	}
	if where := statementPlace(q.Because); where != what {
		t.line("    by %s", where)
	}
	for _, l := range q.Limits {
		if l.Whole {
			t.line("    but %s", statementLine(l.Because))
		} else {
			t.line("    less %s", statementLine(l.Because))
		}
	}
	for _, d := range q.Doubts {
		t.line("    not known: %s", d)
	}
}

// granted is what a statement lets do, in full.
func granted(q *access.Permission) string {
	list := func(in, but []string) string {
		if len(but) > 0 {
			return "all but " + strings.Join(but, ", ")
		}
		return strings.Join(in, ", ")
	}
	actions, resources := list(q.Actions, q.NotActions), list(q.Resources, q.NotResources)
	switch {
	case actions == "":
		return q.Text
	case resources == "":
		return actions
	}
	return actions + " on " + resources
}
