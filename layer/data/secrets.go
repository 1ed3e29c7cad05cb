package data

import (
	"cmp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var secrets = control.Control{
	ID:       "data.secrets",
	Title:    "Secrets in Secrets Manager or Vault, rotated, none in code, images or environment files",
	Why:      "Whoever reads the repository, a pod's description or the Terraform state logs in as the application, and the password still works a year later",
	Threats:  []control.Threat{control.AccountTakeover, control.Exfiltration, control.SupplyChain},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 8.6.2", "PCI DSS 4.0.1 8.6.3", "GDPR 32"},
	Check:    checkSecrets,
	Defeat:   defeatSecrets,
}

// checkSecrets looks for secrets written out in the files, in every place that
// takes one, and asks for rotation of those in Secrets Manager. A value that
// only Terraform makes (random_password) is in no file.
func checkSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	out = append(out, databasePasswords(e)...)
	out = append(out, storedSecrets(e)...)
	out = append(out, parameterSecrets(e)...)
	out = append(out, computeSecrets(e)...)
	out = append(out, clusterSecrets(e)...)
	out = append(out, pipelineSecrets(e)...)
	for _, p := range estate.All[*estate.Provider](e) {
		if value, ok := p.SecretKey.Known(); ok && plain(value) {
			out = append(out, written(p, p.SecretKey.Pos(), "the AWS provider ("+p.ID.Addr+")", "secret_key", aSecret, len(value),
				"remove access_key and secret_key, and let the provider take a role from its environment"))
		}
	}
	return out
}

// aSecret is what a value is called that its name, and not its form, makes a
// secret.
const aSecret = "a secret"

const keepElsewhere = "keep it in Secrets Manager or Vault and read it at run time, then change it: who has read these files knows it"

// written is the finding of a secret written out. It says which and how long,
// and not what.
func written(on estate.Resource, at diag.Pos, where, name, what string, length int, fix string) control.Result {
	summary := where + " has " + what + " written out in clear"
	switch {
	case name == "" && what == aSecret:
		summary = where + " is written out in clear"
	case what == aSecret:
		summary = where + " has " + name + " written out in clear"
	case name != "":
		summary = where + " has " + name + ", " + what + ", written out in clear"
	}
	cause := control.CausePlaintext
	if what == anAccessKey {
		cause = control.CauseStaticKey
	}
	seen := control.Saw(at, "%s", cmp.Or(name, what))
	if length > 0 {
		seen.Saw += ", " + itoa(length) + " characters"
	}
	return control.Not(on, control.Mistake{
		At:       at,
		Cause:    cause,
		Summary:  summary,
		Fix:      fix,
		Evidence: []control.Evidence{seen},
	})
}

// databasePasswords are the master passwords of databases, and the tokens of
// caches.
func databasePasswords(e *estate.Estate) []control.Result {
	var out []control.Result
	judge := func(s store, arg string, v estate.Str, managed estate.Bool, fix string) {
		value, known := v.Known()
		switch {
		case managed.Is(true) == estate.Yes:
			out = append(out, control.Is(s, control.Saw(managed.Pos(), "RDS keeps the password in Secrets Manager and rotates it")))
		case v.Absent():
		case known && value != "": // a placeholder is a password too: the database opens with it
			out = append(out, written(s, v.Pos(), s.String(), arg, aSecret, len(value), fix))
		case v.Set() == estate.Maybe:
			out = append(out, control.Unsure(s, v.Pos(), "it is not known where "+arg+" of "+s.String()+" comes from: "+v.Why()))
		case v.Set() == estate.Yes && !known:
			out = append(out, control.Is(s, control.Saw(v.Pos(), "%s is made elsewhere", arg)))
		}
	}
	const fix = "set manage_master_user_password = true instead, so that RDS keeps the password in Secrets Manager and rotates it, and change it: who has read these files knows it"
	for _, r := range estate.All[*estate.DBCluster](e) {
		judge(store{r, "database cluster", r.Identifier}, "master_password", r.MasterPassword, r.ManagedPassword, fix)
	}
	for _, r := range estate.All[*estate.DBInstance](e) {
		judge(store{r, "database", r.Identifier}, "password", r.Password, r.ManagedPassword, fix)
	}
	for _, r := range estate.All[*estate.Redshift](e) {
		judge(store{r, "warehouse", r.ClusterID}, "master_password", r.MasterPassword, estate.Bool{}, "set manage_master_password = true instead, and change the password")
	}
	for _, r := range estate.All[*estate.CacheGroup](e) {
		judge(store{r, "cache", r.GroupID}, "auth_token", r.AuthToken, estate.Bool{}, keepElsewhere)
	}
	return out
}

// storedSecrets judges Secrets Manager: that values do not come out of a file,
// and that each secret rotates. A secret that another service manages, such as
// RDS's, is no resource of its own.
func storedSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, v := range estate.All[*estate.SecretVersion](e) {
		value, known := v.Value.Known()
		if name, what, n := secretInValue(value); known && what != "" {
			out = append(out, written(v, v.Value.Pos(), "the value of "+secretOf(e, v), name, what, n,
				"let something outside of Terraform write the value (secret_string_wo, or ignore_changes over a placeholder), and change it: who has read these files knows it"))
		}
	}
	for _, s := range estate.All[*estate.Secret](e) {
		what := control.Named("secret", s.SecretName, s.Meta())
		rotations := estate.Of[*estate.SecretRotation](e, s.ID)
		if len(rotations) > 0 {
			out = append(out, control.Is(s, control.Saw(rotations[0].Pos, "rotated by %s", rotations[0].ID.Addr)))
			continue
		}
		out = append(out, half(control.Lacks(e, s, control.Mistake{
			Severity: control.Low,
			Summary:  what + " is never rotated",
			Fix:      "add an aws_secretsmanager_secret_rotation",
		})))
	}
	return out
}

// secretOf names the secret that a version belongs to.
func secretOf(e *estate.Estate, v *estate.SecretVersion) string {
	for _, s := range estate.To(e, v.Secret) {
		return control.Named("secret", s.SecretName, s.Meta())
	}
	return "secret " + v.Secret.String()
}

// parameterSecrets judges Parameter Store: a String is readable without a key,
// a SecureString with its value in a file is known to who reads that.
func parameterSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, p := range estate.All[*estate.SSMParameter](e) {
		what := control.Named("parameter", p.Parameter, p.Meta())
		value, known := p.Value.Known()
		path := p.Parameter.String()
		secret := secretName(path[strings.LastIndexByte(path, '/')+1:])
		kind := markedSecret(value)
		if kind == "" && secret {
			kind = aSecret
		}
		switch {
		case kind == "", known && kind == aSecret && !plain(value):
		case p.Kind.In("String", "StringList") == estate.Yes:
			out = append(out, control.Not(p, control.Mistake{
				At: p.Kind.Pos(), Cause: control.CausePlaintext,
				Summary:  what + " keeps " + kind + " in clear: its type is " + p.Kind.String(),
				Fix:      `set type = "SecureString" and key_id, or keep it in Secrets Manager, and take the value out of the files`,
				Evidence: []control.Evidence{control.Saw(p.Kind.Pos(), "type = %s, %d characters", p.Kind, len(value))},
			}))
		case known:
			out = append(out, written(p, p.Value.Pos(), what, "value", kind, len(value), keepElsewhere))
		case p.Kind.Unknown():
			out = append(out, control.Unsure(p, p.Kind.Pos(), "the type of "+what+" is not known: "+p.Kind.Why()))
		default:
			out = append(out, control.Is(p, control.Saw(p.Pos, "a SecureString whose value is made elsewhere")))
		}
	}
	return out
}
