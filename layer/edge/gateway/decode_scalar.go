package gateway

import (
	"reflect"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var durationType = reflect.TypeFor[time.Duration]()

func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	s, ok := scalarText(n)
	if !ok {
		d.wrong(n, path, "a single value")
		return
	}
	switch {
	case v.Type() == durationType:
		t, err := time.ParseDuration(s)
		if err != nil || t < 0 {
			d.wrong(n, path, "a duration such as 30s, 5m or 24h")
			return
		}
		v.SetInt(int64(t))
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Bool:
		if s != "true" && s != "false" {
			d.wrong(n, path, "true or false")
			return
		}
		v.SetBool(s == "true")
	case v.CanInt():
		i, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			d.wrong(n, path, "a whole number")
			return
		}
		v.SetInt(i)
	case v.CanUint():
		i, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil {
			d.wrong(n, path, "a whole number that is not negative")
			return
		}
		v.SetUint(i)
	case v.CanFloat():
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f != f {
			d.wrong(n, path, "a number")
			return
		}
		v.SetFloat(f)
	default:
		d.problems.Addf(d.pos(n), "", "%s cannot be set in a file", subject(path))
	}
}

// scalarText is a single value as it is written, without quotes.
func scalarText(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.StringNode:
		return t.Value, true
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}
