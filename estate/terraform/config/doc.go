// Package config is what a Terraform directory, a plan or a state holds once
// it is evaluated: resource instances with their argument trees.
//
// Package eval makes it from HCL, package plan from the JSON that terraform
// show prints; package terraform turns it into typed resources. It does not
// know what any resource type means.
package config
