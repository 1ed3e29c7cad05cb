package tree

import (
	"testing"

	"fathom/diag"
)

func sample() *Node {
	image := &Node{Kind: String, Text: "shop/orders:1", Pos: diag.At("d.yaml", 9, 12)}
	container := &Node{Kind: Map, Pos: diag.At("d.yaml", 8, 9), Fields: []Field{{"image", image}}}
	containers := &Node{Kind: List, Pos: diag.At("d.yaml", 7, 7), Items: []*Node{container}}
	return &Node{Kind: Map, Pos: diag.At("d.yaml", 1, 1), Fields: []Field{{"containers", containers}}}
}

func TestAtStepsIntoASingleBlock(t *testing.T) {
	n := sample()
	if got := n.At("containers", "0", "image"); got.Is() != String || got.Text != "shop/orders:1" {
		t.Errorf("by index: %v", got)
	}
	if got := n.At("containers", "image"); got.Is() != String {
		t.Errorf("without index: %v", got)
	}
	for _, path := range [][]string{{"containers", "1"}, {"containers", "-1"}, {"nothing", "here"}, {"containers", "0", "image", "x"}} {
		if got := n.At(path...); got != nil {
			t.Errorf("%v gives %v, want nothing", path, got)
		}
	}
}

func TestNearestPointsAboveWhatIsMissing(t *testing.T) {
	n := sample()
	if got := n.Nearest("containers", "0", "securityContext", "privileged"); got != diag.At("d.yaml", 8, 9) {
		t.Errorf("got %v", got)
	}
}

func TestANilNodeIsAbsent(t *testing.T) {
	var n *Node
	if n.Is() != Absent || !n.Missing() || n.Get("x") != nil || n.At("x", "0") != nil || n.Hole() != "" {
		t.Error("a nil node has to behave as absent")
	}
	if _, ok := n.Literal(); ok {
		t.Error("a nil node has no literal")
	}
}

func TestAReferenceIsNoLiteral(t *testing.T) {
	n := &Node{Kind: String, Text: "${aws_s3_bucket.a.arn}/*", Refs: []Ref{{"aws_s3_bucket.a", "arn"}}}
	if _, ok := n.Literal(); ok {
		t.Error("the value of a computed attribute is not known")
	}
	outer := &Node{Kind: List, Items: []*Node{n, n}}
	if got := outer.AllRefs(); len(got) != 1 || got[0].String() != "aws_s3_bucket.a.arn" {
		t.Errorf("AllRefs gives %v", got)
	}
}
