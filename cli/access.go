package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// accessCommand is the group of questions about who may do what.
func accessCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "access",
		Short: "Say who may do what on AWS, by which statement, and what a policy changes",
		Long: `Decides what AWS Identity and Access Management would decide, exactly and
offline, with the statements that made the decision.

docs/access.md describes each command, docs/iam.md the rules that are followed.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			text := fmt.Sprintf("access has no %q", args[0])
			if near := nearest(args[0], names); near != "" {
				text += fmt.Sprintf("; did you mean %q?", near)
			}
			return exit{exitMisuse, text + "; fathom access --help lists what it has"}
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(canCommand(env), whoCommand(env), whatCommand(env), outsideCommand(env), escalateCommand(env), unneededCommand(env), diffCommand(env), evalCommand(env))
	for _, sub := range c.Commands() {
		check := sub.Args
		sub.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return exit{exitMisuse, fmt.Sprintf("%v; usage: fathom access %s", err, c.Use)}
			}
			return nil
		}
	}
	return c
}
