// Package tftest runs the real terraform on a configuration, offline, for the
// tests of the readers: what Fathom reads from files can then be held to what
// Terraform itself makes of them.
//
//	plan := tftest.Terraform(t).Plan("testdata/vpc", "region=eu-west-1")
//
// It is for tests only. Terraform works on a copy of the directory, with the
// stand-in for the AWS provider that the folder provider holds, and with a
// state file of its own whatever backend the configuration names. Other
// providers are not to be had, nor are modules from a registry.
//
// A configuration that calls local modules above itself is named as Terraform
// names a folder in a package, "testdata/estate//envs/production": everything
// before the double slash is copied, terraform runs in what follows.
package tftest
