package kubernetes

import (
	"fmt"
	"path"
	"regexp"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"fathom/estate/tree"
)

// stage is the copy of a tree in memory on which kustomize works.
type stage struct {
	fs    filesys.FileSystem
	dirs  map[string]string // a directory's name in the copy, by its own
	files map[string]string
	own   map[string]string // the other way round
}

func newStage() *stage {
	return &stage{fs: filesys.MakeFsInMemory(), dirs: map[string]string{}, files: map[string]string{}, own: map[string]string{}}
}

// dir is the name a kustomization's directory has in the copy. Paths in the
// copy are relative and begin with "../", which nothing takes for a URL.
func (s *stage) dir(name string) string {
	d, ok := s.dirs[name]
	if !ok {
		d = fmt.Sprintf("/k%d", len(s.dirs))
		s.dirs[name], s.own[d] = d, name
	}
	return d
}

// put adds a file that has that content, under its own name and what it is
// used as, and returns its path from a kustomization.
func (s *stage) put(name, as string, content func() []byte) string {
	f, ok := s.files[as+":"+name]
	if !ok {
		f = fmt.Sprintf("/f%d%s", len(s.files), path.Ext(name))
		s.files[as+":"+name], s.own[f] = f, name
		s.write(f, content())
	}
	return ".." + f
}

// putDocument adds a document that has no file of its own.
func (s *stage) putDocument(name string, n *tree.Node) string {
	f := fmt.Sprintf("/f%d.yaml", len(s.files))
	s.files["document:"+f], s.own[f] = f, name
	s.write(f, toJSON(n))
	return ".." + f
}

// putKustomization adds a kustomization.
func (s *stage) putKustomization(dir string, n *tree.Node) {
	s.write(s.dir(dir)+"/kustomization.yaml", toJSON(n))
}

// write cannot fail: the names are ours and the files are in memory.
func (s *stage) write(name string, content []byte) {
	if err := s.fs.WriteFile(name, content); err != nil {
		panic("kubernetes: writing in memory: " + err.Error())
	}
}

var staged = regexp.MustCompile(`(\.\.)?/[kf]\d+(\.[a-zA-Z]+)?\b`)

// plain says what a message of kustomize says with the files' own names.
func (s *stage) plain(msg string) string {
	return staged.ReplaceAllStringFunc(msg, func(m string) string {
		if own, ok := s.own[m[len(m)-len(path.Base(m))-1:]]; ok {
			return own
		}
		return m
	})
}
