// Package read reads a mixed tree of files into one estate: it finds the
// Terraform root modules, plans, states, Kustomizations, charts and manifests
// below the paths it is given, hands each to its reader, and joins what they
// give.
package read
