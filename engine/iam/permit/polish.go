package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// polish makes a witness easier to read, as far as it stays one: the action as
// AWS writes it, and a resource that the action may be done on.
func (q *question) polish(r *iam.Request) {
	if w, ok := q.written[r.Action]; ok {
		r.Action = w
	}
	if q.kind == iam.Trust || q.within != nil && len(q.within.Resources) > 0 || q.asked["aws:resourceaccount"] {
		return
	}
	service, _, _ := strings.Cut(strings.ToLower(r.Action), ":")
	if seg := strings.SplitN(r.Resource, ":", 4); len(seg) < 3 || seg[2] != service {
		for _, arn := range append(slices.Clone(typical[service]), "arn:aws:"+service+":eu-west-1:111111111111:example") {
			arn = strings.ReplaceAll(arn, "111111111111", q.owner)
			if noRegion[service] {
				arn = strings.ReplaceAll(arn, ":eu-west-1:", "::")
			}
			if q.try(r, func(r *iam.Request) { r.Resource = arn }) {
				break
			}
		}
	}
	// The resource of a resource policy is somebody else's, so that the caller's
	// own policies alone would not do.
	if q.kind == iam.Resource && account(r.Resource) == "" {
		for _, owner := range append([]string{q.owner}, q.accounts...) {
			if owner != r.Principal.Account && q.try(r, func(r *iam.Request) { r.ResourceAccount = owner }) {
				break
			}
		}
	}
}

// try changes a witness if it stays one.
func (q *question) try(r *iam.Request, change func(*iam.Request)) bool {
	changed := *r
	change(&changed)
	if !q.replays(&changed) {
		return false
	}
	*r = changed
	return true
}
