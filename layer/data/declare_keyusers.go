package data

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// storeUsers are the statements of a key that let services use it themselves:
// for the objects of a bucket, and for the fields that a service seals with
// permissions of its own ("kms:Decrypt on card-vault").
func storeUsers(p *platform.Platform, s *platform.Store) []render.Statement {
	var out []render.Statement
	sid := camel(s.Name)
	if s.IsBucket() {
		arn := "arn:aws:s3:::" + render.BucketName(p, s.Name)
		for _, u := range p.Users(s.Name) {
			actions := []string{"kms:Decrypt"}
			if u.Use.Access == "write" {
				actions = append(actions, "kms:GenerateDataKey")
			}
			out = append(out, render.Statement{
				Sid: sid + "By" + camel(u.By.Name), Principal: serviceRole(u.By), Action: actions, Resource: []any{"*"},
				Condition: []render.Condition{
					{Operator: "StringEquals", Key: "kms:ViaService", Value: via(p.Region, "s3")[0]},
					{Operator: "StringLike", Key: "kms:EncryptionContext:aws:s3:arn", Value: []string{arn, arn + "/*"}},
				},
			})
		}
	}
	for i := range p.Services {
		svc := &p.Services[i]
		if actions := sealing(svc, s); len(actions) > 0 {
			out = append(out, render.Statement{
				Sid: sid + "FieldsBy" + camel(svc.Name), Principal: serviceRole(svc), Action: actions, Resource: []any{"*"},
				Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:EncryptionContext:service", Value: svc.Name}},
			})
		}
	}
	return out
}

// sealing are the actions on a store's key that a service has asked for.
func sealing(svc *platform.Service, s *platform.Store) []string {
	var out []string
	for _, perm := range svc.AWS {
		if perm.On != s.Name {
			continue
		}
		for _, a := range perm.Actions {
			if strings.HasPrefix(strings.ToLower(a), "kms:") && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	return out
}

// contexts are the controls that the users of a store's key add to it.
func contexts(p *platform.Platform, s *platform.Store) []string {
	for i := range p.Services {
		if len(sealing(&p.Services[i], s)) > 0 {
			return []string{"data.envelope", "data.field-encryption"}
		}
	}
	return nil
}

// serviceRole is a service's role as the principal of a policy. It refers to the
// role, as AWS refuses a policy whose principals are not there.
func serviceRole(s *platform.Service) terraform.Object {
	return terraform.Obj("AWS", render.ServiceRole(s.Name)+".arn")
}

// camel is a name as a statement's id, which may hold letters and digits only:
// card-vault is CardVault.
func camel(name string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
