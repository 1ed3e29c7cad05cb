// Command provider stands in for the AWS provider of Terraform, so that the
// real terraform can validate, plan and apply configurations without a network
// and without an account. Package tftest builds it and hands it to terraform.
//
// It is not an emulator of AWS: applying a resource only makes up what AWS would
// have answered (ids, ARNs, addresses), in the form AWS gives it and the same
// every time, so that references in a state file resolve as real ones do. It
// knows three things, each from a file:
//
//   - which arguments a type takes: testdata/schema.json.gz, made by trim.go;
//   - what becomes of arguments that nobody set: values.txt;
//   - how a policy document is printed: policy.go.
//
// The schema does not tell sets from lists; sets.go names the attributes that
// are sets in the real provider where it shows. Blocks are always lists.
package main
