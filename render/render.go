package render

import (
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// Resource is one thing that is rendered: a *terraform.Block, a
// *kubernetes.Object or a *Text.
type Resource interface {
	// Address tells it from all others of the platform.
	Address() string
}

// Text is a file that is neither: code for a function at the edge, a workflow,
// rules for a detector.
type Text struct {
	// Path in the rendered tree, with slashes.
	Path string
	// Content is the whole file, comments of its own language included.
	Content string
}

// Address is the path.
func (t *Text) Address() string { return t.Path }

// Part is what one layer renders.
type Part struct {
	Layer     string
	Resources []Resource
}

var (
	_ Resource = (*terraform.Block)(nil)
	_ Resource = (*kubernetes.Object)(nil)
	_ Resource = (*Text)(nil)
)
