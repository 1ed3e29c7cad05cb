package data

import (
	"slices"
	"strings"

	"fathom/estate"
)

// selections answer which stores the backup plans cover.
type selections struct {
	byID     map[estate.ID]*estate.BackupSelection
	exact    map[string]*estate.BackupSelection // by service and resource of an ARN
	patterns []selectionPattern                 // with wildcards
	tags     map[tag]*estate.BackupSelection
	maybe    string // why some selection may cover more
}

type tag struct{ key, value string }

type selectionPattern struct {
	what string // service and resource, with wildcards
	of   *estate.BackupSelection
}

func newSelections(e *estate.Estate) *selections {
	return selectionsOf(estate.All[*estate.BackupSelection](e))
}

func selectionsOf(all []*estate.BackupSelection) *selections {
	seen := map[string]bool{}
	s := &selections{exact: map[string]*estate.BackupSelection{}, byID: map[estate.ID]*estate.BackupSelection{}, tags: map[tag]*estate.BackupSelection{}}
	for _, sel := range all {
		for _, r := range sel.Resources.Items {
			for _, id := range r.To {
				s.byID[id] = sel
			}
			switch text, known := r.Known(); {
			case len(r.To) > 0:
			case known && seen[text]:
			case known:
				seen[text] = true
				if what := resourceOf(text); strings.ContainsAny(what, "*?") {
					s.patterns = append(s.patterns, selectionPattern{what, sel})
				} else {
					s.exact[what] = sel
				}
			default:
				s.unknown(sel, r.Why())
			}
		}
		if sel.Resources.Why() != "" && len(sel.Resources.Items) == 0 {
			s.unknown(sel, sel.Resources.Why())
		}
		for _, t := range sel.Tagged.Items {
			key, ok1 := t.Key.Known()
			value, ok2 := t.Value.Known()
			if !ok1 || !ok2 {
				s.unknown(sel, t.Key.Why()+t.Value.Why())
				continue
			}
			s.tags[tag{key, value}] = sel
		}
		if sel.Tagged.Why != "" {
			s.unknown(sel, sel.Tagged.Why)
		}
	}
	return s
}

func (s *selections) unknown(sel *estate.BackupSelection, why string) {
	if s.maybe == "" {
		s.maybe = "what " + sel.ID.Addr + " selects is not known: " + why
	}
}

// cover says whether a selection covers a store. Naming it, matching its ARN,
// or having one of its tags is each enough; conditions then narrow the whole
// (AWS Backup Developer Guide, "Assigning resources").
func (s *selections) cover(of store) (best estate.Truth, why string) {
	b := of.Meta()
	consider := func(t estate.Truth, reason string) {
		if t > best {
			best, why = t, reason
		}
	}
	if sel := s.byID[b.ID]; sel != nil {
		consider(narrowed(sel, of))
	}
	if len(s.tags) > 0 {
		for _, k := range sortedNames(b.Tags) {
			v := b.Tags.Items[k]
			value, ok := v.Known()
			if !ok {
				consider(estate.Maybe, "the tag "+k+" is not known: "+v.Why())
			} else if sel := s.tags[tag{k, value}]; sel != nil {
				consider(narrowed(sel, of))
			}
		}
		if b.Tags.Why() != "" {
			consider(estate.Maybe, b.Tags.Why())
		}
	}
	what := arnOf(of)
	if sel := s.exact[what]; sel != nil {
		consider(narrowed(sel, of))
	}
	for _, p := range s.patterns {
		if like(p.what, what) {
			consider(narrowed(p.of, of))
		}
	}
	if s.maybe != "" {
		consider(estate.Maybe, s.maybe)
	}
	return best, why
}

func narrowed(sel *estate.BackupSelection, of store) (estate.Truth, string) {
	for _, x := range sel.Except.Known() {
		if like(resourceOf(x), arnOf(of)) {
			return estate.No, ""
		}
	}
	switch {
	case sel.Except.Unknown():
		return estate.Maybe, "what " + sel.ID.Addr + " leaves out is not known"
	case !sel.Condition.Missing():
		return estate.Maybe, sel.ID.Addr + " has conditions on tags"
	}
	return estate.Yes, ""
}

// resourceOf is what an ARN names: the service and the resource. The account and
// region of a store are mostly known only after apply, and left out.
func resourceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn // *
	}
	return parts[2] + ":" + parts[5]
}

// arnOf is resourceOf of a store's own ARN.
func arnOf(s store) string {
	name, known := s.name.Known()
	if !known {
		name = "unknown"
	}
	switch s.Resource.(type) {
	case *estate.DBCluster:
		return "rds:cluster:" + name
	case *estate.DBInstance:
		return "rds:db:" + name
	case *estate.Table:
		return "dynamodb:table/" + name
	case *estate.FileSystem:
		return "elasticfilesystem:file-system/" + name
	}
	return ""
}

// plansOf are the plans whose selections cover a store for certain.
func plansOf(e *estate.Estate, of store) []*estate.BackupPlan {
	var out []*estate.BackupPlan
	for _, sel := range estate.All[*estate.BackupSelection](e) {
		if t, _ := selectionsOf([]*estate.BackupSelection{sel}).cover(of); t == estate.Yes {
			for _, p := range estate.To(e, sel.Plan) {
				if !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
		}
	}
	return out
}
