package supply

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// step is one step of a workflow, ready to be searched.
type step struct {
	w   *estate.Workflow
	job *estate.Job
	s   *estate.WorkflowStep
	// text is the action it uses and the script it runs, without comments.
	text string
}

// at is where the step begins.
func (s *step) at() diag.Pos { return s.s.At }

func stepsOf(e *estate.Estate) []step {
	var out []step
	for _, w := range estate.All[*estate.Workflow](e) {
		w.EachStep(func(j *estate.Job, s *estate.WorkflowStep) {
			out = append(out, step{w, j, s, s.Uses + "\n" + script(s.Run)})
		})
		for i := range w.Jobs { // a reusable workflow is searched by its name
			if j := &w.Jobs[i]; j.Uses != "" {
				out = append(out, step{w, j, &estate.WorkflowStep{At: j.At, Uses: j.Uses, With: j.With}, j.Uses})
			}
		}
	}
	return out
}

// script is a step's script without its comments.
func script(run string) string {
	lines := strings.Split(run, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), "#") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// soft says why a failing step fails nothing, or "".
func (s *step) soft() string {
	switch {
	case s.s.ContinueOnError:
		return "the step has continue-on-error"
	case s.job.ContinueOnError:
		return "the job has continue-on-error"
	case ignored.MatchString(s.s.Run):
		return "its exit code is ignored"
	}
	for _, v := range s.s.With {
		switch value := strings.ToLower(v.Value); strings.ToLower(v.Name) {
		case "exit-code":
			if value == "0" {
				return "exit-code is 0"
			}
		case "soft-fail", "soft_fail", "fail-build", "fail_build", "only-warn", "warn-only":
			if (value == "false") == strings.HasPrefix(v.Name, "fail") {
				return v.Name + " is " + value
			}
		}
	}
	// Trivy ends with 0 whatever it finds, unless it is told otherwise.
	if strings.Contains(s.s.Uses, "trivy-action") && estate.Value(s.s.With, "exit-code") == "" && estate.Value(s.s.Env, "TRIVY_EXIT_CODE") == "" {
		return "exit-code is not set"
	}
	if trivyScan.MatchString(s.text) && !strings.Contains(s.text, "--exit-code") && !strings.Contains(s.s.Uses, "trivy-action") {
		return "--exit-code is not set"
	}
	return ""
}

var (
	ignored   = regexp.MustCompile(`\|\|\s*(true|:|exit 0)(\s|$)|--exit-code[ =]0\b|\bset \+e\b`)
	trivyScan = regexp.MustCompile(`\btrivy\s+(image|fs|filesystem|repo|rootfs)\b`)
)

// gate says whether the workflow can stop a change: it runs on the change, not
// only by the clock.
func gate(w *estate.Workflow) bool {
	return slices.ContainsFunc(w.On, func(event string) bool {
		switch event {
		case "push", "pull_request", "pull_request_target", "merge_group", "workflow_call", "workflow_run", "release", "workflow_dispatch", "create", "deployment":
			return true
		}
		return false
	})
}

// hidden says what of the pipeline was not read, or "".
func hidden(e *estate.Estate) string {
	for _, w := range estate.All[*estate.Workflow](e) {
		for i := range w.Jobs {
			if u := w.Jobs[i].Uses; u != "" && !strings.HasPrefix(u, "./") {
				return "what the reusable workflow " + u + " runs was not read"
			}
		}
		found := ""
		w.EachStep(func(_ *estate.Job, s *estate.WorkflowStep) {
			if strings.HasPrefix(s.Uses, "./") && found == "" {
				found = "what the local action " + s.Uses + " runs was not read"
			}
		})
		if found != "" {
			return found
		}
	}
	for _, b := range estate.All[*estate.BuildProject](e) {
		return "what CodeBuild project " + b.ID.Addr + " runs is in its buildspec, which was not read"
	}
	return ""
}

// wanted is something that a pipeline should do.
type wanted struct {
	what string // "scans the code (SAST)"
	find *regexp.Regexp
	fix  string
	// severity of its absence; 0 is the control's own.
	severity control.Severity
}

// seek looks for the step and says how well it holds: a step that gates is
// present, one that cannot fail or runs by the clock only is partial.
func seek(e *estate.Estate, steps []step, want wanted) control.Result {
	var weak *control.Result
	for i := range steps {
		s := &steps[i]
		if !want.find.MatchString(s.text) {
			continue
		}
		why := s.soft()
		if why == "" && !gate(s.w) {
			why = "it runs only on " + strings.Join(s.w.On, ", ")
		}
		if why == "" {
			return control.Is(s.w, control.Evidence{At: s.at(), Saw: s.name()})
		}
		if weak == nil {
			r := control.Partly(s.w, control.Mistake{
				At:      s.at(),
				Summary: fmt.Sprintf("%s %s, but stops nothing: %s", s.w.ID.Addr, want.what, why),
				Fix:     "let the step fail the job, on push or pull_request: remove continue-on-error and || true, and set exit-code: 1",
			})
			weak = &r
		}
	}
	if weak != nil {
		return *weak
	}
	p := e.Pipeline()
	if why := hidden(e); why != "" {
		return control.Unsure(p, p.Pos, why)
	}
	return control.Not(p, control.Mistake{Severity: want.severity, Summary: "no workflow " + want.what, Fix: want.fix})
}

// name is what a person calls the step.
func (s *step) name() string {
	switch {
	case s.s.Name != "":
		return s.s.Name
	case s.s.Uses != "":
		return s.s.Uses
	}
	first, _, _ := strings.Cut(strings.TrimSpace(s.s.Run), "\n")
	return first
}

// buildsImages finds steps that make or push container images.
var buildsImages = regexp.MustCompile(`(?i)docker/(build-push|bake)-action|\bdocker\s+(buildx\s+)?(build|bake|push)\b|\bkaniko\b|\bko\s+(build|publish|apply)\b|\bbuildah\s+(bud|build|push)|\bpodman\s+(build|push)|\bnerdctl\s+(build|push)|\bpack\s+build\b|\bjib:?(build|dockerBuild)?\b|\bcrane\s+push|\bskaffold\s+(build|run)`)

func imageBuilder(steps []step) *step {
	for i := range steps {
		if buildsImages.MatchString(steps[i].text) {
			return &steps[i]
		}
	}
	return nil
}
