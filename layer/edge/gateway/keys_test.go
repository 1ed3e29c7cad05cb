package gateway_test

import (
	"reflect"
	"regexp"
	"testing"

	"fathom/layer/edge/gateway"
)

// All keys are written alike: halfLife, noHTTP2.
func TestKeysAreCamelCase(t *testing.T) {
	camel := regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	n := 0
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(of.Elem())
		case reflect.Struct:
			for i := range of.NumField() {
				f := of.Field(i)
				key := f.Tag.Get("yaml")
				if key != "" {
					n++
					if !camel.MatchString(key) {
						t.Errorf("%s.%s has the key %q", of, f.Name, key)
					}
				}
				if f.Anonymous || key != "" {
					look(f.Type)
				}
			}
		}
	}
	look(reflect.TypeFor[gateway.Config]())
	if n < 100 {
		t.Errorf("only %d keys were seen", n)
	}
}
