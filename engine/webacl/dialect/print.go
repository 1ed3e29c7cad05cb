package dialect

import (
	"bytes"
	"encoding/json"
	"strconv"

	"fathom/engine/webacl"
)

// members is a JSON object.
type members = map[string]any

// API prints a web ACL as aws wafv2 get-web-acl answers it, search strings in
// base64: reading that gives the same web ACL again. Search strings that are no
// printable text come back only with BlobBase64. Sets and groups go by their ARN;
// an Unresolved statement, and a Probe, have no notation and are written as an
// empty statement, which no reader takes.
func API(acl *webacl.ACL) []byte {
	m := members{"Name": acl.Name, "DefaultAction": printAction(acl.Default), "Rules": printRules(acl.Rules, "Statement")}
	put(m, "Id", acl.ID)
	put(m, "ARN", acl.ARN)
	if acl.Account != "" {
		m["LabelNamespace"] = "awswaf:" + acl.Account + ":webacl:" + acl.Name + ":"
	}
	if acl.Scope == webacl.CloudFront {
		m["Scope"] = "CLOUDFRONT"
	}
	if len(acl.Pre) > 0 {
		m["PreProcessFirewallManagerRuleGroups"] = printRules(acl.Pre, "FirewallManagerStatement")
	}
	if len(acl.Post) > 0 {
		m["PostProcessFirewallManagerRuleGroups"] = printRules(acl.Post, "FirewallManagerStatement")
	}
	putBodies(m, acl.Bodies)
	putImmunity(m, acl.CaptchaImmunity, acl.ChallengeImmunity)
	if len(acl.TokenDomains) > 0 {
		m["TokenDomains"] = acl.TokenDomains
	}
	if len(acl.BodyLimits) > 0 {
		limits := members{}
		for _, k := range inspected {
			if v, ok := acl.BodyLimits[k.kind]; ok {
				limits[k.name] = members{"DefaultSizeInspectionLimit": "KB_" + strconv.Itoa(v/1024)}
			}
		}
		m["AssociationConfig"] = members{"RequestBody": limits}
	}
	if acl.Capacity > 0 {
		m["Capacity"] = acl.Capacity
	}
	return encode(members{"WebACL": m})
}

// GroupAPI prints a rule group as aws wafv2 get-rule-group answers it.
func GroupAPI(g *webacl.Group) []byte {
	m := members{"Name": g.Name, "Rules": printRules(g.Rules, "Statement")}
	put(m, "ARN", g.ARN)
	put(m, "LabelNamespace", g.LabelPrefix)
	if g.Capacity > 0 {
		m["Capacity"] = g.Capacity
	}
	putBodies(m, g.Bodies)
	return encode(members{"RuleGroup": m})
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil // maps of texts and numbers always encode
	}
	return b.Bytes()
}

func put(m members, name, value string) {
	if value != "" {
		m[name] = value
	}
}

func putBodies(m members, bodies map[string]webacl.Body) {
	if len(bodies) == 0 {
		return
	}
	out := members{}
	for key, b := range bodies {
		out[key] = members{"ContentType": b.ContentType, "Content": b.Content}
	}
	m["CustomResponseBodies"] = out
}

func putImmunity(m members, captcha, challenge int64) {
	for name, seconds := range map[string]int64{"CaptchaConfig": captcha, "ChallengeConfig": challenge} {
		if seconds > 0 {
			m[name] = members{"ImmunityTimeProperty": members{"ImmunityTime": seconds}}
		}
	}
}

func printRules(rules []webacl.Rule, statement string) []any {
	out := make([]any, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		m := members{"Name": r.Name, "Priority": r.Priority, statement: printStatement(r.Statement)}
		switch r.Override {
		case webacl.OverrideNone:
			m["OverrideAction"] = members{"None": members{}}
		case webacl.OverrideCount:
			m["OverrideAction"] = members{"Count": members{}}
		default:
			m["Action"] = printAction(r.Action)
		}
		if len(r.Labels) > 0 {
			labels := make([]any, len(r.Labels))
			for i, l := range r.Labels {
				labels[i] = members{"Name": l}
			}
			m["RuleLabels"] = labels
		}
		putImmunity(m, r.CaptchaImmunity, r.ChallengeImmunity)
		m["VisibilityConfig"] = members{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": r.Name}
		out = append(out, m)
	}
	return out
}

func printAction(a webacl.Action) members {
	in := members{}
	if len(a.Insert) > 0 {
		in["CustomRequestHandling"] = members{"InsertHeaders": printHeaders(a.Insert)}
	}
	if a.Response != nil {
		response := members{"ResponseCode": a.Response.Code}
		put(response, "CustomResponseBodyKey", a.Response.Body)
		if len(a.Response.Headers) > 0 {
			response["ResponseHeaders"] = printHeaders(a.Response.Headers)
		}
		in["CustomResponse"] = response
	}
	for name, kind := range actionKinds {
		if kind == a.Kind {
			return members{name: in}
		}
	}
	return members{}
}

func printHeaders(hs []webacl.Header) []any {
	out := make([]any, len(hs))
	for i, h := range hs {
		out[i] = members{"Name": h.Name, "Value": h.Value}
	}
	return out
}
