package transform

// Scratch is memory for chains of transformations, used again from one to the
// next. The zero Scratch is ready. It is for one goroutine at a time.
type Scratch struct{ a, b []byte }

// Apply is src after the transformations, in their order. The result is src itself
// where none of them changes it, and otherwise memory of s that the next call uses
// again; it must not be changed. src must not be a result of the same s.
func (s *Scratch) Apply(kinds []Kind, src []byte) []byte {
	for _, k := range kinds {
		if !k.Changes(src) {
			continue
		}
		s.a = k.Append(s.a[:0], src)
		src = s.a
		s.a, s.b = s.b, s.a
	}
	return src
}
