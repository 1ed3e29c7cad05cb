// Package crstest runs the regression tests of the OWASP Core Rule Set through the
// gateway, over real connections, and through Coraza's own middleware beside it.
//
// The tests are those inside the module coraza-coreruleset, in the format of FTW
// (Framework for Testing WAFs): a request, as broken as it needs to be, and the
// rules that must or must not fire. testdata/differences.txt lists each test that
// one of the two does not pass, and why.
//
//	go test ./layer/edge/gateway/crstest -run TestCRSRegression
//
// All of it is test code: nothing imports this package.
package crstest
