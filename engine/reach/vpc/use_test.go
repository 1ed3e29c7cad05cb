package vpc

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
)

// Questions change nothing: several may be asked at once, and pods made.
func TestItMayBeUsedAtOnce(t *testing.T) {
	n := New(shopnow(t))
	nodes := at(t, n, `module.eks.aws_eks_node_group.this["general"]`)
	db := at(t, n, `module.database["orders"].aws_rds_cluster.this`)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			pods := n.WithGroups(nodes, []estate.Ref[*estate.SecurityGroup]{estate.RefTo[*estate.SecurityGroup]("sg-0123456789abcdef0", diag.Pos{})}, "")
			if yes, may := n.Conns(At(pods), At(db)); !yes.Empty() || !may.Has(tcp(3306)) {
				t.Errorf("pods with a group that is not in the files: %s, perhaps %s", yes, may)
			}
			if yes, _ := n.Conns(At(nodes), At(db)); !yes.Has(tcp(3306)) {
				t.Errorf("nodes: %s", yes)
			}
			n.Ways(internet, At(db), tcp(3306))
		})
	}
	wg.Wait()
}

// Where a part of the files could not be read, nobody knows which table and
// which ACL a subnet has that names none.
func TestWhatIsNotReadMayHoldAnAssociation(t *testing.T) {
	text := ground + openDB + "resource \"aws_eip\" \"db\" {\n instance = aws_instance.db.id\n}\nmodule \"routes\" {\n source = \"./nowhere\"\n}\n"
	e, _ := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(text), Mode: 0o644}}, []string{"."}, read.Options{})
	if e.MayHideAWS() == "" {
		t.Fatal("the module hides nothing")
	}
	n := New(e)
	ways := n.Ways(internet, At(at(t, n, dbi)), tcp(22))
	if best(ways) != estate.Maybe || !strings.Contains(story(ways), "no route table is associated with subnet \"private\" in what was read") {
		t.Errorf("got %s\n%s", word3(best(ways)), story(ways))
	}
}
