package kubernetes

import (
	"slices"
	"strings"

	"fathom/estate/tree"
)

// addObjects adds the objects that a document holds, those of a List one by
// one, and returns how many they are.
func (r *reader) addObjects(d document, root string, depth int) int {
	n := d.root
	apiVersion, kind := head(n)
	if kind == "" || apiVersion == "" || notObjects(apiVersion, kind) {
		return 0
	}
	items := n.Get("items")
	if !strings.HasSuffix(kind, "List") || items.Is() != tree.List {
		if n.At("metadata", "name").Missing() && n.At("metadata", "generateName").Missing() && !modelled(apiVersion, kind) {
			return 0 // the configuration of some tool
		}
		r.objects = append(r.objects, &object{doc: d, root: root})
		return 1
	}
	if depth > 10 {
		r.problems.Addf(n.Pos, "write the objects as documents of their own", "lists of objects nest more than 10 deep")
		return 1
	}
	for _, it := range items.Items {
		if it.Is() != tree.Map {
			r.problems.Addf(it.Pos, "write one object for each item", "an item of %s is not an object", kind)
			continue
		}
		if v, k := head(it); k == "" && v == "" && kind != "List" { // typed lists leave out what the list says
			it.Fields = append([]tree.Field{
				{Name: "apiVersion", Node: &tree.Node{Kind: tree.String, Text: apiVersion, Pos: n.Get("apiVersion").Pos}},
				{Name: "kind", Node: &tree.Node{Kind: tree.String, Text: strings.TrimSuffix(kind, "List"), Pos: n.Get("kind").Pos}},
			}, it.Fields...)
		}
		if r.addObjects(document{d.file, it}, root, depth+1) == 0 {
			r.problems.Addf(it.Pos, `give it "apiVersion", "kind" and a name`, "an item of %s is not an object", kind)
		}
	}
	return 1
}

// head is the apiVersion and kind of a document, or nothing.
func head(n *tree.Node) (apiVersion, kind string) {
	return text(n.Get("apiVersion")), text(n.Get("kind"))
}

// text is a string, or "".
func text(n *tree.Node) string {
	if n.Is() == tree.String {
		return n.Text
	}
	return ""
}

// groupOf is the group of an apiVersion; "" is the core group.
func groupOf(apiVersion string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// toolGroups are the groups of files that have an apiVersion and a kind and
// are the configuration of a tool, not objects of a cluster.
var toolGroups = []string{
	"audit.k8s.io", "apiserver.config.k8s.io", "apiserver.k8s.io", "backstage.io", "chainsaw.kyverno.io", "cli.kyverno.io",
	"client.authentication.k8s.io", "eksctl.io", "kind.x-k8s.io", "kpt.dev", "kubeadm.k8s.io", "kubelet.config.k8s.io",
	"kubeproxy.config.k8s.io", "kubescheduler.config.k8s.io", "kustomize.config.k8s.io", "skaffold", "builtin",
}

func notObjects(apiVersion, kind string) bool {
	group := groupOf(apiVersion)
	return slices.Contains(toolGroups, group) || group == "" && kind == "Config" || kind == "Kustomization" && group == ""
}
