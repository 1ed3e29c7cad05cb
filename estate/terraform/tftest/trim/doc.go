// Command trim keeps of the schema of the whole AWS provider the types that an
// estate of Fathom's tests may hold, so that the provider beside it starts
// quickly:
//
//	go run ./estate/terraform/tftest/trim -in aws-provider-6.25.0.json.gz \
//		-out estate/terraform/tftest/provider/testdata/schema.json.gz
//
// Input and output have the same form, described in the package provider. The
// output depends on nothing but the input.
package main
