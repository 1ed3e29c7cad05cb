package eval

import (
	"reflect"

	"github.com/zclconf/go-cty/cty"
)

// A whole resource, module or group of unknown size is a capsule, so that its
// attributes are evaluated only when somebody asks for one.
var (
	instanceType = cty.Capsule("resource", reflect.TypeFor[instance]())
	moduleType   = cty.Capsule("module", reflect.TypeFor[modInst]())
	unsureType   = cty.Capsule("resources", reflect.TypeFor[unsure]())
)

// unsure is what a block with an unknown count or for_each evaluates to: one
// stands for however many there are.
type unsure struct {
	why *hole
	one cty.Value
}

func asInstance(v cty.Value) *instance { return capsuleIn[instance](v, instanceType) }
func asModule(v cty.Value) *modInst    { return capsuleIn[modInst](v, moduleType) }
func asUnsure(v cty.Value) *unsure     { return capsuleIn[unsure](v, unsureType) }

func capsuleIn[T any](v cty.Value, ty cty.Type) *T {
	if v.Type() != ty || v.IsMarked() || v.IsNull() || !v.IsKnown() {
		return nil
	}
	return v.EncapsulatedValue().(*T)
}

func isCapsule(v cty.Value) bool { return v.Type().IsCapsuleType() && !v.IsNull() }
