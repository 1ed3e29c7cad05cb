package cli

import (
	"github.com/spf13/cobra"

	"fathom/platform"
)

func schemaCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a declaration, for editors",
		Long: `Prints the JSON Schema (draft 2020-12) of platform.yaml. Editors that know the
YAML language server complete and check by it, once it is saved beside the
declaration, whose first line names it:

  # yaml-language-server: $schema=platform.schema.json`,
		Example: `  fathom schema > platform.schema.json`,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Stdout.Write(platform.Schema())
			return err
		},
	}
}
