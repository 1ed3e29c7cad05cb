// Package browsertest opens pages in a real headless Chromium, for tests: what
// the page says on its console, what stands on it, how it prints.
//
// Set-up installs Chromium; a test that finds none fails and says so.
//
//	p := browsertest.Open(t, "file:///tmp/report.html")
//	if got := p.Text("h1"); got != "Depth" { … }
//	p.Clean() // no errors on the console
package browsertest
