package kubernetes

import (
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"
	"text/template/parse"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// Helm's own engine gives no places, cannot be bounded, and hands templates
// the clock and random numbers. The engine here is that one (TestEngine holds
// it to it) with three differences: it notes which piece of a template printed
// what, every template has a budget, and functions without one answer have a
// fixed one.

const (
	// maxIncludes is how deep templates may include one another, as in Helm.
	maxIncludes = 1000
	// maxNested is how deep templates may call one another in any way. Go's own
	// bound starts anew in every include, and the stack does not.
	maxNested = 5000
	// maxTemplate bounds the text of a template, which is parsed recursively.
	// A cluster could not store a larger chart.
	maxTemplate = 2 << 20
	// maxTpl is how deep tpl may call itself. Helm has no bound and dies.
	maxTpl = 100
)

// renderable is a template with the values its chart gives it.
type renderable struct {
	file string // in the tree
	text string
	vals map[string]any
	base string
}

// engine renders the templates of one chart.
type engine struct {
	root     *template.Template
	units    map[string]renderable
	names    []string // by which template wins a definition that two have
	pieces   []piece
	done     map[*parse.Tree]bool
	budget   budget
	includes map[string]int
	tpls     int
	inside   int               // include and tpl calls in progress
	depth    int               // templates in progress
	out      *output           // of the template, include or tpl in progress
	lines    map[string][]span // from where the lines come that includes printed
	starts   map[string][]int  // where the lines of templates begin
}

// newEngine parses the templates of a chart and its subcharts, which may do so
// much work. Templates that
// do not parse are returned with their errors and left out.
func newEngine(units map[string]renderable, work int) (*engine, map[string]error) {
	e := &engine{units: units, done: map[*parse.Tree]bool{}, includes: map[string]int{}, starts: map[string][]int{}, budget: newBudget(work)}
	e.root = template.New("gotpl").Option("missingkey=zero")
	e.root.Funcs(e.functions())
	for name := range units {
		e.names = append(e.names, name)
	}
	// As in Helm: the deeper one first, so that an outer chart's definition wins.
	sort.Slice(e.names, func(i, j int) bool {
		a, b := e.names[i], e.names[j]
		if x, y := strings.Count(a, "/"), strings.Count(b, "/"); x != y {
			return x > y
		}
		return a > b
	})
	failed := map[string]error{}
	for _, name := range e.names {
		var err error
		if len(units[name].text) > maxTemplate {
			err = errors.New("it is larger than 2 MiB")
		} else {
			_, err = e.root.New(name).Parse(units[name].text)
		}
		if err != nil {
			failed[name] = err
		}
	}
	e.instrument(e.root, true)
	return e, failed
}

// templates collects what there is to render, as Helm does: each chart's
// templates with the part of the values that is its own.
func (c *chartDir) templates(ch *chart.Chart, vals map[string]any, into map[string]renderable) map[string]any {
	subcharts := map[string]any{}
	next := map[string]any{
		"Chart": struct {
			chart.Metadata
			IsRoot bool
		}{*ch.Metadata, ch.IsRoot()},
		"Files":        newFiles(ch.Files),
		"Release":      vals["Release"],
		"Capabilities": vals["Capabilities"],
		"Values":       chartutil.Values{},
		"Subcharts":    subcharts,
	}
	if ch.IsRoot() {
		next["Values"] = vals["Values"]
	} else if v, err := chartutil.Values(vals).Table("Values." + ch.Name()); err == nil {
		next["Values"] = v
	}
	for _, d := range ch.Dependencies() {
		subcharts[d.Name()] = c.templates(d, next, into)
	}
	full := ch.ChartFullPath()
	library := strings.EqualFold(ch.Metadata.Type, "library")
	for _, t := range ch.Templates {
		if t == nil || library && !strings.HasPrefix(path.Base(t.Name), "_") {
			continue
		}
		name := path.Join(full, t.Name)
		c.noteFiles(ch, string(t.Data))
		into[name] = renderable{file: c.of(t.Data, path.Join(c.dir, strings.TrimPrefix(name, ch.Root().Name()+"/"))), text: string(t.Data), vals: next, base: path.Join(full, "templates")}
	}
	return next
}

// execute renders one template.
func (e *engine) execute(name string) (out *output, err error) {
	defer recovered(&err)
	u := e.units[name]
	u.vals["Template"] = chartutil.Values{"Name": name, "BasePath": u.base}
	e.budget.next()
	e.out = &output{budget: &e.budget}
	e.inside, e.tpls, e.depth = 0, 0, 0
	clear(e.includes)
	e.lines = map[string][]span{}
	err = e.root.ExecuteTemplate(e.out, name, u.vals)
	return e.out.settled(), err
}

// enter and leave count the templates in progress.
func (e *engine) enter() (string, error) {
	if e.depth++; e.depth > maxNested {
		return "", errors.New("templates call one another without end")
	}
	return "", e.budget.work(1)
}

func (e *engine) leave() string {
	e.depth--
	return ""
}

func (e *engine) include(t *template.Template) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		if e.includes[name] > maxIncludes || e.inside > maxIncludes {
			return "", fmt.Errorf("template %q includes itself without end", name)
		}
		e.includes[name]++
		e.inside++
		outer, b := e.out, &output{budget: &e.budget}
		e.out = b
		err := t.ExecuteTemplate(b, name, data)
		e.out = outer
		e.remember(b)
		e.inside--
		e.includes[name]--
		return b.String(), err
	}
}

func (e *engine) tpl(parent *template.Template) func(string, any) (string, error) {
	return func(text string, vals any) (string, error) {
		if e.tpls >= maxTpl {
			return "", errors.New("tpl calls itself without end")
		}
		if len(text) > maxTemplate {
			return "", errors.New("the text given to tpl is larger than 2 MiB")
		}
		if err := e.budget.work(len(text)/16 + len(e.names)); err != nil {
			return "", err
		}
		t, err := parent.Clone()
		if err != nil {
			return "", err
		}
		t.Option("missingkey=zero") // Clone forgets it
		t.Funcs(template.FuncMap{"include": e.include(t), "tpl": e.tpl(t)})
		if t, err = t.New(parent.Name()).Parse(text); err != nil {
			return "", fmt.Errorf("the text given to tpl does not parse: %w", err)
		}
		e.instrument(t, false)
		e.tpls++
		e.inside++
		outer, b := e.out, &output{budget: &e.budget}
		e.out = b
		err = t.Execute(b, vals)
		e.out = outer
		e.inside--
		e.tpls--
		return strings.ReplaceAll(b.String(), "<no value>", ""), err
	}
}
