package webacl

import "errors"

var errNoCounter = errors.New("nothing counts requests")

// Program is a compiled ACL. It may evaluate many requests at once.
type Program struct {
	acl     *ACL
	options Options
}
