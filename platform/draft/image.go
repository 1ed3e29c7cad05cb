package draft

import (
	"regexp"
	"strings"
)

// host is the registry that an image is named with, or nothing.
func host(image string) string {
	first, _, slash := strings.Cut(image, "/")
	if slash && (strings.ContainsAny(first, ".:") || first == "localhost") {
		return first
	}
	return ""
}

// Names of repositories have segments of small letters and digits with single
// dots, dashes or underscores between them.
var (
	repositoryForm = regexp.MustCompile(`^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
	digestForm     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	trustForm      = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$`)
)

// repository is an image's name without registry, tag and digest; it is empty
// where it is no name.
func repository(image string) string {
	name, _, _ := strings.Cut(image, "@")
	name = strings.TrimPrefix(strings.TrimPrefix(name, host(image)), "/")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	if len(name) > 200 || !repositoryForm.MatchString(name) {
		return ""
	}
	return name
}

// tag is the tag of an image, or nothing.
func tag(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	return ""
}

// digest is the digest of an image, or nothing.
func digest(image string) string {
	if _, hash, ok := strings.Cut(image, "@"); ok && digestForm.MatchString(hash) {
		return hash
	}
	return ""
}
