package data

import (
	"strings"

	"fathom/estate"
)

// selections answer which stores the backup plans cover.
type selections struct {
	byID     map[estate.ID]*estate.BackupSelection
	patterns []selectionPattern
	tags     map[tag]*estate.BackupSelection
	maybe    string // why some selection may cover more
}

type tag struct{ key, value string }

type selectionPattern struct {
	arn string
	of  *estate.BackupSelection
}

func newSelections(e *estate.Estate) *selections {
	seen := map[string]bool{}
	s := &selections{byID: map[estate.ID]*estate.BackupSelection{}, tags: map[tag]*estate.BackupSelection{}}
	for _, sel := range estate.All[*estate.BackupSelection](e) {
		for _, r := range sel.Resources.Items {
			for _, id := range r.To {
				s.byID[id] = sel
			}
			switch text, known := r.Known(); {
			case len(r.To) > 0:
			case known && !seen[text]:
				seen[text] = true
				s.patterns = append(s.patterns, selectionPattern{text, sel})
			case known:
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
	for _, p := range s.patterns {
		if matches(p.arn, of) {
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
		if matches(x, of) {
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

// matches compares an ARN pattern with a store, by service and resource: the
// account and region of a store are mostly known only after apply.
func matches(pattern string, of store) bool {
	if pattern == "*" {
		return true
	}
	name, known := of.name.Known()
	if !known {
		name = "?"
	}
	var service, resource string
	switch of.Resource.(type) {
	case *estate.DBCluster:
		service, resource = "rds", "cluster:"+name
	case *estate.DBInstance:
		service, resource = "rds", "db:"+name
	case *estate.Table:
		service, resource = "dynamodb", "table/"+name
	case *estate.FileSystem:
		service, resource = "elasticfilesystem", "file-system/"+name
	}
	parts := strings.SplitN(pattern, ":", 6)
	return len(parts) == 6 && like(parts[2], service) && like(parts[5], resource)
}
