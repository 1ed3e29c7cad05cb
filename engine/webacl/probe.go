package webacl

// Truth is the answer to a condition. The zero Truth is No.
type Truth uint8

// The answers.
const (
	No Truth = iota
	Unknown
	Yes
)

func (t Truth) not() Truth { return Yes - t }

// Answer is what a Probe answers.
type Answer struct {
	Truth Truth
	// Why is the reason of Unknown.
	Why     string
	Details []Detail
	// Labels are whole labels that this answer adds besides the rule's own.
	Labels []string
}

// Counter counts the requests of rate-based rules. Gateways may share one.
type Counter interface {
	// Count counts one request of an instance at a time (nanoseconds since 1970)
	// and says how many were counted in the window, this one among them, and
	// whether the instance is over the limit. Requests that are limited count.
	Count(rule RateRule, instance []byte, at int64) (Rate, error)
}

// RateRule is a rate-based rule for a Counter. ID is unique for each use of a
// rule: AWS counts each web ACL, and each use of a group, by itself.
type RateRule struct {
	ID            string
	Limit, Window int64 // requests; seconds
}

// Rate is what a Counter answers.
type Rate struct {
	Seen    int64
	Limited bool
}
