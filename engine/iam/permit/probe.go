package permit

import (
	"encoding/json"

	"fathom/engine/iam"
)

// A probe is a document with one condition, about one key. What the condition
// says of a value is what the concrete engine says of it: its rules for
// numbers, dates, absent keys and empty lists are asked for, not repeated.
type prober struct{ doc *iam.Document }

const probedKey = "probe:key"

func probe(operator string, values []string) prober {
	text, err := json.Marshal(map[string]any{
		"Version": "2012-10-17",
		"Statement": map[string]any{
			"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
			"Condition": map[string]any{operator: map[string]any{probedKey: values}},
		},
	})
	if err != nil {
		panic(err) // strings are always JSON
	}
	doc, _ := iam.Parse(text, "probe", iam.Resource)
	return prober{doc}
}

// takes says whether the condition holds of a single value.
func (p prober) takes(v string) bool { return p.given(iam.Context{probedKey: iam.One(v)}) }

func (p prober) given(c iam.Context) bool {
	return p.doc.Permits(&iam.Request{Action: "probe:Probe", Resource: "*", Context: c})
}

// fixed is what an operator says where no value has to be compared.
type fixed struct {
	absent bool // the key is not there
	listed bool // it is a list, and the operator is for single values
}

// operators remembers what is fixed of each operator.
type operators map[string]fixed

func (o operators) of(op iam.Operator) fixed {
	f, ok := o[op.Text]
	if !ok {
		p := probe(op.Text, []string{"1"})
		f = fixed{
			absent: p.given(iam.Context{}),
			listed: p.given(iam.Context{probedKey: iam.Many("2", "3")}),
		}
		o[op.Text] = f
	}
	return f
}
