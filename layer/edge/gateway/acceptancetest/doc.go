// Package acceptancetest runs the gateway as those who use it do: the program
// fathom gateway with a configuration, as a process, with real browsers, a real
// Redis, signals and files that change, and looks at what comes back.
//
//	FATHOM_PICTURES=/tmp/pictures go test ./layer/edge/gateway/acceptancetest
//
// keeps pictures of the pages, too. It does not test the parts: those have tests
// of their own. All of it is test code: nothing imports this package.
package acceptancetest
