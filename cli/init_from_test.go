package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/platform/draft"
)

// What is drafted from what was rendered of a declaration is the declaration,
// but for what the rendered files do not say:
//
//   - that a service only reads a database: the database alone knows;
//   - how important each route is, where several lead to one service;
//   - whether a route whose rule is excepted is challenged, and its limit;
//   - whether the version and the size of a store were declared or chosen;
//   - permissions that fathom itself adds, for erasing people's data;
//   - how long data is kept, who may have it erased, bots, clients but for their
//     cookie, the waiting room, telephone numbers, operators, the emergency way
//     in, objectives and exceptions, which are not compared.
func TestADraftOfWhatWasRenderedIsTheDeclaration(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../examples/" + name + "/platform.yaml")
			if err != nil {
				t.Fatal(err)
			}
			want := parseDeclared(t, text)
			files, err := all.Render(want)
			if err != nil {
				t.Fatal(err)
			}
			d := draft.Of(layertest.Whole(t, layertest.FS(files)), draft.Options{})
			got := parseDeclared(t, d.Text)
			for _, part := range []struct {
				name string
				of   func(*platform.Platform) any
			}{
				{"place", place}, {"edge", edgeOf}, {"services", servicesOf}, {"stores", storesOf}, {"data", dataOf},
			} {
				if diff := cmp.Diff(part.of(want), part.of(got)); diff != "" {
					t.Errorf("%s (-declared +drafted):\n%s", part.name, diff)
				}
			}
		})
	}
}

func parseDeclared(t *testing.T, text []byte) *platform.Platform {
	t.Helper()
	p, problems := platform.Parse("platform.yaml", text, platform.Options{})
	for _, problem := range problems {
		t.Error(problem)
	}
	if p == nil {
		t.FailNow()
	}
	return p
}

func place(p *platform.Platform) any {
	return []any{p.Name, p.Region, p.BackupRegion, p.Account, p.Organization, p.Network, p.Cluster, p.Mesh, p.Logs, p.Notify.OnCall, p.Notify.Legal, p.Notify.Privacy, p.Notify.Within, p.Pipeline.Repo, p.Pipeline.RepoID, p.Pipeline.Branch, p.Pipeline.Workflow, p.Pipeline.Environment}
}

func edgeOf(p *platform.Platform) any {
	routes := slices.Clone(p.Edge.Routes)
	for i := range routes {
		routes[i].Priority = ""
		if slices.ContainsFunc(p.Exceptions, func(x platform.Exception) bool { return x.Route == routes[i].Path }) || routes[i].Path == "/login" {
			routes[i].Challenge, routes[i].Limit = false, platform.Limit{}
		}
	}
	return []any{p.Edge.Domains, p.Edge.Zone, p.Edge.WAF, p.Edge.Geo, p.Edge.Clients.Cookie, p.Edge.Limit, p.Edge.Shield, p.Edge.OriginSecret.Every, routes}
}

// erasing are the permissions by which services answer requests of people.
var erasing = regexp.MustCompile(`^(sqs|states|s3|kms):.*(subjects|exports)`)

type serviceAndApart struct {
	platform.Service
	Apart bool
}

func servicesOf(p *platform.Platform) any {
	var out []serviceAndApart
	for i := range p.Services {
		s := p.Services[i]
		apart := p.Apart(&s)
		s.Isolate = false
		s.Stores = slices.Clone(s.Stores)
		for j := range s.Stores {
			if e := p.Store(s.Stores[j].Store).Engine; e == platform.Postgres || e == platform.MySQL {
				s.Stores[j].Access = "write"
			}
		}
		s.AWS = slices.DeleteFunc(slices.Clone(s.AWS), func(x platform.Permission) bool { return erasing.MatchString(x.Text) })
		if len(s.AWS) == 0 {
			s.AWS = nil
		}
		out = append(out, serviceAndApart{s, apart})
	}
	return out
}

func storesOf(p *platform.Platform) any {
	out := slices.Clone(p.Stores)
	for i := range out {
		out[i].Version, out[i].Size = "", "" // render's own where none is declared
		if s := &out[i]; s.Keep == 0 && s.Lock.Mode != "" {
			s.Keep = s.Lock.Keep
		}
	}
	return out
}

func dataOf(p *platform.Platform) any {
	var out []string
	for _, d := range p.Data {
		out = append(out, strings.Join([]string{d.Name, string(d.Class), d.Tokenise}, " "))
	}
	return out
}
