package kubernetes

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

const (
	// maxWork bounds what one template does, maxChartWork what all of a chart
	// do, and maxChartsWork what all charts do, in loop rounds, calls and values
	// looked at.
	maxWork       = 1_000_000
	maxChartWork  = 10_000_000
	maxChartsWork = 10_000_000
	// minWork is what a template may do although the others have used all.
	minWork = 1_000
	// maxPrinted bounds the bytes that all functions and templates of a chart
	// make, and maxText those of one.
	maxPrinted = 256 << 20
	maxText    = 16 << 20
	// maxItems bounds a list that a function makes.
	maxItems = 1_000_000
)

var (
	errWork  = errors.New("it does too much work")
	errText  = errors.New("it prints too much")
	errItems = errors.New("a list has too many items")
	errLarge = errors.New("a value is too large, or contains itself")
)

// budget is what a template, and the templates of its chart together, may
// still do.
type budget struct{ left, all, printed int }

func newBudget(work int) budget { return budget{all: min(work, maxChartWork), printed: maxPrinted} }

// spent is how much of its work is done.
func (b *budget) spent(work int) int { return min(work, maxChartWork) - b.all - max(b.left, 0) }

// next begins another template.
func (b *budget) next() {
	b.all, b.left = b.all+b.left-min(maxWork, b.all+b.left), min(maxWork, b.all+b.left)
	b.left = max(b.left, minWork)
}

func (b *budget) work(n int) error {
	if b.left -= max(n, 1); b.left < 0 {
		return errWork
	}
	return nil
}

func (b *budget) print(n int) error {
	if b.printed -= n; b.printed < 0 || n > maxText {
		return errText
	}
	return nil
}

// measure walks a value, as whatever prints or copies it would, and returns
// the bytes of its strings.
func (b *budget) measure(v any) (int, error) {
	return b.walk(v, 0)
}

func (b *budget) walk(v any, depth int) (int, error) {
	if depth > maxDepth {
		return 0, errLarge
	}
	if err := b.work(1); err != nil {
		return 0, errLarge
	}
	total := 0
	add := func(v any) error {
		n, err := b.walk(v, depth+1)
		if total += n; err == nil && total > 4*maxText {
			err = errText
		}
		return err
	}
	switch v := v.(type) {
	case nil, bool, int, int64, float64:
		return 8, nil
	case string:
		return len(v), nil
	case map[string]any:
		for k, x := range v {
			total += len(k)
			if err := add(x); err != nil {
				return total, err
			}
		}
		return total, nil
	case []any:
		for _, x := range v {
			if err := add(x); err != nil {
				return total, err
			}
		}
		return total, nil
	}
	return b.other(reflect.ValueOf(v), add)
}

// other walks the maps and lists of other types; the rest is small.
func (b *budget) other(v reflect.Value, add func(any) error) (int, error) {
	total := 8
	switch v.Kind() {
	case reflect.String:
		return v.Len(), nil
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := add(it.Value().Interface()); err != nil {
				return total, err
			}
			total += 16
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len(), nil
		}
		for i := range v.Len() {
			if err := add(v.Index(i).Interface()); err != nil {
				return total, err
			}
			total += 16
		}
	}
	return total, nil
}

var errorType = reflect.TypeFor[error]()

// bounded is a function that keeps to the budget: it checks what goes in, with
// deep the whole of it, and what comes out.
func (b *budget) bounded(f any, deep bool) any {
	v := reflect.ValueOf(f)
	t := v.Type()
	var in, out []reflect.Type
	for i := range t.NumIn() {
		in = append(in, t.In(i))
	}
	out = append(out, t.Out(0), errorType)
	failed := func(err error) []reflect.Value {
		return []reflect.Value{reflect.Zero(t.Out(0)), reflect.ValueOf(&err).Elem()}
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, t.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		if err := b.arguments(args, deep); err != nil {
			return failed(err)
		}
		var res []reflect.Value
		if t.IsVariadic() {
			res = v.CallSlice(args)
		} else {
			res = v.Call(args)
		}
		if len(res) == 2 && !res[1].IsNil() {
			return res
		}
		if err := b.result(res[0]); err != nil {
			return failed(err)
		}
		return []reflect.Value{res[0], reflect.Zero(errorType)}
	}).Interface()
}

func (b *budget) arguments(args []reflect.Value, deep bool) error {
	if err := b.work(1); err != nil {
		return err
	}
	total := 0
	for _, a := range args {
		switch {
		case deep && a.CanInterface():
			n, err := b.measure(a.Interface())
			if err != nil {
				return err
			}
			total += n
		case a.Kind() == reflect.String:
			total += a.Len()
		case a.Kind() == reflect.Slice:
			if err := b.work(a.Len() / 8); err != nil {
				return err
			}
		}
	}
	if total > 4*maxText {
		return errText
	}
	return b.work(total / 256)
}

func (b *budget) result(v reflect.Value) error {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return b.print(v.Len())
	case reflect.Slice:
		if v.Len() > maxItems {
			return errItems
		}
		return b.work(v.Len() / 8)
	}
	return nil
}

// product fails when a result of that many bytes is too large.
func product(a, b int) error {
	if a > 0 && b > 4*maxText/a {
		return errText
	}
	return nil
}

func tooMany(n, limit int) error {
	if n > limit {
		return fmt.Errorf("%d is more than %d", n, limit)
	}
	return nil
}

// output is what a template has printed, and from where.
type output struct {
	b      []byte
	marks  []outputMark
	budget *budget
}

// outputMark says that the output from an offset on comes from a piece.
type outputMark struct{ offset, piece int }

// Write appends, within the budget.
func (o *output) Write(p []byte) (int, error) {
	if err := o.budget.print(len(p)); err != nil {
		return 0, err
	}
	if len(o.b)+len(p) > maxText {
		return 0, errText
	}
	o.b = append(o.b, p...)
	return len(p), nil
}

// String is all that was printed.
func (o *output) String() string { return string(o.b) }

// settled is the output without the "<no value>" that Go prints for what is
// not there, and Helm takes out.
func (o *output) settled() *output {
	const nothing = "<no value>"
	if !strings.Contains(string(o.b), nothing) {
		return o
	}
	out := &output{budget: o.budget}
	rest, at, mark := string(o.b), 0, 0
	for {
		i := strings.Index(rest, nothing)
		keep := len(rest)
		if i >= 0 {
			keep = i
		}
		for ; mark < len(o.marks) && (o.marks[mark].offset < at+keep || i < 0); mark++ {
			out.marks = append(out.marks, outputMark{len(out.b) + o.marks[mark].offset - at, o.marks[mark].piece})
		}
		out.b = append(out.b, rest[:keep]...)
		if i < 0 {
			return out
		}
		for ; mark < len(o.marks) && o.marks[mark].offset < at+keep+len(nothing); mark++ {
			out.marks = append(out.marks, outputMark{len(out.b), o.marks[mark].piece})
		}
		rest, at = rest[keep+len(nothing):], at+keep+len(nothing)
	}
}
