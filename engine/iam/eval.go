package iam

import "strings"

// eval is one evaluation: the request, taken apart once.
type eval struct {
	o Options
	r *Request

	service, name string // of the action, in lower case
	action        string
	resource      [6]string
	isARN         bool
	owner         string // the account of the resource
	caller        caller
	derived       [len(derivedKeys)]string // the keys that follow from the request; "" for none
	near          near
}

// caller is the principal with what its policies need.
type caller struct {
	*Principal
	role        string // the ARN of a session's role
	pathUnknown bool
	bounded     bool // has a permissions boundary
}

// begin takes a request apart.
func (e *eval) begin(o Options, r *Request) {
	e.o, e.r = o, r
	e.action = strings.ToLower(r.Action)
	e.service, e.name, _ = strings.Cut(e.action, ":")
	e.resource, e.isARN = segments(r.Resource)
	e.caller = caller{Principal: &r.Principal, role: r.Principal.Role, pathUnknown: r.Principal.PathUnknown}
	if e.caller.pathUnknown {
		e.findPath()
	}
	e.owner = r.ResourceAccount
	if e.owner == "" && e.isARN && is12(e.resource[4]) {
		e.owner = e.resource[4]
	}
	if e.owner == "" {
		e.owner = r.Principal.Account
	}
	e.derive()
}

// findPath takes a role's path from aws:PrincipalArn, where the request has it.
func (e *eval) findPath() {
	v, ok := e.r.Context["aws:principalarn"]
	if !ok || v.Multi || len(v.Values) != 1 {
		return
	}
	pp, why := newPrincipalPattern("AWS", v.Values[0])
	if why == "" && pp.form == formRole && pp.account == e.caller.Account && pp.name == roleName(e.caller.role) {
		e.caller.role, e.caller.pathUnknown = v.Values[0], false
	}
}

func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// The condition keys that follow from the principal and the request (IAM User
// Guide, "AWS global condition context keys" and "Variables and tags": the
// table of principal key values).
const (
	keyPrincipalARN = iota
	keyPrincipalAccount
	keyPrincipalType
	keyUserID
	keyUserName
	keyIsService
	keyServiceName
	keyResourceAccount
	keyCallerAccount
)

var derivedKeys = [...]string{
	"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username",
	"aws:principalisawsservice", "aws:principalservicename", "aws:resourceaccount", "kms:calleraccount",
}

func (e *eval) derive() {
	p, d := e.caller, &e.derived
	d[keyResourceAccount] = e.owner
	if p.hasIdentity() {
		d[keyPrincipalAccount] = p.Account
		d[keyIsService] = "false"
		d[keyPrincipalARN] = p.ARN
		if e.service == "kms" {
			d[keyCallerAccount] = p.Account
		}
	}
	switch p.Kind {
	case Anonymous:
		d[keyPrincipalType], d[keyUserID] = "Anonymous", "anonymous"
	case Root:
		d[keyPrincipalType], d[keyUserID] = "Account", p.Account
	case User:
		d[keyPrincipalType], d[keyUserName] = "User", roleName(p.ARN)
	case Session:
		d[keyPrincipalType], d[keyPrincipalARN] = "AssumedRole", p.role
	case FederatedUser:
		d[keyPrincipalType] = "FederatedUser"
		if p.Account != "" {
			d[keyUserID] = p.Account + ":" + p.SessionName
		}
	case Service:
		d[keyIsService], d[keyServiceName] = "true", p.Name
	}
}

// key looks a condition key up. What the request gives goes before what
// follows from it. A key with an empty list is not there: it holds nothing.
func (e *eval) key(name string) (values []string, multi, ok bool) {
	if v, ok := e.r.Context[name]; ok {
		if len(v.Values) == 0 || e.o.EmptyIsAbsent && !v.Multi && v.Values[0] == "" {
			return nil, v.Multi, false
		}
		return v.Values, v.Multi || len(v.Values) > 1, true
	}
	for i := range derivedKeys {
		if derivedKeys[i] == name {
			return e.derived[i : i+1], false, e.derived[i] != ""
		}
	}
	return nil, false, false
}
