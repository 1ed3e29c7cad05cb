package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

// WAFCapacity is the document of waf wcu.
type WAFCapacity struct {
	Schema string `json:"schema"`
	ACL    string `json:"acl"`
	// Total is the sum of what is known; Unknown says that a rule's is not.
	Total   int       `json:"total"`
	Unknown bool      `json:"unknown"`
	Rules   []WAFRule `json:"rules"`
	// Declared is what AWS said it uses, 0 where nobody says.
	Declared int `json:"declared,omitempty"`
	Base     int `json:"base"`
	Quota    int `json:"quota"`
}

// WAFRule is what a rule uses.
type WAFRule struct {
	Rule string `json:"rule"`
	WCU  int    `json:"wcu"`
	Why  string `json:"unknown,omitempty"`
}

func wafWCUCommand(env *Env) *cobra.Command {
	var f aclFlags
	var format string
	var old bool
	c := &cobra.Command{
		Use:   "wcu ACL",
		Short: "Count the capacity units that a web ACL uses, rule by rule",
		Long: fmt.Sprintf(`Computes the web ACL capacity units (WCU) of each rule as AWS documents them, and
compares the sum with the quota of %d, and with the %d that the base price has.

Exit code: 0 within the quota; 3 over it; 1 a rule's units are not known, or
something could not be read; 2 misuse.`, webacl.MostWCU, webacl.BaseWCU),
		Example: `  fathom waf wcu acl.json
  fathom waf wcu terraform/ --acl shop --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.wcu(c.Context(), env, args[0], format, old)
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().BoolVar(&old, "old-capacity", false, "use the units of AWS's documentation of 2023 for regular expressions and IP sets")
	return c
}

func (f *aclFlags) wcu(ctx context.Context, env *Env, path, format string, old bool) error {
	found, err := f.load(ctx, env, path)
	if err != nil {
		return err
	}
	printProblems(env, nil, found.notes)
	o := webacl.Options{Managed: managed.Catalogue(managed.Options{}), Choices: webacl.Choices{OldCapacity: old}}
	total, rules := webacl.Capacity(found.acl, o)
	doc := WAFCapacity{
		Schema: "fathom.waf.wcu/v1", ACL: found.acl.Name, Total: total, Rules: []WAFRule{}, Declared: found.acl.Capacity,
		Base: webacl.BaseWCU, Quota: webacl.MostWCU,
	}
	for _, r := range rules {
		doc.Rules = append(doc.Rules, WAFRule{r.Rule, r.WCU, r.Unknown})
		doc.Unknown = doc.Unknown || r.Unknown != ""
	}
	if format == "json" {
		enc := json.NewEncoder(escaping{env.Stdout})
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(doc)
	} else {
		t := &text{}
		t.capacity(&doc)
		err = t.write(env.Stdout)
	}
	switch {
	case err != nil:
		return unwritable(err)
	case total > webacl.MostWCU:
		return exit{exitFindings, fmt.Sprintf("the web ACL %q uses %d WCU, and AWS takes %d", doc.ACL, total, doc.Quota)}
	case doc.Unknown:
		return exit{exitCouldNot, "the units of a rule are not known (see above)"}
	}
	return unreadError(found.unread)
}

// capacity writes the table.
func (t *text) capacity(doc *WAFCapacity) {
	wide := 5
	for _, r := range doc.Rules {
		wide = max(wide, len([]rune(r.Rule)))
	}
	wide = min(wide, 60)
	t.line("%-*s  %5s", wide, "rule", "WCU")
	for _, r := range doc.Rules {
		if r.Why != "" {
			t.line("%-*s  %5s  %s", wide, r.Rule, "?", r.Why)
			continue
		}
		t.line("%-*s  %5d", wide, r.Rule, r.WCU)
	}
	atLeast := ""
	if doc.Unknown {
		atLeast = "at least; "
	}
	t.line("%-*s  %5d  %s%s", wide, "total", doc.Total, atLeast, doc.judged())
	if doc.Declared > 0 && doc.Declared != doc.Total && !doc.Unknown {
		t.line("AWS answered %d: it may price a rule in another way, or another version of a group", doc.Declared)
	}
}

// judged compares the total with what AWS takes.
func (doc *WAFCapacity) judged() string {
	switch {
	case doc.Total > doc.Quota:
		return fmt.Sprintf("over the quota of %d: AWS would refuse it", doc.Quota)
	case doc.Total > doc.Base:
		return fmt.Sprintf("within the quota of %d, over the %d of the base price", doc.Quota, doc.Base)
	}
	return fmt.Sprintf("within the %d of the base price", doc.Base)
}
