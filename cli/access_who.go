package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/iam/access"
	"fathom/estate"
)

func whoCommand(env *Env) *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "who ACTION RESOURCE PATH...",
		Short: "List who may do something, those who surely may first",
		Long: `Reads the paths as one estate and lists everybody in it who can, or may, do an
action on a resource, and whether anybody on the internet can.

` + resourceHelp,
		Example: `  fathom access who s3:GetObject 'store/invoices/*' terraform/ k8s/
  fathom access who kms:Decrypt aws_kms_key.cards terraform/ --format json`,
		Args: cobra.MinimumNArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return f.who(c.Context(), env, args[0], args[1], args[2:])
		},
	}
	f.register(c)
	f.registerContext(c)
	return c
}

func (f *accessFlags) who(ctx context.Context, env *Env, action, resource string, paths []string) error {
	keys, err := f.question(action)
	if err != nil {
		return err
	}
	_, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		resource, err := w.resource(resource)
		if err != nil {
			return nil, nil, err
		}
		answers, err := w.Who(action, resource, keys)
		if err != nil {
			return nil, nil, err
		}
		arn, _, err := w.Resource(resource)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "who", Answers: []AccessAnswer{}}
		for i := range answers {
			doc.Answers = append(doc.Answers, jsonAnswer(&answers[i]))
		}
		return doc, func(t *text) {
			t.answers(answers, action+" on "+arn)
			if note := aboutObjects(action, arn); note != "" {
				t.line("")
				t.line("note: %s", note)
			}
		}, nil
	})
	if err != nil {
		return err
	}
	return unreadError(unread)
}

// answers writes who can and who may.
func (t *text) answers(answers []access.Answer, doing string) {
	surely := 0
	for i := range answers {
		if answers[i].Truth == estate.Yes {
			surely++
		}
	}
	switch maybe := len(answers) - surely; {
	case len(answers) == 0:
		t.line("nobody in the files can do %s", doing)
		return
	case maybe == 0:
		t.line("%d can do %s", surely, doing)
	default:
		t.line("%d can do %s; of %d more the files do not tell", surely, doing, maybe)
	}
	for _, g := range alike(answers) {
		t.line("")
		t.names(g)
		a := g[0]
		t.because(a.Because)
		for _, given := range a.Given {
			t.line("  when: %s", given)
		}
		for _, d := range a.Doubts {
			t.line("  not known: %s", d)
		}
	}
}

// alike puts answers together that have the same reasons, in the order of the
// first of each.
func alike(answers []access.Answer) [][]*access.Answer {
	var out [][]*access.Answer
	index := map[string]int{}
	for i := range answers {
		a := &answers[i]
		key := fmt.Sprint(a.Truth, a.Because, a.Given, a.Doubts)
		k, ok := index[key]
		if !ok {
			k = len(out)
			index[key] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], a)
	}
	return out
}

// names writes who the answers are about: a line for those who act for
// themselves, and one for each role that workloads act as.
func (t *text) names(answers []*access.Answer) {
	word := "can"
	if answers[0].Truth != estate.Yes {
		word = "may"
	}
	var roles []string
	byRole := map[string][]string{}
	for _, a := range answers {
		role := ""
		if a.Via != nil {
			role = a.Via.Role.Name
		}
		if byRole[role] == nil {
			roles = append(roles, role)
		}
		byRole[role] = append(byRole[role], a.Who.Name)
	}
	for _, role := range roles {
		as := ""
		if role != "" {
			as = " as " + role
		}
		t.line("%s %s%s", strings.Join(byRole[role], ", "), word, as)
	}
}
