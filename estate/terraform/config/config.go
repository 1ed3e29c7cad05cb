package config

import (
	"fathom/diag"
	"fathom/estate/tree"
)

// Config is one root module with everything it calls, evaluated.
type Config struct {
	// Root is the directory of the root module, or the plan or state file.
	Root string
	// Instances are the resources and data sources, in the order of their
	// addresses.
	Instances []Instance
	// Providers are the provider configurations of the root module.
	Providers []Provider
	// Gaps are the parts that could not be read or decided. What they would
	// have held is unknown.
	Gaps []Gap
	// Files are the files that were read, sorted.
	Files []string
	// Problems are what is wrong in those files.
	Problems diag.Problems
}

// Instance is one resource or data source after count and for_each.
type Instance struct {
	// Addr is the full address: module.db["eu"].aws_db_instance.this[0].
	Addr string
	// Module is the path of the module that declares it ("" for the root).
	Module string
	// Data says that it is a data source.
	Data       bool
	Type, Name string
	// Provider is the root module's provider configuration it uses: aws, or
	// aws.backup for an alias.
	Provider string
	// Pos is where the block begins, or the line of the object in a plan.
	Pos diag.Pos
	// Called is where the author's own files call the module that declares it
	// or what calls that, when terraform init downloaded it. Nowhere otherwise.
	Called diag.Pos
	// Args are the arguments and blocks. A block that may repeat is a List of
	// Maps, whether it is written once or many times.
	Args *tree.Node
	// Maybe says why it is not known whether (or how many times) the resource
	// exists; "" when it certainly does.
	Maybe string
}

// Provider is one provider configuration of the root module.
type Provider struct {
	// Name is aws, or aws.backup for an alias.
	Name string
	Pos  diag.Pos
	Args *tree.Node
}

// Gap is a part of the configuration that is unknown.
type Gap struct {
	// Addr is what is missing: module.vpc, or a resource whose count is
	// unknown.
	Addr string
	Pos  diag.Pos
	// Why says why, as a sentence without a full stop.
	Why string
	// Hides is true when resources of any type may be missing from Instances
	// because of it (a module that is not there), false when the gap is only a
	// value.
	Hides bool
}
