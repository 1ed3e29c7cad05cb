package identity

import (
	"fathom/render/terraform"
)

// referred is how long what a reference stands for is taken to be: an ARN with a
// long name.
const referred = 120

// jsonSize is about how many characters a policy has once AWS sees it, white
// space left out.
func jsonSize(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case terraform.Expr:
		return referred + 2
	case terraform.Template:
		return len(v) + 2 + referred
	case []string:
		n := 2
		for _, s := range v {
			n += jsonSize(s) + 1
		}
		return n
	case terraform.List:
		n := 2
		for _, s := range v {
			n += jsonSize(s) + 1
		}
		return n
	case terraform.Object:
		n := 2
		for _, f := range v {
			n += len(f.Key) + 4 + jsonSize(f.Value)
		}
		return n
	}
	return 5
}
