package estate

import "fathom/diag"

// Workflow is a pipeline of the CI system: a GitHub Actions workflow.
type Workflow struct {
	Base
	// On are the events that start it: push, pull_request, schedule.
	On          []string
	Permissions Permissions
	Env         []NamedValue
	Jobs        []Job
}

func (*Workflow) pipeline() {}

// Permissions are what a workflow's or job's token may do: "write-all",
// "read-all", or a level by scope (id-token: write).
type Permissions struct {
	All    string
	Scopes map[string]string
	At     diag.Pos
}

// Job is one job of a workflow.
type Job struct {
	At          diag.Pos
	ID          string
	Environment string
	Uses        string // a reusable workflow
	// With and Secrets are what a reusable workflow is given; one secret
	// called "inherit" stands for all.
	With, Secrets []NamedValue
	If            string
	Permissions   Permissions
	Env           []NamedValue
	Steps         []WorkflowStep
	// ContinueOnError says that a failing job does not fail the workflow.
	ContinueOnError bool
}

// WorkflowStep is one step of a job: an action it uses, or a script it runs.
type WorkflowStep struct {
	At              diag.Pos
	Name            string
	Uses            string // actions/checkout@v4
	Run             string
	If              string
	ContinueOnError bool
	With            []NamedValue
	Env             []NamedValue
}

// NamedValue is one name and value, in the order written.
type NamedValue struct {
	Name, Value string
	At          diag.Pos
}

// Value returns the value of a name, or "".
func Value(vs []NamedValue, name string) string {
	for _, v := range vs {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// EachStep calls f for every step of every job.
func (w *Workflow) EachStep(f func(*Job, *WorkflowStep)) {
	for i := range w.Jobs {
		for j := range w.Jobs[i].Steps {
			f(&w.Jobs[i], &w.Jobs[i].Steps[j])
		}
	}
}
