package eval

import (
	"github.com/zclconf/go-cty/cty"
)

// What a configuration may cost. Hostile input must end in a problem, not in
// an exhausted machine; honest estates stay far below every one of these.
const (
	maxFileBytes     = 16 << 20  // one configuration file
	maxReadBytes     = 4 << 20   // one file read by file(), templatefile() and the like
	maxMarks         = 1_000_000 // words, signs and lines of one file
	maxTotalBytes    = 256 << 20 // all files together
	maxNesting       = 500       // brackets and templates within each other
	maxOperators     = 5000      // operators, indexes and attributes within one expression
	maxString        = 4 << 20   // bytes of one string
	maxValue         = 200_000   // elements of one value, strings weighing more
	maxInstances     = 10_000    // instances of one block
	maxAllInstances  = 200_000   // instances altogether
	maxModules       = 20_000    // module instances altogether
	maxModuleDepth   = 64        // modules within modules
	maxSteps         = 1_000_000
	maxAllSteps      = 5_000_000
	maxNodes         = 2_000_000 // elements of all trees together
	maxDepth         = 50_000    // expressions and references within each other
	maxNumberBits    = 4096      // magnitude of a number's exponent
	maxHoleRefs      = 64        // references that one unknown value keeps
	maxAdvice        = 200       // problems after which no more names are compared
	maxPerFileErrors = 20        // syntax errors told of one file
	maxProblems      = 1_000     // problems told of one file
)

// stringWeight is how many bytes of a string weigh as much as one element, and
// stringStep how many cost a step to put together.
const (
	stringWeight = 64
	stringStep   = 16
)

// work counts what evaluation costs. Each expression written in the
// configuration has an allowance of its own, so that one that explodes does not
// take the others with it, and all share a total.
type work struct {
	each  int // what one expression may take
	left  int
	total int
	depth int
}

// spend takes n steps and reports whether there were any left.
func (e *evaluator) spend(n int) bool {
	if n < 0 {
		n = maxAllSteps
	}
	e.work.left -= n
	e.work.total -= n
	return e.work.left >= 0 && e.work.total >= 0
}

const tooMuchWork = "the expression takes too much work to evaluate"

// weigh returns the weight of a value, or more than limit as soon as it is
// known to be over: shared parts count each time they appear, which is how a
// few lines of locals can stand for a billion elements.
func weigh(v cty.Value, limit int) int {
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() {
		return 1
	}
	ty := v.Type()
	if ty == cty.String {
		return 1 + len(v.AsString())/stringWeight
	}
	if !ty.IsCollectionType() && !ty.IsTupleType() && !ty.IsObjectType() {
		return 1
	}
	n := 1
	for it := v.ElementIterator(); it.Next(); {
		k, el := it.Element()
		if ty.IsMapType() || ty.IsObjectType() {
			n += len(k.AsString()) / stringWeight
		}
		n += weigh(el, limit-n)
		if n > limit {
			return n
		}
	}
	return n
}

// sane reports whether a number can be printed without filling the memory.
func sane(v cty.Value) bool {
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.Number {
		return true
	}
	f := v.AsBigFloat()
	if f.IsInf() {
		return false
	}
	exp := f.MantExp(nil)
	return exp <= maxNumberBits && exp >= -maxNumberBits
}

// checked passes a value on if it is within the limits, and charges for it.
func (e *evaluator) checked(v cty.Value, at *position) (cty.Value, *fault) {
	if !sane(v) {
		return v, at.fault("the number is too large")
	}
	if tooLong(v) {
		return v, at.fault("the string is longer than %d MiB", maxString>>20)
	}
	w := weigh(v, maxValue)
	if !e.spend(w / 8) {
		return v, at.fault(tooMuchWork)
	}
	if w > maxValue {
		return v, at.fault("the value is too large")
	}
	return v, nil
}

func tooLong(v cty.Value) bool {
	return v.Type() == cty.String && !v.IsMarked() && v.IsKnown() && !v.IsNull() && len(v.AsString()) > maxString
}
