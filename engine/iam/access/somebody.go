package access

import (
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// Administrator is somebody of the estate's account whose own policies allow
// everything: what stands in his way are the policies of the organisation and of
// resources. With anyName his name is not known, so that what depends on it is
// Maybe.
func (w *World) Administrator(anyName bool) Principal {
	if !anyName {
		return w.allowed(w.somebody(Role, "role/", "administrator"), "administrator")
	}
	p := w.somebody(Role, "role/", "<administrator>")
	p.arn, p.keys = p.IAM.ARN, "aws:principalarn aws:userid"
	return w.allowed(p, "administrator")
}

// Within is an administrator with the boundary of a principal.
func (w *World) Within(p Principal) Principal {
	on := p.Boundary()
	if on == "" {
		return w.Administrator(false)
	}
	out := w.somebody(Role, "role/", "administrator")
	out.boundary = p.boundary
	return w.allowed(out, "administrator within "+on)
}

// allowed is somebody whose own policies allow everything.
func (w *World) allowed(p Principal, name string) Principal {
	d := &document{place: "identity"}
	compile(d, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, iam.Identity, &open0)
	p.identity = []*document{d}
	p.settle()
	p.Name = name
	return p
}

// Boundary names the policies that bound a principal: by their addresses, or by
// name where they are AWS's; "" for none. Those of one name are bounded alike.
func (p Principal) Boundary() string {
	if p.subject == nil {
		return ""
	}
	var out []string
	for _, d := range p.boundary {
		name := d.policy
		if name == "" && d.holder != nil {
			name = d.holder.Meta().ID.Addr
		}
		out = append(out, name)
	}
	return strings.Join(out, " and ")
}

// somebody is a principal whom nobody has made yet: no policy of his own allows
// or bounds anything, and those of the organisation bind him as all others. He is
// not settled yet.
func (w *World) somebody(kind Kind, path, name string) Principal {
	root, s := Principal{}, &subject{}
	if i := w.byName["root"]; len(i) == 1 {
		root = w.principals[i[0]]
		s.guard, s.context = root.guard, root.context
	}
	arn := strings.TrimSuffix(root.IAM.ARN, "root") + path + name
	p := Principal{Kind: kind, Name: path + name, Resource: w.e.Account(), subject: s, IAM: iam.Principal{Kind: iam.Session, ARN: arn, Role: arn, Account: root.IAM.Account}}
	if kind == User {
		p.IAM = iam.Principal{Kind: iam.User, ARN: arn, User: name, Account: root.IAM.Account}
	}
	return p
}

// Newcomer is a user whom nobody has made yet and who may do nothing.
func (w *World) Newcomer(name string) Principal {
	p := w.somebody(User, "user/", name)
	p.settle()
	return p
}

// Speaks says whether a statement of a principal's own policies that allows is
// about an action, or with may whether one may be.
func (w *World) Speaks(p Principal, action string, may bool) bool {
	if p.subject == nil {
		return false
	}
	for _, d := range w.allowing(either(may, p.lowerDocs, p.upperDocs)) {
		if !d.Rejected && slices.ContainsFunc(d.Statements, func(s iam.Statement) bool { return s.MatchesAction(action) }) {
			return true
		}
	}
	return false
}

// Session says whether the principal is a session that was given tags, and not
// the role by itself.
func (w *World) Session(p Principal) bool {
	i, ok := w.byID[idOf(p)]
	return ok && p.subject != w.principals[i].subject
}

func idOf(p Principal) estate.ID {
	if p.Resource == nil {
		return estate.ID{}
	}
	return p.Resource.Meta().ID
}

// Tags are the session tags that a principal has, as one text: what tells two
// sessions of one role apart.
func (p Principal) Tags() string {
	if p.subject == nil {
		return ""
	}
	var out []string
	for _, k := range sorted(p.context) {
		if tag, ok := strings.CutPrefix(k, "aws:principaltag/"); ok {
			out = append(out, tag+"="+strings.Join(p.context[k].Values, ","))
		}
	}
	return strings.Join(out, " ")
}
