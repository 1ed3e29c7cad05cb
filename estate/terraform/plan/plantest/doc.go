// Package plantest writes Terraform plans of any size, for benchmarks: what
// terraform show -json would print for an estate of many small shops, in one
// line, with planned_values, resource_changes and configuration.
//
//	err := plantest.Write(file, 100000) // about 150 MB
//
// The resources are a fiction; no plan here was ever made by Terraform. The
// same number gives the same bytes.
package plantest
