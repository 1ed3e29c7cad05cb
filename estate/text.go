package estate

import (
	"regexp"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// keyed matches an attribute of a resource with a key: ${aws_s3_bucket.shop["assets"].arn}.
var keyed = regexp.MustCompile(`\$\{[^{}"\\]*\["[^"\\]*"\][^{}]*\}`)

// JSON makes the text of a JSON document one that can be parsed: attributes of
// other resources stand in it as ${…}, and the quotes of a key in them are not
// escaped.
func JSON(text string) []byte {
	if !strings.Contains(text, `["`) || !strings.Contains(text, "${") {
		return []byte(text)
	}
	return []byte(keyed.ReplaceAllStringFunc(text, func(ref string) string {
		return strings.ReplaceAll(ref, `"`, `\"`)
	}))
}
