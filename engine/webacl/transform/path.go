package transform

// normalizePath takes out repeated slashes, references of a directory to itself,
// and references back that have a directory before them to take out. At the start
// of a path that has no leading slash they stay; after a leading slash, where there
// is nothing to go back to, they go. A trailing slash stays. Backslashes are slashes
// where windows is set.
func normalizePath(dst, src []byte, windows bool) []byte {
	rooted := len(src) > 0 && isSlash(src[0], windows)
	if rooted {
		dst = append(dst, '/')
	}
	root := len(dst)  // where names begin
	fixed := len(dst) // where references back cannot go beyond
	for i := 0; i < len(src); {
		end := i
		for end < len(src) && !isSlash(src[end], windows) {
			end++
		}
		name := src[i:end]
		i = end + 1
		switch string(name) {
		case "", ".":
			continue
		case "..":
			if len(dst) > fixed {
				dst = dst[:parent(dst, root)]
				continue
			}
			if rooted {
				continue
			}
		}
		if len(dst) > root {
			dst = append(dst, '/')
		}
		dst = append(dst, name...)
		if string(name) == ".." {
			fixed = len(dst)
		}
	}
	if len(dst) > root && isSlash(src[len(src)-1], windows) {
		dst = append(dst, '/')
	}
	return dst
}

// parent is the length of the path without its last name and the slash before it.
func parent(path []byte, root int) int {
	n := len(path)
	for n > root && path[n-1] != '/' {
		n--
	}
	if n > root {
		n--
	}
	return n
}

func isSlash(c byte, windows bool) bool { return c == '/' || windows && c == '\\' }
