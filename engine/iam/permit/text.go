package permit

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
)

// CompareText reads two documents and compares them. File names old and new in
// the problems' positions ("id.old"), which are those of both documents.
//
// A placeholder such as <ACCOUNT ID> where an ARN has its account, as templates
// have it, is read as the only account that the other document names, or as a
// fixed one where there is none or several; the Summary says so.
func CompareText(id string, kind iam.Kind, old, new []byte, o Options) (Answer, diag.Problems) {
	oldText, newText, note := fillPlaceholders(string(old), string(new))
	a, ps := iam.Parse([]byte(oldText), id+".old", kind)
	b, more := iam.Parse([]byte(newText), id+".new", kind)
	answer := Compare(a, b, o)
	if note != "" {
		answer.Summary += note
	}
	return answer, slices.Concat(ps, more).Sorted()
}

// placeholder is a <…> in the place of an ARN's account, or one with the word
// account in it that stands alone.
var placeholder = regexp.MustCompile(`(arn:[a-z0-9*-]+:[a-z0-9*-]+:[a-z0-9*-]*:|")(<[^<>":]{1,64}>)(:|")`)

var accountInARN = regexp.MustCompile(`arn:[a-z0-9*-]+:[a-z0-9*-]+:[a-z0-9*-]*:([0-9]{12}):|"([0-9]{12})"`)

const standInAccount = "123456789012"

func fillPlaceholders(old, new string) (string, string, string) {
	var notes []string
	fill := func(text, other, name, otherName string) string {
		var written string
		replaced := func(account string) string {
			return placeholder.ReplaceAllStringFunc(text, func(s string) string {
				m := placeholder.FindStringSubmatch(s)
				if (m[1] == `"`) != (m[3] == `"`) || m[1] == `"` && !strings.Contains(strings.ToLower(m[2]), "account") {
					return s
				}
				written = m[2]
				return m[1] + account + m[3]
			})
		}
		if replaced(""); written == "" {
			return text
		}
		account, why := standInAccount, "a stand-in"
		if as := accountsIn(other); len(as) == 1 {
			account, why = as[0], "the account that "+otherName+" names"
		}
		notes = append(notes, written+" in "+name+" is read as "+account+", "+why)
		return replaced(account)
	}
	filledOld := fill(old, new, "old", "new")
	filledNew := fill(new, filledOld, "new", "old")
	if len(notes) == 0 {
		return old, new, ""
	}
	return filledOld, filledNew, " (" + strings.Join(notes, "; ") + ")"
}

// accountsIn are the accounts that a text names, each once.
func accountsIn(text string) []string {
	var out []string
	for _, m := range accountInARN.FindAllStringSubmatch(text, -1) {
		if a := m[1] + m[2]; !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
