package plan

import (
	"strings"
	"testing"
	"testing/fstest"

	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// FuzzRead holds any file to: no panic, the same answer twice, nodes that keep
// their promises, and a position in every problem.
func FuzzRead(f *testing.F) {
	f.Add([]byte(strings.Replace(two, "HERE", "", 1)))
	f.Add([]byte(`{"format_version":"1.2","resource_changes":[{"address":"module.a.x.y","change":{"actions":["create"],"after":{"a":[null,[[]],{}]},"after_unknown":{"a":[true,[[true]],{"b":true}],"c":true}}}],` +
		`"configuration":{"root_module":{"module_calls":{"a":{"expressions":{"v":{"references":["module.a.o","module.a"]}},"module":{"outputs":{"o":{"expression":{"references":["var.v"]}}},"resources":[{"address":"x.y","expressions":{"a":[{"b":{"references":["var.v.z"]}}],"c":{"references":["module.","data.","x.y[","each.value","local","var"]}},"for_each_expression":{"references":["each.value"]}}]}}}}}}`))
	f.Add([]byte(`{"version":4,"resources":[{"module":"module.","mode":"managed","type":"","name":"x","instances":[{"index_key":1e400,"attributes":{"n":1e22}}]}]}`))
	f.Add([]byte(`{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"data.a.b","mode":"data","values":{"x":[1,true,null,"\u00e9"]}}],"child_modules":[{"address":"module.m","resources":[{"address":"module.m.a.b[\"k\"]","values":{},"deposed_key":"0"}]}]}}}`))
	f.Add([]byte(`{"format_version":"1.2","variables":{"r":{"value":"eu-west-1"}},"planned_values":{"root_module":{"resources":[{"address":"a.b","values":{"c":1}}]}},"prior_state":{"values":{"root_module":{"resources":[{"address":"a.c","values":{"c":1}}]}}},` +
		`"configuration":{"provider_config":{"aws":{"name":"aws","alias":"z","expressions":{"region":{"references":["var.r"]},"default_tags":[{"tags":{"constant_value":{"a":null}}}]}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{"p": &fstest.MapFile{Data: data}}
		Sniff(fsys, "p")
		conf := Read(fsys, "p", func(in config.Instance) {
			if _, ok := addressOf(in.Addr); !ok || in.Args.Is() != tree.Map || in.Pos.Line == 0 {
				t.Fatalf("%+v", in)
			}
			in.Args.Walk(func(n *tree.Node) {
				if n.Kind == tree.Unknown && n.Why == "" || n.Kind == tree.Absent || n.Pos.Line == 0 || len(n.Refs) > maxRefs {
					t.Fatalf("%s: %+v", in.Addr, n)
				}
			})
		})
		for _, p := range conf.Problems {
			if p.File == "" || p.Line == 0 || p.Summary == "" {
				t.Fatalf("%#v", p)
			}
		}
		if len(data) < 1<<16 {
			if one, two := printed(fsys, "p"), printed(fsys, "p"); one != two {
				t.Fatal("two readings differ")
			}
		}
	})
}
