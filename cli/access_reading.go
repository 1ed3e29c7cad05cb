package cli

import (
	"fmt"
	"reflect"
	"strings"

	"fathom/engine/iam"
)

// readings turns the names of --reading into the engine's options. The names
// are those of its fields, as docs/iam.md has them; case does not matter.
func readings(names []string) (iam.Options, error) {
	var o iam.Options
	v := reflect.ValueOf(&o).Elem()
	for _, name := range names {
		var known []string
		found := false
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			if v.Field(i).Kind() != reflect.Bool {
				continue
			}
			known = append(known, field)
			if strings.EqualFold(field, name) {
				v.Field(i).SetBool(true)
				found = true
			}
		}
		if !found {
			return o, exit{exitMisuse, fmt.Sprintf("there is no reading %q; it is one of %s", name, strings.Join(known, ", "))}
		}
	}
	return o, nil
}
