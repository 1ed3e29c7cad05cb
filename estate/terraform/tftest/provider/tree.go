package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fields returns a copy of the members of an object or a map; none if it is
// null or unknown.
func fields(v tftypes.Value) map[string]tftypes.Value {
	var m map[string]tftypes.Value
	if v.IsNull() || !v.IsKnown() || v.As(&m) != nil {
		return nil
	}
	return maps.Clone(m)
}

// elements returns a copy of the elements of a list or a set.
func elements(v tftypes.Value) []tftypes.Value {
	var l []tftypes.Value
	if v.IsNull() || !v.IsKnown() || v.As(&l) != nil {
		return nil
	}
	return slices.Clone(l)
}

// text returns a string, or a number or a bool as Terraform would print it.
func text(v tftypes.Value) (string, bool) {
	if v.IsNull() || !v.IsKnown() {
		return "", false
	}
	// As must not be tried on other types: its error prints the whole type.
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		var s string
		err := v.As(&s)
		return s, err == nil
	case t.Is(tftypes.Number):
		var n big.Float
		err := v.As(&n)
		return n.Text('f', -1), err == nil
	case t.Is(tftypes.Bool):
		var b bool
		err := v.As(&b)
		return strconv.FormatBool(b), err == nil
	}
	return "", false
}

func unknown(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) }

func null(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, nil) }

func str(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// zero is the empty value of a type, as the older SDK stores what is not set.
func zero(t tftypes.Type) tftypes.Value {
	switch t := t.(type) {
	case tftypes.List, tftypes.Set:
		return tftypes.NewValue(t, []tftypes.Value{})
	case tftypes.Map:
		return tftypes.NewValue(t, map[string]tftypes.Value{})
	case tftypes.Object:
		m := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			m[name] = zero(of)
		}
		return tftypes.NewValue(t, m)
	}
	switch {
	case t.Is(tftypes.String):
		return str("")
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, 0)
	case t.Is(tftypes.Bool):
		return tftypes.NewValue(t, false)
	}
	return null(t)
}

// parse reads a value of values.txt as a value of a type.
func parse(t tftypes.Type, s string) (tftypes.Value, error) {
	switch {
	case s == "":
		return zero(t), nil
	case t.Is(tftypes.String):
		return str(s), nil
	case t.Is(tftypes.Number):
		n, _, err := big.ParseFloat(s, 10, 512, big.ToNearestEven)
		if err != nil {
			return tftypes.Value{}, err
		}
		return tftypes.NewValue(t, n), nil
	}
	var x any
	if err := json.Unmarshal([]byte(s), &x); err != nil {
		return tftypes.Value{}, fmt.Errorf("%s: %w", s, err)
	}
	return fromJSON(t, x)
}

// fromJSON types a decoded JSON value. Members of an object that are not there
// are null.
func fromJSON(t tftypes.Type, x any) (tftypes.Value, error) {
	if x == nil {
		return null(t), nil
	}
	switch t := t.(type) {
	case tftypes.List:
		return sequence(t, t.ElementType, x)
	case tftypes.Set:
		return sequence(t, t.ElementType, x)
	case tftypes.Map:
		m, _ := x.(map[string]any)
		out := map[string]tftypes.Value{}
		for key, e := range m {
			v, err := fromJSON(t.ElementType, e)
			if err != nil {
				return v, err
			}
			out[key] = v
		}
		return tftypes.NewValue(t, out), nil
	case tftypes.Object:
		m, ok := x.(map[string]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("want an object, not %v", x)
		}
		out := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			v, err := fromJSON(of, m[name])
			if err != nil {
				return v, err
			}
			out[name] = v
		}
		return tftypes.NewValue(t, out), nil
	}
	if err := tftypes.ValidateValue(t, x); err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(t, x), nil
}

func sequence(t, of tftypes.Type, x any) (tftypes.Value, error) {
	l, ok := x.([]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("want a list, not %v", x)
	}
	out := []tftypes.Value{}
	for _, e := range l {
		v, err := fromJSON(of, e)
		if err != nil {
			return v, err
		}
		out = append(out, v)
	}
	return tftypes.NewValue(t, out), nil
}

// fingerprint prints the known leaves of a value, each with its path, in order.
func fingerprint(v tftypes.Value) string {
	var leaves []string
	_ = tftypes.Walk(v, func(p *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if s, ok := text(v); ok {
			leaves = append(leaves, p.String()+"="+s)
		}
		return true, nil
	})
	slices.Sort(leaves)
	return strings.Join(leaves, "\n")
}
