package eval

import (
	"math"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// The costs below are upper bounds of what a function would make, in elements
// or in string bytes by stringWeight. Arguments may be of any type: cty checks
// them later.

func textOf(args []cty.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	v, _ := args[i].Unmark()
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

func countOf(args []cty.Value, i int) int {
	if i >= len(args) {
		return 0
	}
	v, _ := args[i].Unmark()
	if v.IsNull() || !v.IsKnown() || !iterable(v) {
		return 0
	}
	return v.LengthInt()
}

func product(ns ...int) int {
	p := 1.0
	for _, n := range ns {
		p *= float64(n)
	}
	return int(min(p, math.MaxInt32))
}

func parseintCost(args []cty.Value) int {
	if len(textOf(args, 0)) > 1000 {
		return -1
	}
	return 1
}

// formatCost refuses widths and precisions that pad beyond reason, and those
// that come from arguments.
func formatCost(args []cty.Value) int {
	f := textOf(args, 0)
	verbs, digits := 0, 0
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		verbs++
		digits = 0
		for i++; i < len(f) && strings.IndexByte("0123456789.#+- *[]", f[i]) >= 0; i++ {
			if f[i] == '*' {
				return -1
			}
			if f[i] >= '0' && f[i] <= '9' {
				digits++
			} else {
				digits = 0
			}
			if digits > 4 {
				return -1
			}
		}
	}
	n, bytes := 1, len(f)+verbs*1000
	for i := range args[1:] {
		n = max(n, countOf(args, i+1))
		bytes += weigh(args[i+1], maxValue) * stringWeight
	}
	if n == 1 {
		return bytes / stringWeight
	}
	return product(n, 1+len(f)/stringWeight) + bytes/stringWeight
}

func indentCost(args []cty.Value) int {
	n := 0.0
	if len(args) > 0 {
		if v, _ := args[0].Unmark(); v.IsKnown() && !v.IsNull() && v.Type() == cty.Number {
			n, _ = v.AsBigFloat().Float64()
		}
	}
	if n > 10_000 {
		return -1
	}
	return product(1+strings.Count(textOf(args, 1), "\n"), int(max(n, 0))) / stringWeight
}

func joinCost(args []cty.Value) int {
	n := 0
	for i := range args {
		n += countOf(args, i)
	}
	return product(n, len(textOf(args, 0))) / stringWeight
}

func regexCost(args []cty.Value) int {
	if len(textOf(args, 0)) > maxPattern {
		return -1
	}
	return len(textOf(args, 1)) / 8
}

func replaceCost(args []cty.Value) int {
	s, old, with := textOf(args, 0), textOf(args, 1), textOf(args, 2)
	n := len(s) + 1
	if len(old) < 2 || old[0] != '/' || old[len(old)-1] != '/' {
		n = strings.Count(s, old)
	} else if strings.ContainsRune(with, '$') {
		return product(n, len(with)+len(s)) / stringWeight
	}
	return product(n, len(with)) / stringWeight
}

func squareCost(args []cty.Value) int {
	n := countOf(args, 0)
	return product(n, n) / 64
}

func productCost(args []cty.Value) int {
	ns := []int{len(args)}
	for i := range args {
		ns = append(ns, countOf(args, i))
	}
	return product(ns...)
}

func cellsCost(args []cty.Value) int {
	s := textOf(args, 0)
	if _, ok := shallowJSON("", []byte(s)); !ok {
		return -1
	}
	return strings.Count(s, ",") + strings.Count(s, "\n") + strings.Count(s, "{") + strings.Count(s, "[")
}
