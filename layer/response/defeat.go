package response

import (
	"fathom/diag"
	"fathom/estate"
)

// stopTrail leaves the trails switched off.
func stopTrail(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(t *estate.Trail) { t.Enabled = estate.Known(false, or(t.Enabled.Pos(), t.Pos)) })
		estate.Remove(d, func(*estate.EventDataStore) bool { return true })
	})
}

// suspendGuardDuty leaves the detectors suspended.
func suspendGuardDuty(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(g *estate.GuardDuty) { g.Enabled = estate.Known(false, or(g.Enabled.Pos(), g.Pos)) })
	})
}

// dropFilters takes away the metric filters, as a new log group does; and, where
// event rules take their place, those on API calls that start no runbook.
func dropFilters(e *estate.Estate) *estate.Estate {
	triggers := securityTriggers(e)
	filters := len(estate.All[*estate.MetricFilter](e)) > 0
	books := map[estate.ID]bool{}
	for _, r := range eventRules(e) {
		for _, b := range runbooksOf(e, triggers) {
			if r.starts(e, b.Meta().ID) {
				books[r.rule.ID] = true
			}
		}
	}
	return estate.Edit(e, func(d *estate.Draft) {
		if filters {
			estate.Remove(d, func(*estate.MetricFilter) bool { return true })
			return
		}
		calls := map[estate.ID]bool{}
		for _, r := range eventRules(e) {
			calls[r.rule.ID] = r.calls && !books[r.rule.ID]
		}
		estate.Change(d, func(r *estate.EventRule) {
			if calls[r.ID] {
				r.State = estate.Known("DISABLED", or(r.State.Pos(), r.Pos))
			}
		})
	})
}

// divertRunbooks has the rules that start runbooks write into a log instead, as
// somebody leaves them who tried them out.
func divertRunbooks(e *estate.Estate) *estate.Estate {
	triggers := securityTriggers(e)
	books := runbooksOf(e, triggers)
	diverted := map[estate.ID]bool{}
	for _, r := range eventRules(e) {
		for _, t := range r.targets {
			one := eventRule{targets: []*estate.EventTarget{t}}
			for _, b := range books {
				if one.starts(e, b.Meta().ID) {
					diverted[t.ID] = true
				}
			}
		}
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(t *estate.EventTarget) {
			if diverted[t.ID] {
				t.Target = elsewhere(t.Target.Pos())
			}
		})
		estate.Remove(d, func(*estate.ConfigRemediation) bool { return true })
	})
}

// elsewhere is a log that nobody reads.
func elsewhere(at diag.Pos) estate.Ref[estate.Resource] {
	return estate.Ref[estate.Resource]{Str: estate.Known("arn:aws:logs:eu-west-1:000000000000:log-group:/aws/events/tried", at)}
}

// unsubscribe leaves the topics without anybody who hears them.
func unsubscribe(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.Subscription) bool { return true })
		estate.Remove(d, func(*estate.ChatChannel) bool { return true })
		estate.Remove(d, func(*estate.ResponsePlan) bool { return true })
	})
}
