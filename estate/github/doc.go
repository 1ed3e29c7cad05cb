// Package github reads the workflows of GitHub Actions: one YAML file below
// .github/workflows becomes one estate.Workflow, with the line of every job,
// step and value.
//
// It does not run expressions: ${{ secrets.TOKEN }} stays as it was written. It
// does not fetch the actions and reusable workflows that a workflow uses.
//
// Example:
//
//	w, problems := github.Read(os.DirFS("."), ".github/workflows/release.yml")
package github
