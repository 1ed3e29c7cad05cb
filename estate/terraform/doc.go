// Package terraform turns an evaluated Terraform configuration, plan or state
// into typed resources.
//
// It does not read files: package eval evaluates HCL, and package plan reads
// the JSON that terraform show prints. What each resource type means to
// Fathom is declared by the tf tags of the estate's types; the table in
// types.go says which type is which.
package terraform
