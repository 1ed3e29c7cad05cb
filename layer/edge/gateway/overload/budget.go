package overload

import "sync/atomic"

// Budget keeps retries to a share of the requests that succeed, so that an
// origin in trouble is not asked twice by everybody. A nil Budget allows none.
type Budget struct {
	each, most int64 // in thousandths of a retry
	left       atomic.Int64
}

// NewBudget makes a Budget that begins with its burst saved up.
func NewBudget(c BudgetConfig) *Budget {
	c = c.withDefaults()
	b := &Budget{each: int64(c.Share * 1000), most: int64(c.Burst) * 1000}
	b.left.Store(b.most)
	return b
}

// Success pays for a share of a retry.
func (b *Budget) Success() {
	if b == nil {
		return
	}
	for {
		have := b.left.Load()
		if have >= b.most {
			return
		}
		if b.left.CompareAndSwap(have, min(have+b.each, b.most)) {
			return
		}
	}
}

// Spend asks to retry one request. That the request may be repeated at all is
// for the caller to know.
func (b *Budget) Spend() bool {
	if b == nil {
		return false
	}
	for {
		have := b.left.Load()
		if have < 1000 {
			return false
		}
		if b.left.CompareAndSwap(have, have-1000) {
			return true
		}
	}
}
