package draft

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// longestName is how long the names of a declaration may be, and longestPlatform
// the platform's own.
const (
	longestName     = 40
	longestPlatform = 20
)

// clean makes a name of a text: lower case letters, digits and dashes, a letter
// first, at most so many. It is empty where nothing of the text is left.
func clean(text string, most int) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		default:
			dash = true
		}
		if b.Len() > 4*most { // the rest only tells it from others, by its hash
			break
		}
	}
	name := b.String()
	if name != "" && name[0] <= '9' {
		name = "x" + name
	}
	if len(name) > most {
		sum := sha256.Sum256([]byte(text))
		name = strings.TrimRight(name[:most-7], "-") + "-" + hex.EncodeToString(sum[:3])
	}
	return name
}

// namer gives names that are not taken yet.
type namer map[string]bool

// give makes a name of a text, or of another where nothing is left of it.
func (n namer) give(text, other string) string {
	base := clean(text, longestName)
	if base == "" {
		base = other
	}
	name := base
	for i := 2; n[name]; i++ {
		tail := "-" + strconv.Itoa(i)
		name = strings.TrimRight(base[:min(len(base), longestName-len(tail))], "-") + tail
	}
	n[name] = true
	return name
}

// environments are the words for stages that names of resources have in them.
var environments = regexp.MustCompile(`^(production|prod|prd|live|staging|stage|stg|development|dev|test|qa|sandbox)$`)

// bare takes the platform's name, the stage, the account and the region off a
// resource's name: shopnow-production-orders is orders.
func bare(name, platform, account, region string) string {
	name = holes.ReplaceAllString(name, "")
	name = strings.ToLower(strings.Trim(name, "-_.$ "))
	for _, tail := range []string{account, region} {
		if tail != "" {
			name = strings.TrimRight(strings.TrimSuffix(name, tail), "-_.")
		}
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
	own := strings.FieldsFunc(platform, func(r rune) bool { return r == '-' })
	if len(words) > len(own) && strings.Join(words[:len(own)], "-") == platform {
		words = words[len(own):]
	}
	for len(words) > 1 && environments.MatchString(words[0]) {
		words = words[1:]
	}
	for len(words) > 1 && environments.MatchString(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, "-")
}

// holes are the parts of a text that are known only after apply.
var holes = regexp.MustCompile(`\$\{[^{}]*\}`)

// Values that parse and that nobody would take for real ones.
const (
	changeMe      = "change-me"
	noDigest      = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	noAccount     = "000000000000"
	groupChangeMe = "group/CHANGE-ME"
	otherChangeMe = "group/CHANGE-ME-TOO"
	mailChangeMe  = "CHANGE-ME@example.com"
	phoneChangeMe = "+10000000000"
)

// teamForm is what a team looks like in a declaration.
var teamForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@ -]{0,62}$`)
