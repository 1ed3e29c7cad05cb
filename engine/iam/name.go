package iam

import "strconv"

// names are those of the first documents of each place, made once: a decision
// has to name documents, and should not have to allocate for it.
var names = func() (out [places][16]string) {
	for in := range places {
		for i := range out[in] {
			out[in][i] = placeNames[in] + "[" + strconv.Itoa(i) + "]"
		}
	}
	return out
}()

var levelNames = func() (out [2][8][8]string) {
	for i, in := range []spot{inSCP, inRCP} {
		for j := range out[i] {
			for k := range out[i][j] {
				out[i][j][k] = placeNames[in] + "[" + strconv.Itoa(j) + "][" + strconv.Itoa(k) + "]"
			}
		}
	}
	return out
}()

var placeNames = [places]string{"identity", "boundary", "session", "resource", "endpoint", "scps", "rcps", "grants", "root"}

// policy names the document of a hit: "identity[0]", "scps[1][0]".
func (h *hit) policy() string {
	switch h.in {
	case inRoot:
		return "root"
	case inSCP, inRCP:
		t := &levelNames[h.in-inSCP]
		if h.above < len(t) && h.document < len(t[0]) {
			return t[h.above][h.document]
		}
		return placeNames[h.in] + "[" + strconv.Itoa(h.above) + "][" + strconv.Itoa(h.document) + "]"
	}
	if t := &names[h.in]; h.document < len(t) {
		return t[h.document]
	}
	return placeNames[h.in] + "[" + strconv.Itoa(h.document) + "]"
}
