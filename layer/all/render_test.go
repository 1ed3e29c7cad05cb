package all_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/audit"
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// rendered is an example with its rendered tree, read back.
type rendered struct {
	platform *platform.Platform
	files    []render.File
	estate   *estate.Estate
	problems diag.Problems
}

var examples = map[string]rendered{}

// example renders one of examples/ and reads it back, once.
func example(t testing.TB, name string) rendered {
	t.Helper()
	if r, done := examples[name]; done {
		return r
	}
	p := layertest.Platform(t, name)
	files, err := all.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	e, problems := read.Paths(layertest.FS(files), []string{"."}, read.Options{})
	examples[name] = rendered{p, files, e, problems}
	return examples[name]
}

func TestTheCircleCloses(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			r := example(t, name)
			for _, p := range r.problems {
				t.Errorf("fathom cannot read what it rendered: %v", p)
			}
			report := audit.Run(r.estate, nil, all.Layers(), audit.Options{Suppressions: suppressions(t, r.files), Today: layertest.Day.Format(time.DateOnly)})
			for _, f := range report.Findings {
				t.Errorf("%s: %s: %s", f.Control.ID, f.At, f.Summary)
			}
			suppressed, partly := map[string]bool{}, map[string]bool{}
			for _, s := range report.Suppressed {
				suppressed[s.Control.ID] = true
				for _, also := range s.Also { // other controls that see the same mistake
					partly[also.ID] = true
				}
			}
			for _, v := range report.Verdicts {
				if v.Status == control.Present || suppressed[v.Control.ID] || partly[v.Control.ID] || v.Control.Rendered != control.Whole {
					continue
				}
				t.Errorf("%s is %s", v.Control.ID, v.Status)
				t.Logf("   %s", v.Reason)
				for _, res := range v.Results {
					if res.Status != control.Present {
						t.Logf("   %s %s: %s %s", res.Status, res.On.ID, res.Summary, res.Reason)
					}
				}
			}
			for id := range suppressed {
				if len(r.platform.Excepted(id)) == 0 && id != "edge.waf-enforcing" {
					t.Errorf("%s is suppressed and no exception is declared", id)
				}
			}
		})
	}
}

// suppressions are those that the tree itself carries.
func suppressions(t testing.TB, files []render.File) []audit.Suppression {
	t.Helper()
	i := slices.IndexFunc(files, func(f render.File) bool { return f.Path == ".fathom.yaml" })
	if i < 0 {
		return nil
	}
	out, problems := audit.ParseSuppressions(files[i].Path, files[i].Content, func(id string) bool { return all.Control(all.Layers(), id) != nil })
	for _, p := range problems {
		t.Error(p)
	}
	return out
}

func TestRenderIsDeterministic(t *testing.T) {
	for _, name := range layertest.Examples {
		r := example(t, name)
		for range 3 {
			again, err := all.Render(r.platform)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(texts(r.files), texts(again)); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// The order in which a declaration lists its parts has no meaning.
func TestOrderOfTheDeclarationHasNoMeaning(t *testing.T) {
	text := layertest.Declaration(t, "shopnow")
	services := section(text, "services:", "stores:")
	orders, rest, _ := strings.Cut(services, "  payments:")
	turned := strings.Replace(text, services, "  payments:"+rest+orders, 1)
	if turned == text {
		t.Fatal("nothing was turned around")
	}
	files, err := all.Render(layertest.Parse(t, turned))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(example(t, "shopnow").files), texts(files)); diff != "" {
		t.Error(diff)
	}
}

// section is what stands between two top-level keys.
func section(text, from, to string) string {
	_, after, _ := strings.Cut(text, "\n"+from+"\n")
	inner, _, _ := strings.Cut(after, "\n"+to)
	return inner + "\n"
}

func texts(files []render.File) map[string]string {
	m := map[string]string{}
	for _, f := range files {
		m[f.Path] = string(f.Content)
	}
	return m
}

// The rendered tree of ShopNow lies beside its declaration.
func TestTheCommittedTreeIsWhatIsRendered(t *testing.T) {
	for _, name := range layertest.Examples {
		r := example(t, name)
		dir := os.DirFS("../../examples/" + name + "/rendered")
		text, err := fs.ReadFile(dir, render.ManifestPath)
		if err != nil {
			t.Fatal(err)
		}
		last, err := render.ParseManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range render.Compare(r.files, last, func(p string) ([]byte, bool) {
			b, err := fs.ReadFile(dir, p)
			return b, err == nil
		}) {
			if c.Kind != render.Keep {
				t.Errorf("examples/%s/rendered: %s %s; run: fathom render examples/%s/platform.yaml -o examples/%s/rendered", name, c.Kind, c.Path, name, name)
			}
		}
	}
}

// many is a platform of n services, each with a database, that calls the one
// before it.
func many(n int) string {
	var b strings.Builder
	b.WriteString(strings.Join([]string{
		"platform: {name: many, region: eu-west-1, backupRegion: eu-central-1, account: \"111111111111\", organization: o-a1b2c3d4e5}",
		"cluster: {version: \"1.35\", instance: m7g.large, nodes: {min: 3, max: 24}}",
		"mesh: {version: 1.31.1, proxy: istio/proxyv2@sha256:" + strings.Repeat("a", 64) + "}",
		"edge:",
		"  domains: [shop.example.com]",
		"  zone: example.com",
		"  waf: block",
		"  originSecret: {rotate: 30d, overlap: 24h}",
		"  geo: {deny: [KP]}",
		"  bots: {verified: allow, suspect: challenge, automated: block}",
		"  clients: {cookie: sid, header: \"x-client: web/\", mobile: [/m/*], window: 5m}",
		"  waitingRoom: {path: /checkout, admit: 400/s}",
		"  limit: {max: 3000, per: 5m, by: ip}",
		"  shield: true",
		"  routes:",
		"    - {path: /checkout, to: s000, priority: critical, limit: {max: 100, per: 5m, by: session}}",
		"    - {path: /login, to: s000, priority: degraded, limit: {max: 50, per: 5m, by: ip}, challenge: true}",
		"    - {path: /m/*, to: s000, priority: critical}",
		"data:",
		"  email: {class: personal, erase: {by: customer, within: 30d}, keep: 730d}",
		"services:\n",
	}, "\n"))
	for i := range n {
		fmt.Fprintf(&b, "  s%03d:\n    image: many/s%03d@sha256:%064d\n    owner: team\n    handles: [email]\n", i, i, i)
		fmt.Fprintf(&b, "    stores: {%s: write}\n", storeOf(i))
		if i > 0 {
			fmt.Fprintf(&b, "    calls: {s%03d: [\"GET /x/*\"]}\n", i-1)
		}
	}
	b.WriteString("stores:\n")
	for i := 0; i < n; i += 10 {
		fmt.Fprintf(&b, "  %s: {engine: postgres, owner: team, holds: [email], backup: {every: 1d, keep: 35d, immutable: 14d}}\n", storeOf(i))
	}
	b.WriteString(strings.Join([]string{
		"operators:",
		"  oncall: {who: group/sre, may: [logs, restart], session: {max: 1h, approve: group/leads}}",
		"breakGlass: {who: group/sre, approve: group/leads, max: 1h}",
		"pipeline: {repo: many/platform, branch: main, workflow: release.yml, environment: production}",
		"logs: {keep: 400d}",
		"notify: {oncall: a@example.com, phone: \"+12025550143\", legal: b@example.com, privacy: c@example.com, within: 72h}",
		"objectives: {depth: [{from: internet, to: db000, min: 3}], kpi: {detect: 15m, remediate: 4h, rto: 30m}}",
		"",
	}, "\n"))
	return b.String()
}

func storeOf(i int) string { return fmt.Sprintf("db%03d", i/10*10) }

func BenchmarkRender(b *testing.B) {
	run := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				files, err := all.Render(layertest.Parse(b, text))
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, f := range files {
					n += len(f.Content)
				}
				b.ReportMetric(float64(n)/1e6, "MB-written")
			}
		})
	}
	run("shopnow", layertest.Declaration(b, "shopnow"))
	for _, n := range []int{75, 150, 300} {
		run(fmt.Sprintf("services=%d", n), many(n))
	}
}
