package estate_test

import (
	"testing"

	"fathom/diag"
	"fathom/estate"
)

func edited(t *testing.T) *estate.Estate {
	t.Helper()
	group := &estate.SecurityGroup{Base: estate.Base{ID: estate.ID{Addr: "aws_security_group.db"}}}
	db := &estate.DBInstance{Base: estate.Base{ID: estate.ID{Addr: "aws_db_instance.db"}}}
	db.SecurityGroups = estate.NamingAll[*estate.SecurityGroup](group.ID)
	db.Public = estate.Known(false, diag.Pos{})
	return estate.New([]estate.Resource{group, db}, nil, nil, nil)
}

func TestEditLeavesTheEstateAsItWas(t *testing.T) {
	e := edited(t)
	after := estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(db *estate.DBInstance) {
			db.Public = estate.Known(true, diag.Pos{})
			db.SecurityGroups.Items[0] = estate.Naming[*estate.SecurityGroup]()
		})
	})
	before, now := estate.All[*estate.DBInstance](e)[0], estate.All[*estate.DBInstance](after)[0]
	if before.Public.Is(true) == estate.Yes || now.Public.Is(true) != estate.Yes {
		t.Errorf("publicly_accessible is %v before and %v after; want false and true", before.Public, now.Public)
	}
	if got := len(before.SecurityGroups.To()); got != 1 {
		t.Errorf("the estate's own list of groups has %d left", got)
	}
	if got := len(estate.Of[*estate.DBInstance](after, estate.ID{Addr: "aws_security_group.db"})); got != 0 {
		t.Error("the group is still named by what no longer names it")
	}
}

func TestWhatIsRemovedIsNamedByNobody(t *testing.T) {
	e := edited(t)
	after := estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.SecurityGroup) bool { return true })
	})
	if got := estate.All[*estate.DBInstance](after)[0].SecurityGroups.To(); len(got) != 0 {
		t.Errorf("the database still names %v", got)
	}
	if got := estate.All[*estate.DBInstance](e)[0].SecurityGroups.To(); len(got) != 1 {
		t.Errorf("in the estate itself it names %v", got)
	}
}

func TestWhatIsAddedIsFound(t *testing.T) {
	e := edited(t)
	db := estate.All[*estate.DBInstance](e)[0]
	rule := &estate.SecurityGroupRule{Base: estate.Base{ID: estate.ID{Addr: "aws_security_group_rule.mistake"}}}
	rule.Group = estate.Naming[*estate.SecurityGroup](estate.ID{Addr: "aws_security_group.db"})
	after := estate.Edit(e, func(d *estate.Draft) { d.Add(rule) })
	if got := estate.Of[*estate.SecurityGroupRule](after, db.SecurityGroups.To()[0]); len(got) != 1 {
		t.Errorf("the group has %d rules, want the one added", len(got))
	}
	if got := estate.Of[*estate.SecurityGroupRule](e, db.SecurityGroups.To()[0]); len(got) != 0 {
		t.Error("the rule is in the estate itself too")
	}
}

func TestAKnownPolicyIsReadAsWritten(t *testing.T) {
	p := estate.KnownPolicy(`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, diag.Pos{File: "x.tf", Line: 3})
	if p.Unknown() || len(p.Statements) != 1 || p.Statements[0].Actions[0] != "s3:*" || p.Pos().Line != 3 {
		t.Errorf("got %+v", p)
	}
	if bad := estate.KnownPolicy("{", diag.Pos{}); !bad.Unknown() {
		t.Error("a broken document is not unknown")
	}
}
