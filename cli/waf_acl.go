package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/estate"
)

// aclFlags say how web ACLs are found and read.
type aclFlags struct {
	readFlags
	name, dialect, search string
	with                  []string
}

func (f *aclFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "acl", "", "which web ACL, by its name, ARN or address, where there are several")
	c.Flags().StringArrayVar(&f.with, "with", nil, "a file with IP sets, regex pattern sets or rule groups that the web ACL names")
	c.Flags().StringVar(&f.dialect, "dialect", "auto", "api, console, cloudformation, rule-json, snake or cdk (default: as the file looks)")
	c.Flags().StringVar(&f.search, "search-string", "auto", "whether SearchString is literal or base64 (default: as the file looks)")
	f.readFlags.register(c)
}

func (f *aclFlags) check() error {
	if _, ok := dialect.ParseDialect(f.dialect); !ok {
		return oneOf("dialect", f.dialect, "auto", "api", "console", "cloudformation", "rule-json", "snake", "cdk")
	}
	if _, ok := dialect.ParseSearchString(f.search); !ok {
		return oneOf("search-string", f.search, "auto", "literal", "base64")
	}
	_, err := f.options(&Env{FS: noFiles{}})
	if e, ok := err.(exit); ok && e.code == exitMisuse {
		return err
	}
	return nil
}

// noFiles has no files: flags are checked before any is looked for.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// foundACL is a web ACL that was found below a path.
type foundACL struct {
	acl *webacl.ACL
	// address is of a resource of an estate; it may be empty.
	address string
	notes   diag.Problems
	// unread is how much of the estate could not be read.
	unread int
}

// load reads the web ACL below a path.
func (f *aclFlags) load(ctx context.Context, env *Env, name string) (foundACL, error) {
	isEstate, err := f.isEstate(env, name)
	if err != nil {
		return foundACL{}, err
	}
	if isEstate {
		return f.fromEstate(ctx, env, name)
	}
	d, _ := dialect.ParseDialect(f.dialect)
	search, _ := dialect.ParseSearchString(f.search)
	var docs []dialect.Document
	var problems diag.Problems
	for i, file := range append([]string{name}, f.with...) {
		content, err := readSmall(env, file)
		if err != nil {
			return foundACL{}, err
		}
		o := dialect.Options{SearchString: search}
		if i == 0 {
			o.Dialect = d
		}
		doc, ps := dialect.Read(file, content, o)
		docs = append(docs, doc)
		problems = append(problems, ps...)
	}
	if len(problems) > 0 {
		printProblems(env, problems.Sorted(), nil)
		return foundACL{}, exit{exitCouldNot, name + ": the web ACL cannot be read as written (see above)"}
	}
	all := dialect.Join(docs...)
	var found []foundACL
	for _, a := range all.ACLs {
		found = append(found, foundACL{acl: a, notes: all.Notes})
	}
	return f.choose(name, found)
}

// isEstate says whether a path is an estate's: a folder, Terraform, or a plan.
func (f *aclFlags) isEstate(env *Env, name string) (bool, error) {
	info, err := fs.Stat(env.FS, name)
	if err != nil {
		return false, exit{exitCouldNot, fmt.Sprintf("%v; name a file with a web ACL, or a path with Terraform files", err)}
	}
	switch {
	case info.IsDir():
		return true, nil
	case f.dialect != "auto":
		return false, nil
	case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tf.json"):
		return true, nil
	case path.Ext(name) != ".json":
		return false, nil
	}
	file, err := env.FS.Open(name)
	if err != nil {
		return false, nil //nolint:nilerr // reading it tells
	}
	defer file.Close()
	start, _ := io.ReadAll(io.LimitReader(file, 4<<10))
	return bytes.Contains(start, []byte(`"terraform_version"`)) || bytes.Contains(start, []byte(`"planned_values"`)), nil
}

func (f *aclFlags) fromEstate(ctx context.Context, env *Env, name string) (foundACL, error) {
	type result struct {
		found    []dialect.Found
		problems diag.Problems
	}
	r, unread, err := readEstate(ctx, env, &f.readFlags, []string{name}, func(e *estate.Estate) result {
		found, problems := dialect.FromEstate(e)
		return result{found, problems}
	})
	if err != nil {
		return foundACL{}, err
	}
	printProblems(env, r.problems.Sorted(), nil)
	var found []foundACL
	for _, x := range r.found {
		if x.ACL == nil {
			continue
		}
		one := foundACL{acl: x.ACL, unread: unread}
		if x.Of != nil {
			one.address = x.Of.Meta().ID.String()
		}
		found = append(found, one)
	}
	if len(found) == 0 && len(r.problems) > 0 {
		return foundACL{}, exit{exitCouldNot, name + ": its web ACLs cannot be read as written (see above)"}
	}
	return f.choose(name, found)
}

// choose takes the only web ACL, or the one of --acl.
func (f *aclFlags) choose(name string, found []foundACL) (foundACL, error) {
	var names []string
	var chosen []foundACL
	for _, x := range found {
		a := x.acl
		names = append(names, cmp.Or(a.Name, x.address))
		if f.name == "" || f.name == a.Name || f.name == a.ARN || f.name == x.address {
			chosen = append(chosen, x)
		}
	}
	switch {
	case len(found) == 0:
		return foundACL{}, exit{exitCouldNot, name + ": there is no web ACL; name a file with one, or a path with Terraform files"}
	case len(chosen) == 1:
		return chosen[0], nil
	case len(chosen) == 0:
		text := fmt.Sprintf("%s has no web ACL %q", name, f.name)
		if near := nearest(f.name, names); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		return foundACL{}, exit{exitMisuse, text}
	case f.name == "":
		return foundACL{}, exit{exitMisuse, fmt.Sprintf("%s has %d web ACLs; say which with --acl: %s", name, len(found), strings.Join(names, ", "))}
	}
	var addresses []string
	for _, x := range chosen {
		addresses = append(addresses, cmp.Or(x.address, x.acl.ARN))
	}
	return foundACL{}, exit{exitMisuse, fmt.Sprintf("%s has %d web ACLs named %q; say which with --acl and its address: %s", name, len(chosen), f.name, strings.Join(addresses, ", "))}
}

// maxACL bounds a file with a web ACL, a list or the like, in bytes. maxDB bounds
// a geo database.
const (
	maxACL = 16 << 20
	maxDB  = 1 << 30
)

func readSmall(env *Env, name string) ([]byte, error) { return readBounded(env, name, maxACL) }

func readBounded(env *Env, name string, most int64) ([]byte, error) {
	file, err := env.FS.Open(name)
	if err != nil {
		return nil, exit{exitCouldNot, err.Error()}
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: the file cannot be read: %v", name, err)}
	case int64(len(b)) > most:
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: the file has more than %d MiB", name, most>>20)}
	}
	return b, nil
}
