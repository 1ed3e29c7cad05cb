// Package render turns what the layers declare into files: Terraform, Kubernetes
// manifests with their Kustomizations, and whatever else lies beside them. It
// prints, arranges, compares with what is on disk, and names what several layers
// refer to; it decides nothing about the defence.
//
//	files, err := render.Files(p, parts)
//	changes := render.Compare(files, onDisk)
//
// It touches no disk itself: what is there comes in as bytes and what is to be
// done goes out as values.
package render
