package eval

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// indexText writes an index the way addresses have it.
func indexText(k cty.Value) string {
	if k.IsNull() || !k.IsKnown() || k.IsMarked() || !sane(k) {
		return "[?]"
	}
	switch k.Type() {
	case cty.Number:
		return "[" + numberText(k) + "]"
	case cty.String:
		return "[" + quoteKey(k.AsString()) + "]"
	}
	return "[?]"
}

// numberText writes a number in decimal; whole ones, which most are, the short
// way.
func numberText(v cty.Value) string {
	f := v.AsBigFloat()
	if i, acc := f.Int64(); acc == big.Exact {
		return strconv.FormatInt(i, 10)
	}
	return f.Text('f', -1)
}

// stringOf is convert.Convert to a string, which takes long for a number.
func stringOf(v cty.Value) (cty.Value, error) {
	if v.Type() == cty.Number && !v.IsMarked() && v.IsKnown() && !v.IsNull() {
		return cty.StringVal(numberText(v)), nil
	}
	return convert.Convert(v, cty.String)
}

// quoteKey writes an instance key as Terraform's addresses do.
func quoteKey(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `"` + r.Replace(s) + `"`
}
