package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// wafCommand is the group of questions about web ACLs.
func wafCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "waf",
		Short: "Try a web ACL of AWS WAF on requests, before it meets customers",
		Long: `Executes web ACLs of AWS WAF as AWS documents them, offline, and says of each
request which rule decides and what it matched.

An ACL is a file with a web ACL (the answer of aws wafv2 get-web-acl, the JSON of
the console, CloudFormation, rule_json, snake_case exports, CDK properties), or a
path with Terraform files or a plan, whose web ACLs are found; --acl says which.

docs/waf.md describes the inputs and outputs, and what AWS leaves open;
docs/managed.md what stands in for AWS's managed rules.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			text := fmt.Sprintf("waf has no %q", args[0])
			if near := nearest(args[0], names); near != "" {
				text += fmt.Sprintf("; did you mean %q?", near)
			}
			return exit{exitMisuse, text + "; fathom waf --help lists what it has"}
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(wafEvalCommand(env), wafDiffCommand(env), wafWCUCommand(env), wafLintCommand(env))
	for _, sub := range c.Commands() {
		check := sub.Args
		sub.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return exit{exitMisuse, fmt.Sprintf("%v; usage: fathom waf %s", err, c.Use)}
			}
			return nil
		}
	}
	return c
}
