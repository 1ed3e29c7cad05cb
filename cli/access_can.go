package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fathom/diag"
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

// checkFormat looks at the flags before anything is read.
func (f *accessFlags) checkFormat() error { return oneOf("format", f.format, "text", "json") }

// askWorld reads the paths and asks the world of their policies something; the
// text is printed, or the document.
func askWorld(ctx context.Context, env *Env, f *accessFlags, paths []string, ask func(*access.World) (*AccessJSON, func(*text), error)) (*AccessJSON, int, error) {
	type result struct {
		doc *AccessJSON
		say func(*text)
		err error
	}
	r, unread, err := readEstate(ctx, env, &f.readFlags, paths, func(e *estate.Estate) result {
		w := access.New(e)
		doc, say, err := ask(w)
		if doc != nil {
			doc.Unread = w.Unread()
		}
		return result{doc, say, err}
	})
	if err != nil {
		return nil, 0, err
	}
	if r.err != nil {
		return nil, 0, exit{exitCouldNot, r.err.Error()}
	}
	if f.format == "json" {
		return r.doc, unread, r.doc.write(env.Stdout)
	}
	t := &text{}
	r.say(t)
	if r.doc.Unread != "" {
		t.line("")
		t.line("not everything was read, so more may be allowed or denied: %s", r.doc.Unread)
	}
	return r.doc, unread, t.write(env.Stdout)
}

// text is a report in the making. What comes from files does nothing to a
// terminal.
type text struct{ lines []string }

func (t *text) line(format string, args ...any) {
	t.lines = append(t.lines, strings.TrimRight(diag.Plain(fmt.Sprintf(format, args...)), " "))
}

func (t *text) write(w io.Writer) error {
	if len(t.lines) == 0 {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(t.lines, "\n")+"\n")
	return err
}

func canCommand(env *Env) *cobra.Command {
	var f accessFlags
	var expect string
	c := &cobra.Command{
		Use:   "can PRINCIPAL ACTION RESOURCE PATH...",
		Short: "Say whether somebody may do something, by which statements, and what is missing",
		Long: `Reads the paths as one estate and decides one request in it: yes, no or unknown,
with the statements that made the answer. Unknown means that the files do not
tell; what would decide it is listed.

` + principalHelp + "\n\n" + resourceHelp + `

A condition key that is not given with --context, and does not follow from the
principal or the resource, is absent from the request.

Exit code: 0 answered, 1 something could not be read or found, 2 misuse,
3 the answer is not that of --expect.`,
		Example: `  fathom access can svc/payments s3:GetObject 'store/invoices/*' terraform/ k8s/
  fathom access can role/ci iam:PassRole aws_iam_role.admin terraform/ --expect no
  fathom access can user/ann s3:GetObject arn:aws:s3:::shop/x . --context aws:SourceIp=192.0.2.1`,
		Args: cobra.MinimumNArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			return f.can(c.Context(), env, args[0], args[1], args[2], args[3:], expect)
		},
	}
	f.register(c)
	f.registerContext(c)
	c.Flags().StringVar(&expect, "expect", "", "yes or no: exit with 3 when the answer is another")
	return c
}

const (
	principalHelp = `PRINCIPAL is role/NAME, user/NAME, permission-set/NAME, root, svc/NAME or
pod/NAMESPACE/NAME (who asks as the roles it can act as), service/NAME,
account/ID, anonymous, an ARN, or the address of a resource in the files.`
	resourceHelp = `RESOURCE is an ARN, store/NAME, the address of a resource in the files, each
with what follows it ("store/invoices/*" is any object), or "*" for an action
that has none.`
)

func (f *accessFlags) can(ctx context.Context, env *Env, who, action, resource string, paths []string, expect string) error {
	if expect != "" {
		if err := oneOf("expect", expect, "yes", "no"); err != nil {
			return err
		}
	}
	keys, err := f.question(action)
	if err != nil {
		return err
	}
	doc, unread, err := askWorld(ctx, env, f, paths, func(w *access.World) (*AccessJSON, func(*text), error) {
		a, err := w.Can(who, action, resource, keys)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "can", Answers: []AccessAnswer{jsonAnswer(&a)}}
		return doc, func(t *text) { t.answer(&a) }, nil
	})
	if err != nil {
		return err
	}
	if got := doc.Answers[0].Answer; expect != "" && got != expect {
		return exit{exitFindings, fmt.Sprintf("the answer is %s, and --expect is %s", got, expect)}
	}
	return unreadError(unread)
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

// answer writes an answer: the answer itself, then what made it.
func (t *text) answer(a *access.Answer) {
	who, doing := a.Who.Name, a.Action+" on "+a.Resource
	switch a.Truth {
	case estate.Yes:
		t.line("yes: %s can do %s%s", who, doing, acting(a.Via))
	case estate.No:
		t.line("no: %s cannot do %s", who, doing)
	default:
		t.line("unknown: the files do not tell whether %s can do %s%s", who, doing, acting(a.Via))
	}
	t.because(a.Because)
	if a.Missing != "" {
		t.line("  missing: %s", a.Missing)
	}
	for _, g := range a.Given {
		t.line("  it would need: %s", g)
	}
	for _, d := range a.Doubts {
		t.line("  not known: %s", d)
	}
	if a.Via != nil {
		t.identity(a.Via)
	}
	for _, n := range a.Notes {
		t.line("  note: %s", n)
	}
}

func acting(via *access.Identity) string {
	if via == nil {
		return ""
	}
	return ", as " + via.Role.Name
}

func (t *text) because(bs []access.Because) {
	for _, b := range bs {
		t.line("  %s", statementLine(b))
	}
}

// statementLine is a statement as a line. What is in no document, such as what
// the root user may do, has only its text.
func statementLine(b access.Because) string {
	if b.Holder == nil && b.Policy == "" && b.Sid == "" {
		return b.Text
	}
	return b.String()
}

// identity writes how a workload comes to its role.
func (t *text) identity(i *access.Identity) {
	t.line("  it acts as %s through %s%s", i.Role.Name, i.How, orWhy(i.Why))
	if !i.At.IsZero() && len(i.Steps) == 0 {
		t.line("    %s", i.At)
	}
	for _, s := range i.Steps {
		t.line("    %s (%s)", s.Saw, s.At)
	}
	for _, d := range i.Doubts {
		t.line("    not known: %s", d)
	}
	for _, d := range i.Limits {
		t.line("    may stand in the way: %s", d)
	}
}

func orWhy(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func whoCommand(env *Env) *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "who ACTION RESOURCE PATH...",
		Short: "List who may do something, those who surely may first",
		Long: `Reads the paths as one estate and lists everybody in it who can, or may, do an
action on a resource, and whether anybody on the internet can.

` + resourceHelp,
		Example: `  fathom access who s3:GetObject 'store/invoices/*' terraform/ k8s/
  fathom access who kms:Decrypt aws_kms_key.cards terraform/ --format json`,
		Args: cobra.MinimumNArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return f.who(c.Context(), env, args[0], args[1], args[2:])
		},
	}
	f.register(c)
	f.registerContext(c)
	return c
}

func (f *accessFlags) who(ctx context.Context, env *Env, action, resource string, paths []string) error {
	keys, err := f.question(action)
	if err != nil {
		return err
	}
	_, unread, err := askWorld(ctx, env, f, paths, func(w *access.World) (*AccessJSON, func(*text), error) {
		answers, err := w.Who(action, resource, keys)
		if err != nil {
			return nil, nil, err
		}
		arn, _, err := w.Resource(resource)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "who", Answers: []AccessAnswer{}}
		for i := range answers {
			doc.Answers = append(doc.Answers, jsonAnswer(&answers[i]))
		}
		return doc, func(t *text) { t.answers(answers, action+" on "+arn) }, nil
	})
	if err != nil {
		return err
	}
	return unreadError(unread)
}

// answers writes who can and who may.
func (t *text) answers(answers []access.Answer, doing string) {
	surely := 0
	for i := range answers {
		if answers[i].Truth == estate.Yes {
			surely++
		}
	}
	switch maybe := len(answers) - surely; {
	case len(answers) == 0:
		t.line("nobody in the files can do %s", doing)
		return
	case maybe == 0:
		t.line("%d can do %s", surely, doing)
	default:
		t.line("%d can do %s; of %d more the files do not tell", surely, doing, maybe)
	}
	for _, g := range alike(answers) {
		t.line("")
		t.names(g)
		a := g[0]
		t.because(a.Because)
		for _, given := range a.Given {
			t.line("  when: %s", given)
		}
		for _, d := range a.Doubts {
			t.line("  not known: %s", d)
		}
	}
}

// alike puts answers together that have the same reasons, in the order of the
// first of each.
func alike(answers []access.Answer) [][]*access.Answer {
	var out [][]*access.Answer
	index := map[string]int{}
	for i := range answers {
		a := &answers[i]
		key := fmt.Sprint(a.Truth, a.Because, a.Given, a.Doubts)
		k, ok := index[key]
		if !ok {
			k = len(out)
			index[key] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], a)
	}
	return out
}

// names writes who the answers are about: a line for those who act for
// themselves, and one for each role that workloads act as.
func (t *text) names(answers []*access.Answer) {
	word := "can"
	if answers[0].Truth != estate.Yes {
		word = "may"
	}
	var roles []string
	byRole := map[string][]string{}
	for _, a := range answers {
		role := ""
		if a.Via != nil {
			role = a.Via.Role.Name
		}
		if byRole[role] == nil {
			roles = append(roles, role)
		}
		byRole[role] = append(byRole[role], a.Who.Name)
	}
	for _, role := range roles {
		as := ""
		if role != "" {
			as = " as " + role
		}
		t.line("%s %s%s", strings.Join(byRole[role], ", "), word, as)
	}
}

func whatCommand(env *Env) *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "what PRINCIPAL PATH...",
		Short: "List what somebody may do, statement by statement, and what takes away from it",
		Long: `Reads the paths as one estate and lists the statements that let somebody do
something, each with its conditions and with the denies, boundaries and SCPs
that take away from it.

` + principalHelp,
		Example: `  fathom access what role/shopnow-node terraform/
  fathom access what svc/payments terraform/ k8s/ --format json`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return f.what(c.Context(), env, args[0], args[1:])
		},
	}
	f.register(c)
	return c
}

func (f *accessFlags) what(ctx context.Context, env *Env, who string, paths []string) error {
	if err := f.checkFormat(); err != nil {
		return err
	}
	_, unread, err := askWorld(ctx, env, f, paths, func(w *access.World) (*AccessJSON, func(*text), error) {
		p, err := w.Principal(who)
		if err != nil {
			return nil, nil, err
		}
		permissions, err := w.What(who)
		if err != nil {
			return nil, nil, err
		}
		doc := &AccessJSON{Question: "what", Permissions: []AccessPermission{}}
		for i := range permissions {
			doc.Permissions = append(doc.Permissions, jsonPermission(&permissions[i]))
		}
		return doc, func(t *text) { t.permissions(p, permissions) }, nil
	})
	if err != nil {
		return err
	}
	return unreadError(unread)
}

// permissions writes what somebody may do, by the role they act as.
func (t *text) permissions(p access.Principal, permissions []access.Permission) {
	if len(p.As) == 0 && p.Kind == access.Workload {
		t.line("%s acts as no role", p.Name)
		return
	}
	if len(permissions) == 0 {
		t.line("no statement lets %s do anything", p.Name)
	} else if p.Kind != access.Workload {
		t.line("%s may do what %s allow%s", p.Name, plural(len(permissions), "statement"), third(len(permissions)))
	}
	var roles []string
	for i := range permissions {
		q := &permissions[i]
		if q.Via != nil && !slices.Contains(roles, q.Via.Role.Name) {
			roles = append(roles, q.Via.Role.Name)
			if len(roles) > 1 {
				t.line("")
			}
			t.line("%s acts as %s through %s%s", p.Name, q.Via.Role.Name, q.Via.How, orWhy(q.Via.Why))
		}
		t.permission(q)
	}
}

func third(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

func (t *text) permission(q *access.Permission) {
	switch q.Truth {
	case estate.Yes:
		t.line("  %s", statementLine(q.Because))
	case estate.No:
		t.line("  %s, of which nothing is left", statementLine(q.Because))
	default:
		t.line("  %s, as far as the files tell", statementLine(q.Because))
	}
	for _, c := range q.Conditions {
		t.line("    when %s", c)
	}
	for _, l := range q.Limits {
		if l.Whole {
			t.line("    but %s", statementLine(l.Because))
		} else {
			t.line("    less %s", statementLine(l.Because))
		}
	}
	for _, d := range q.Doubts {
		t.line("    not known: %s", d)
	}
}
