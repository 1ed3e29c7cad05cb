package webacl

// Subject is a request under evaluation, as a Probe sees it.
type Subject struct {
	request *Request
	program *Program
	verdict *Verdict
	memo    map[any]any
	// shadow says that the request was decided already, and that the rest is only
	// looked at: nothing is counted.
	shadow bool
}

// Request is the request. A Probe does not change it, and asks Body for the body.
func (s *Subject) Request() *Request { return s.request }

// Labels are the labels of earlier rules.
func (s *Subject) Labels() []string { return s.verdict.Labels }

// Memo makes a value once for a request, for all probes that ask by one key.
func (s *Subject) Memo(key any, make func() any) any {
	if v, ok := s.memo[key]; ok {
		return v
	}
	v := make()
	if s.memo == nil {
		s.memo = map[any]any{}
	}
	s.memo[key] = v
	return v
}

// Count counts the request for a threshold of a managed rule group. While the
// request is only looked at nothing is counted.
func (s *Subject) Count(rule RateRule, instance []byte) (Rate, error) {
	if s.shadow || s.program.options.Counter == nil {
		return Rate{}, errNoCounter
	}
	return s.program.options.Counter.Count(rule, instance, s.request.Time)
}
