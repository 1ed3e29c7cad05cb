package eval

// Work is what configurations that are read one after the other may still
// cost. Many that each explode a little are as hostile as one.
type Work struct{ left int }

// NewWork is the allowance of one estate.
func NewWork() *Work { return &Work{2 * maxAllSteps} }

// share limits the evaluation to what is left of w. What it returns is to be
// called when the evaluation ends.
func (e *evaluator) share(w *Work) (end func()) {
	if w == nil {
		return func() {}
	}
	e.work.total = min(e.work.total, w.left)
	before := e.work.total
	return func() { w.left = max(0, w.left-(before-e.work.total)) }
}
