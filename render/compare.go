package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
)

// ManifestPath is where a rendered tree keeps the list of what was written, so
// that a later render removes what it no longer renders, and only that.
const ManifestPath = ".fathom-rendered.json"

// Manifest is what a render wrote: the hash of each file by its path.
type Manifest struct {
	Schema string            `json:"schema"`
	Files  map[string]string `json:"files"`
}

const manifestSchema = "fathom.render/v1"

// ManifestOf lists the files.
func ManifestOf(files []File) Manifest {
	m := Manifest{Schema: manifestSchema, Files: map[string]string{}}
	for _, f := range files {
		m.Files[f.Path] = hash(f.Content)
	}
	return m
}

// Clone is a copy that can be changed.
func (m Manifest) Clone() Manifest {
	return Manifest{Schema: manifestSchema, Files: maps.Clone(m.Files)}
}

// Copy takes over what another manifest says of a path: its hash, or that nothing
// was written there.
func (m *Manifest) Copy(from Manifest, path string) {
	if h, ok := from.Files[path]; ok {
		if m.Files == nil {
			m.Files = map[string]string{}
		}
		m.Files[path] = h
	} else {
		delete(m.Files, path)
	}
}

// JSON is the manifest as it is written.
func (m Manifest) JSON() []byte {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // strings always marshal
	}
	return append(text, '\n')
}

// ParseManifest reads a manifest. It refuses paths that lead out of the tree, as
// what it names may be removed.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("not a manifest: %w", err)
	}
	if m.Schema != manifestSchema {
		return Manifest{}, fmt.Errorf("its schema is %q and not %q", m.Schema, manifestSchema)
	}
	for p := range m.Files {
		if !Local(p) {
			return Manifest{}, fmt.Errorf("it names %q, which is not a file below the folder", p)
		}
	}
	return m, nil
}

// Local says whether a path with slashes stays in the tree, whatever system it
// is written on.
func Local(p string) bool {
	return p != "" && p != "." && path.Clean(p) == p && !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../") &&
		!strings.ContainsAny(p, "\\:\x00")
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Kind is what a change does to a file.
type Kind uint8

// The kinds of change.
const (
	// Keep leaves a file that is as it would be rendered.
	Keep Kind = iota
	// Add writes a file that is not there.
	Add
	// Update replaces a file that is as the last render left it.
	Update
	// Remove takes away a file that the last render wrote and this one does not.
	Remove
	// Overwrite replaces a file that somebody wrote or edited.
	Overwrite
	// Discard takes away a file that the last render wrote and somebody edited.
	Discard
)

func (k Kind) String() string {
	return [...]string{"keep", "add", "update", "remove", "overwrite", "discard"}[k]
}

// ByHand says whether the change would lose what a person wrote.
func (k Kind) ByHand() bool { return k == Overwrite || k == Discard }

// Change is what becomes of one file.
type Change struct {
	Path string
	Kind Kind
	// Old is what is on disk, New what is rendered; nil where there is none.
	Old, New []byte
}

// Compare says what a render would do to a tree, sorted by path: read gives what
// lies there under a path, and whether anything does.
func Compare(files []File, last Manifest, read func(path string) ([]byte, bool)) []Change {
	out := make([]Change, 0, len(files))
	rendered := map[string]bool{}
	for _, f := range files {
		rendered[f.Path] = true
		old, there := read(f.Path)
		c := Change{Path: f.Path, New: f.Content, Old: old}
		switch {
		case !there:
			c.Kind = Add
		case bytes.Equal(old, f.Content):
			c.Kind = Keep
		case last.Files[f.Path] == hash(old):
			c.Kind = Update
		default:
			c.Kind = Overwrite
		}
		out = append(out, c)
	}
	gone := make([]string, 0, len(last.Files))
	for p := range last.Files {
		if !rendered[p] {
			gone = append(gone, p)
		}
	}
	slices.Sort(gone)
	for _, p := range gone {
		old, there := read(p)
		switch {
		case !there:
		case last.Files[p] == hash(old):
			out = append(out, Change{Path: p, Kind: Remove, Old: old})
		default:
			out = append(out, Change{Path: p, Kind: Discard, Old: old})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}
