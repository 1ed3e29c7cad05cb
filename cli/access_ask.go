package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// accessFlags are those of every verb of access that reads an estate.
type accessFlags struct {
	readFlags
	format string
	keys   []string
}

func (f *accessFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	f.readFlags.register(c)
}

func (f *accessFlags) registerContext(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.keys, "context", nil, "a condition key of the request, key=value; key=[a,b] for a multivalued one")
}

// context reads --context.
func (f *accessFlags) context() (iam.Context, error) {
	out := iam.Context{}
	for _, k := range f.keys {
		name, value, ok := strings.Cut(k, "=")
		key := strings.ToLower(name)
		switch _, twice := out[key]; {
		case !ok || key == "":
			return nil, exit{exitMisuse, fmt.Sprintf("--context %q has no key and value; write --context aws:SourceIp=192.0.2.1", k)}
		case twice:
			return nil, exit{exitMisuse, fmt.Sprintf("--context has %s twice; for several values write --context '%s=[a,b]'", name, name)}
		case strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]"):
			out[key] = iam.Many(listOf(value)...)
		default:
			out[key] = iam.One(value)
		}
	}
	return out, nil
}

// listOf reads [a,b] or ["a","b"].
func listOf(s string) []string {
	var list []string
	if json.Unmarshal([]byte(s), &list) == nil {
		return list
	}
	for _, v := range strings.Split(s[1:len(s)-1], ",") {
		list = append(list, strings.TrimSpace(v))
	}
	return list
}

// checkList looks at the flags of a list before anything is read.
func (f *accessFlags) checkList(expect string) error {
	if expect != "" {
		if err := oneOf("expect", expect, "none"); err != nil {
			return err
		}
	}
	return f.checkFormat()
}

// listError is the exit of a list: --expect none does not want any.
func listError(found int, noun, expect string, unread int) error {
	if expect == "none" && found > 0 {
		return exit{exitFindings, fmt.Sprintf("there %s, and --expect is none", isOrAre(found, noun))}
	}
	return unreadError(unread)
}

func isOrAre(n int, noun string) string {
	if n == 1 {
		return "is 1 " + noun
	}
	return "are " + plural(n, noun)
}

// checkFormat looks at the flags before anything is read.
func (f *accessFlags) checkFormat() error { return oneOf("format", f.format, "text", "json") }

// askWorld reads the paths and asks the world of their policies something; the
// text is printed, or the document.
func askWorld(ctx context.Context, env *Env, f *accessFlags, paths []string, ask func(*estateWorld) (*AccessJSON, func(*text), error)) (*AccessJSON, int, error) {
	type result struct {
		doc *AccessJSON
		say func(*text)
		err error
	}
	r, unread, err := readEstate(ctx, env, &f.readFlags, paths, func(e *estate.Estate) result {
		w := &estateWorld{access.New(e), e}
		doc, say, err := ask(w)
		if doc != nil {
			doc.Unread = w.Unread()
			doc.Account, doc.AccountKnown = w.Account()
		}
		return result{doc, say, err}
	})
	if err != nil {
		return nil, 0, err
	}
	if r.err != nil {
		return nil, 0, exit{exitCouldNot, r.err.Error()}
	}
	if r.doc.Unread == "" && unread > 0 {
		r.doc.Unread = "some of the files could not be read as written"
	}
	if f.format == "json" {
		return r.doc, unread, r.doc.write(env.Stdout)
	}
	t := &text{}
	r.say(t)
	if !r.doc.AccountKnown && t.mentions(r.doc.Account) {
		t.line("")
		t.line("the files do not tell the account; %s stands for it", r.doc.Account)
	}
	if r.doc.Unread != "" {
		t.line("")
		t.line("not everything was read, so more may be allowed or denied: %s", r.doc.Unread)
	}
	return r.doc, unread, t.write(env.Stdout)
}

// question checks the flags and the action of a question.
func (f *accessFlags) question(action string) (iam.Context, error) {
	if err := f.checkFormat(); err != nil {
		return nil, err
	}
	if !actionName(action) {
		return nil, exit{exitMisuse, fmt.Sprintf("the action %q is no action; write service:Name, such as s3:GetObject, without wildcards", action)}
	}
	return f.context()
}

const (
	principalHelp = `PRINCIPAL is role/NAME, user/NAME, permission-set/NAME, root, svc/NAME or
pod/NAMESPACE/NAME (who asks as the roles it can act as), service/NAME,
account/ID, anonymous, an ARN, or the address of a resource in the files.`
	resourceHelp = `RESOURCE is an ARN, store/NAME, the address of a resource in the files, each
with what follows it ("store/invoices/*" is any object), or "*" for an action
that has none.`
)

const expectNone = "none: exit with 3 when there is any"
