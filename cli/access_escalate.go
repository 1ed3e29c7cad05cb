package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/iam/escalate"
	"fathom/estate"
)

func escalateCommand(env *Env) *cobra.Command {
	var f accessFlags
	var o escalate.Options
	var who, expect string
	var all bool
	c := &cobra.Command{
		Use:   "escalate PATH...",
		Short: "List how principals can raise their privileges, each as a chain of requests",
		Long: `Reads the paths as one estate, tries every known way of IAM privilege
escalation at every place where it could work, and lists those that do, as
chains of concrete requests with the statements that allow each.

` + principalHelp,
		Example: `  fathom access escalate terraform/ k8s/
  fathom access escalate terraform/ k8s/ --principal svc/payments
  fathom access escalate terraform/ --expect none`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.escalate(c.Context(), env, who, expect, all, o, paths)
		},
	}
	f.register(c)
	c.Flags().StringVar(&who, "principal", "", "only the ways of this principal")
	c.Flags().BoolVar(&o.Assume, "assume", false, "also ways that need a resource which no file declares")
	c.Flags().BoolVar(&o.Workloads, "workloads", false, "also the ways of pods and other compute, with their roles")
	c.Flags().BoolVar(&all, "all", false, "print every request of ways that are not certain, too")
	c.Flags().StringVar(&expect, "expect", "", expectNone)
	return c
}

func (f *accessFlags) escalate(ctx context.Context, env *Env, who, expect string, all bool, o escalate.Options, paths []string) error {
	if err := f.checkList(expect); err != nil {
		return err
	}
	doc, unread, err := askWorld(ctx, env, f, paths, func(w *estateWorld) (*AccessJSON, func(*text), error) {
		var found []escalate.Path
		if who == "" {
			found = escalate.Find(w.estate, w.World, o)
		} else {
			p, err := w.Principal(who)
			if err != nil {
				return nil, nil, err
			}
			who = p.Name
			found = escalate.From(w.estate, w.World, p, o)
		}
		slices.SortStableFunc(found, func(a, b escalate.Path) int { return cmp.Compare(b.Certain, a.Certain) })
		doc := &AccessJSON{Question: "escalate", Chains: []AccessChain{}}
		for i := range found {
			doc.Chains = append(doc.Chains, jsonChain(&found[i]))
		}
		return doc, func(t *text) { t.chains(found, who, all) }, nil
	})
	if err != nil {
		return err
	}
	return listError(len(doc.Chains), "way", expect, unread)
}

// AccessChain is one way for a principal to raise its privileges.
type AccessChain struct {
	ID        string       `json:"id"`              // of the way; "chain" for several
	Known     []string     `json:"known,omitempty"` // its ids in pathfinding.cloud
	Kind      string       `json:"kind"`
	Principal string       `json:"principal"`
	Steps     []AccessStep `json:"steps"`
	Gains     AccessGain   `json:"gains"`
	Answer    string       `json:"answer"` // yes, unknown
	Why       string       `json:"why,omitempty"`
	Limits    []string     `json:"limits,omitempty"`
}

// AccessStep is one request of a chain.
type AccessStep struct {
	By      string          `json:"by"`
	Says    string          `json:"says"`
	Request AccessRequest   `json:"request"`
	Also    []AccessRequest `json:"also,omitempty"` // further authorisations of the same call
	Answer  string          `json:"answer"`
	Because []AccessBecause `json:"because"`
}

// AccessGain is what a chain gains.
type AccessGain struct {
	Kind    string         `json:"kind"` // administrator, cluster administrator, permissions, data
	As      string         `json:"as,omitempty"`
	Of      string         `json:"of,omitempty"`
	Witness *AccessRequest `json:"witness,omitempty"` // allowed then, denied before
}

func jsonChain(p *escalate.Path) AccessChain {
	j := AccessChain{
		ID: p.ID, Known: p.Known, Kind: p.Kind.String(), Principal: p.From.Name, Steps: []AccessStep{},
		Gains:  AccessGain{Kind: p.Gains.Kind.String(), As: p.Gains.As, Of: p.Gains.Of},
		Answer: truth(p.Certain), Why: p.Why, Limits: p.Limits,
	}
	if p.Gains.Witness != nil {
		r := requestJSON(p.Gains.Witness)
		j.Gains.Witness = &r
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		step := AccessStep{By: s.By, Says: s.Says, Request: requestJSON(&s.Request), Answer: truth(s.Certain), Because: jsonBecauses(s.Because)}
		for k := range s.Also {
			step.Also = append(step.Also, requestJSON(&s.Also[k]))
		}
		j.Steps = append(j.Steps, step)
	}
	return j
}

// chains writes the ways: those that are certain whole, the others in short
// unless all is asked for.
func (t *text) chains(found []escalate.Path, who string, all bool) {
	certain := 0
	for i := range found {
		if found[i].Certain == estate.Yes {
			certain++
		}
	}
	switch {
	case len(found) == 0 && who == "":
		t.line("nobody in the files can raise privileges in a known way")
		return
	case len(found) == 0:
		t.line("%s can raise privileges in no known way", who)
		return
	case certain == len(found):
		t.line("%s to raise privileges", plural(certain, "way"))
	default:
		t.line("%s to raise privileges; of %d more the files do not tell", plural(certain, "way"), len(found)-certain)
	}
	for i := range found {
		if i < certain || all {
			t.line("")
			t.chain(&found[i])
		}
	}
	if !all {
		t.uncertain(found[certain:])
	}
}

// uncertain writes ways in short, by who and why.
func (t *text) uncertain(found []escalate.Path) {
	for i := range found {
		p := &found[i]
		if i == 0 || found[i-1].From.Name != p.From.Name || found[i-1].Why != p.Why {
			t.line("")
			t.line("%s perhaps%s", p.From.Name, orWhy(p.Why))
		}
		t.line("  → %s  [%s]", gains(p.Gains), p.ID)
	}
}

func (t *text) chain(p *escalate.Path) {
	t.line("%s → %s  [%s]", p.From.Name, gains(p.Gains), p.ID)
	for i := range p.Steps {
		s := &p.Steps[i]
		t.line("  %d. %s", i+1, s.Says)
		if !strings.Contains(s.Says, s.Request.Action) || !strings.Contains(s.Says, s.Request.Resource) {
			t.line("     %s: %s on %s", s.By, s.Request.Action, s.Request.Resource)
		}
		for k := range s.Also {
			if k > 0 && s.Also[k-1].Action == s.Also[k].Action {
				t.more(", " + s.Also[k].Resource)
				continue
			}
			t.line("     and %s on %s", s.Also[k].Action, s.Also[k].Resource)
		}
		for _, b := range s.Because {
			t.line("     %s", statementLine(b))
		}
	}
	if p.Certain != estate.Yes {
		t.line("  not certain%s", orWhy(p.Why))
	}
	for _, l := range p.Limits {
		t.line("  but: %s", l)
	}
	if w := p.Gains.Witness; w != nil {
		t.line("  then it can do %s on %s", w.Action, w.Resource)
	}
}

// gains is what a chain gets, in words.
func gains(g escalate.Gain) string {
	var b strings.Builder
	b.WriteString(g.Kind.String())
	if g.Of != "" {
		fmt.Fprintf(&b, " of %s", g.Of)
	}
	if g.As != "" {
		fmt.Fprintf(&b, " as %s", g.As)
	}
	return b.String()
}
