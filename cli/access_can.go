package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func canCommand(env *Env) *cobra.Command {
	var f accessFlags
	var expect string
	c := &cobra.Command{
		Use:   "can PRINCIPAL ACTION RESOURCE PATH...",
		Short: "Say whether somebody may do something, by which statements, and what is missing",
		Long: `Reads the paths as one estate and decides one request in it: yes, no or unknown,
with the statements that made the answer. Unknown means that the files do not
tell; what would decide it is listed.

` + principalHelp + "\n\n" + resourceHelp + `

A condition key that is not given with --context, and does not follow from the
principal or the resource, is absent from the request.

Exit code: 0 answered, 1 something could not be read or found, 2 misuse,
3 the answer is not that of --expect.`,
		Example: `  fathom access can svc/payments s3:GetObject 'store/invoices/*' terraform/ k8s/
  fathom access can role/ci iam:PassRole aws_iam_role.admin terraform/ --expect no
  fathom access can user/ann s3:GetObject arn:aws:s3:::shop/x . --context aws:SourceIp=192.0.2.1`,
		Args: cobra.MinimumNArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			return f.can(c.Context(), env, args[0], args[1], args[2], args[3:], expect)
		},
	}
	f.register(c)
	f.registerContext(c)
	c.Flags().StringVar(&expect, "expect", "", "yes or no: exit with 3 when the answer is another")
	return c
}

func (f *accessFlags) can(ctx context.Context, env *Env, who, action, resource string, paths []string, expect string) error {
	if expect != "" {
		if err := oneOf("expect", expect, "yes", "no"); err != nil {
			return err
		}
	}
	keys, err := f.question(action)
	if err != nil {
		return err
	}
	doc, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		resource, err := w.resource(resource)
		if err != nil {
			return nil, nil, err
		}
		a, err := w.Can(who, action, resource, keys)
		if err != nil {
			return nil, nil, err
		}
		if note := aboutObjects(a.Action, a.Resource); note != "" {
			a.Notes = append(a.Notes, note)
		}
		doc := &AccessJSON{Question: "can", Answers: []AccessAnswer{jsonAnswer(&a)}}
		return doc, func(t *text) { t.answer(&a) }, nil
	})
	if err != nil {
		return err
	}
	if got := doc.Answers[0].Answer; expect != "" && got != expect {
		return exit{exitFindings, fmt.Sprintf("the answer is %s, and --expect is %s", got, expect)}
	}
	return unreadError(unread)
}
