package all_test

import (
	"regexp"
	"strings"
	"testing"

	"fathom/control"
	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// says matches the line of a text that names its controls, behind the marks of a
// comment.
var says = regexp.MustCompile(`(?m)^\W*control: (.+)$`)

// named are the controls that resources of a platform say they are part of, each
// with one of those resources.
func named(t testing.TB, p *platform.Platform) map[string]string {
	t.Helper()
	parts, err := all.Parts(p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, part := range parts {
		for _, r := range part.Resources {
			var controls []string
			switch r := r.(type) {
			case *terraform.Block:
				controls = r.Controls
			case *kubernetes.Object:
				controls = r.Controls
			case *render.Text:
				for _, m := range says.FindAllStringSubmatch(r.Content, -1) {
					controls = append(controls, strings.Split(strings.TrimSpace(m[1]), ", ")...)
				}
			}
			for _, c := range controls {
				out[c] = r.Address()
			}
		}
	}
	return out
}

// What fathom layers and fathom controls say is rendered is what is: in each
// example, whatever control is rendered is named by a resource, and no other is.
func TestEveryControlThatIsOwedIsRendered(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			got := named(t, example(t, name).platform)
			for _, l := range all.Layers() {
				for i := range l.Controls {
					c := &l.Controls[i]
					switch at := got[c.ID]; {
					case at == "" && c.Rendered != control.Nothing:
						t.Errorf("%s is said to be rendered, and no resource names it", c.ID)
					case at != "" && c.Rendered == control.Nothing:
						t.Errorf("%s is said not to be rendered, and %s names it", c.ID, at)
					}
					delete(got, c.ID)
				}
			}
			for id, at := range got {
				t.Errorf("%s names %s, which is no control", at, id)
			}
		})
	}
}
