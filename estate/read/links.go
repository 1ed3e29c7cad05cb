package read

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// visit is a directory that was walked, a link to one, or a path given.
type visit struct {
	name string
	info fs.FileInfo
}

// sameFiler is what a file system can do that tells whether two names are one
// file, as os.SameFile does.
type sameFiler interface {
	SameFile(a, b fs.FileInfo) bool
}

// among finds a file by identity, or by name where the file system cannot tell.
func (f *found) among(vs []visit, v visit) int {
	same, ok := f.fsys.(sameFiler)
	return slices.IndexFunc(vs, func(w visit) bool {
		return v.name == w.name || ok && same.SameFile(v.info, w.info)
	})
}

// start takes a path that was given. One that lies in another is read once,
// however it is spelt.
func (f *found) start(v visit) {
	if !v.info.IsDir() {
		if in, err := fs.Stat(f.fsys, path.Dir(v.name)); err == nil {
			if i := f.among(f.visited, visit{path.Dir(v.name), in}); i >= 0 {
				f.again(v.name, path.Join(f.visited[i].name, path.Base(v.name)))
				return
			}
		}
		f.one(v.name, v.info)
		return
	}
	if i := f.among(f.visited, v); i >= 0 {
		f.again(v.name, f.visited[i].name)
		return
	}
	f.tops = append(f.tops, v)
	f.walk(v.name)
}

// again notes a name of something that is read under another one.
func (f *found) again(name, as string) {
	if name != as {
		f.skip(name, "it is read as "+as)
	}
}

// enter says whether a directory is to be walked: not when it is one of the
// paths given, which may be spelt otherwise and were walked as such.
func (f *found) enter(dir string) bool {
	info, err := fs.Stat(f.fsys, dir)
	if err != nil {
		return true // reading it says what is wrong
	}
	v := visit{dir, info}
	if i := f.among(f.tops, v); i >= 0 && f.tops[i].name != dir {
		f.again(dir, f.tops[i].name)
		return false
	}
	f.visited = append(f.visited, v)
	return true
}

// follow walks the directories that links lead to and that were not walked
// yet. A link to a directory above it is a loop.
func (f *found) follow() {
	_, ok := f.fsys.(sameFiler)
	for len(f.links) > 0 {
		link := f.links[0]
		f.links = f.links[1:]
		if !ok {
			f.skip(link.name, "a link to a directory")
			continue
		}
		i := f.among(f.visited, link)
		switch {
		case i < 0:
			f.walk(link.name)
		case strings.HasPrefix(link.name, f.visited[i].name+"/") || f.visited[i].name == ".":
			f.problems.Addf(diag.At(link.name, 1, 1), "remove the link", "the link leads back to %q, which holds it: a loop", f.visited[i].name)
		default:
			f.skip(link.name, "a link to "+f.visited[i].name+", which is read")
		}
	}
}

// left are the files that were found and that nothing has read, each once.
func (f *found) left(files []estate.File) []estate.File {
	taken := map[string]bool{}
	for _, file := range files {
		taken[file.Path] = true
	}
	var out []estate.File
	for _, file := range slices.Concat(f.skipped, f.unless) {
		if !taken[file.Path] {
			taken[file.Path] = true
			out = append(out, file)
		}
	}
	return out
}
