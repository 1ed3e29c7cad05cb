package kubernetes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// kustomize keeps the schema it is to use in a global variable.
var kustomizing sync.Mutex

// build adds the objects that a kustomization makes.
func (k *kustomizer) build(u *kustomization) {
	k.r.take(u.file, "kustomization")
	start := diag.At(u.file, 1, 1)
	if n := k.count(u); n > maxBuilt {
		k.r.problems.Addf(start, "use each base once", "the kustomization builds more than %d objects", maxBuilt)
		k.r.gap(u.dir, start, "the kustomization builds too many objects")
		return
	}
	if k.patching(u) > maxPatched {
		k.r.problems.Addf(start, "name the target of each patch", "the kustomization has more than %d patches times objects", maxPatched)
		k.r.gap(u.dir, start, "the kustomization patches too much; its manifests are read as they stand, without what it changes in them")
		k.readRaw(u, u.dir, map[*kustomization]bool{})
		return
	}
	built, err := k.run(u)
	if err != nil {
		k.r.problems.Addf(start, "mend it until kustomize build accepts it", "kustomize: %s", k.stage.plain(oneSentence(err)))
		k.r.gap(u.dir, start, "kustomize refuses it; its manifests are read as they stand, without what it changes in them")
		k.readRaw(u, u.dir, map[*kustomization]bool{})
		return
	}
	all := k.reachable(u, map[*kustomization]bool{}, nil)
	for _, res := range built.Resources() {
		n, ok := k.tree(u, res.YNode())
		if !ok {
			continue
		}
		k.place(n, u, all)
		k.r.objects = append(k.r.objects, &object{doc: document{u.file, n}, root: u.dir})
	}
}

// run lets kustomize build in the stage, without plugins.
func (k *kustomizer) run(u *kustomization) (built resmap.ResMap, err error) {
	kustomizing.Lock()
	defer kustomizing.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it gave up: %v", p)
		}
	}()
	opts := krusty.MakeDefaultOptions()
	opts.LoadRestrictions = types.LoadRestrictionsNone
	return krusty.MakeKustomizer(opts).Run(k.stage.fs, k.stage.dir(u.dir))
}

// echoes are what kustomize puts around an error for every directory that it
// came through.
var echoes = regexp.MustCompile(`accumulating (resources|components): |accumulation err='accumulating resources from '[^']*': [^']*('[^']*')?': |` +
	`recursed (accumulation|merging) (of|from) path '[^']*': |accumulation err='|accumulateDirectory: |'?: must build at directory: .*|"$|^"`)

// oneSentence is an error on one line, without the way it took.
func oneSentence(err error) string {
	msg := strings.Join(strings.Fields(err.Error()), " ")
	if short := echoes.ReplaceAllString(msg, ""); short != "" {
		msg = short
	}
	if len(msg) > 500 {
		msg = strings.ToValidUTF8(msg[:500], "") + " …"
	}
	return msg
}

// reachable are a kustomization and those it uses, itself last: the order in
// which their patches apply.
func (k *kustomizer) reachable(u *kustomization, seen map[*kustomization]bool, out []*kustomization) []*kustomization {
	if u == nil || seen[u] {
		return out
	}
	seen[u] = true
	for _, c := range u.children {
		out = k.reachable(k.known[c], seen, out)
	}
	return append(out, u)
}

// unknownPart is a gap that hides no object.
func unknownPart(of string, pos diag.Pos, why string) estate.Gap {
	return estate.Gap{Of: of, Pos: pos, Why: why}
}

// source finds the manifest that an object was built from by its mark, which
// it takes away. The bool says that it was generated.
func (k *kustomizer) source(n *tree.Node) (src *tree.Node, generated bool) {
	annotations := n.At("metadata", "annotations")
	if annotations.Is() != tree.Map {
		return nil, false
	}
	for i, f := range annotations.Fields {
		if f.Name != mark {
			continue
		}
		annotations.Fields = append(annotations.Fields[:i], annotations.Fields[i+1:]...)
		if id, err := strconv.Atoi(f.Node.Text); err == nil && id >= 0 && id < len(k.sources) {
			src = k.sources[id]
		}
		break
	}
	if meta := n.Get("metadata"); len(annotations.Fields) == 0 && src.At("metadata", "annotations") == nil {
		for i, f := range meta.Fields {
			if f.Name == "annotations" {
				meta.Fields = append(meta.Fields[:i], meta.Fields[i+1:]...)
				break
			}
		}
	}
	return src, src.Get("apiVersion") == nil
}
