package estate

import (
	"testing"

	"fathom/estate/tree"
)

func base(addr string, line int) Base {
	return Base{ID: ID{Root: "tf", Addr: addr}, Type: "test", Pos: at(line)}
}

func decoded[T Resource](r T, addr string, line int, a *tree.Node) T {
	*r.Meta() = base(addr, line)
	Decode(r, a)
	return r
}

func ref(addr, attr string) *tree.Node {
	return &tree.Node{Kind: tree.String, Text: "${" + addr + "." + attr + "}", Refs: []tree.Ref{{Addr: addr, Attr: attr}}}
}

func TestReferencesResolveHoweverTheyAreWritten(t *testing.T) {
	key := decoded(new(KMSKey), "aws_kms_key.own", 1, args("arn", "arn:aws:kms:eu-west-1:111111111111:key/abc", "id", "abc"))
	bucket := decoded(new(Bucket), "aws_s3_bucket.logs", 2, args("bucket", "shop-logs"))
	role := decoded(new(Role), "aws_iam_role.node", 3, args("name", "node", "path", "/eks/"))
	for _, c := range []struct {
		name string
		res  Resource
		to   ID
	}{
		{"by expression", decoded(new(BucketVersioning), "v", 4, args("bucket", ref("aws_s3_bucket.logs", "id"))), bucket.ID},
		{"by name", decoded(new(BucketVersioning), "v", 4, args("bucket", "shop-logs")), bucket.ID},
		{"by the name at the end of an ARN", decoded(new(BucketVersioning), "v", 4, args("bucket", "arn:aws:s3:::shop-logs")), bucket.ID},
		{"by ARN", decoded(new(Volume), "v", 4, args("kms_key_id", "arn:aws:kms:eu-west-1:111111111111:key/abc")), key.ID},
		{"by id", decoded(new(Volume), "v", 4, args("kms_key_id", "abc")), key.ID},
		{"by an ARN with a path", decoded(new(EKSCluster), "v", 4, args("role_arn", "arn:aws:iam::111111111111:role/eks/node")), role.ID},
		{"in a one-element list", decoded(new(BucketVersioning), "v", 4, args("bucket", list(ref("aws_s3_bucket.logs", "id")))), bucket.ID},
	} {
		e := New([]Resource{c.res, key, bucket, role}, nil, nil, nil)
		found := false
		for _, r := range Of[Resource](e, c.to) {
			found = found || r == c.res
		}
		if !found {
			t.Errorf("%s: %s is not found from %s", c.name, c.res.Meta().ID, c.to)
		}
	}
}

// part is a name that is made from the attribute of another resource.
func part(before, addr, attr, after string) *tree.Node {
	n := ref(addr, attr)
	n.Text = before + n.Text + after
	return n
}

func TestANameThatIsNotKnownIsTheSameWhereverItStands(t *testing.T) {
	account := decoded(new(External), "data.aws_caller_identity.here", 1, args())
	unset := func(text string) *tree.Node { return &tree.Node{Kind: tree.Unknown, Text: text, Why: "not set"} }
	ofAccount := func(before, after string) *tree.Node {
		return part(before, "data.aws_caller_identity.here", "account_id", after)
	}
	for _, c := range []struct {
		what           string
		name, arg      *tree.Node
		root, wantAddr string
	}{
		{"made from an attribute", ofAccount("logs-", ""), ofAccount("logs-", ""), "tf", "aws_s3_bucket.logs"},
		{"made from a variable", unset("${var.env}-logs"), unset("${var.env}-logs"), "tf", "aws_s3_bucket.logs"},
		{"in an ARN", unset("${var.env}-logs"), unset("arn:aws:s3:::${var.env}-logs"), "tf", "aws_s3_bucket.logs"},
		{"another name", ofAccount("logs-", ""), ofAccount("data-", ""), "tf", "data.aws_caller_identity.here"},
		{"of another configuration", unset("${var.env}-logs"), unset("${var.env}-logs"), "other", ""},
		{"with a part that has no name", unset("${…}-logs"), unset("${…}-logs"), "tf", ""},
	} {
		bucket := decoded(new(Bucket), "aws_s3_bucket.logs", 2, args("bucket", c.name))
		v := decoded(new(BucketVersioning), "aws_s3_bucket_versioning.logs", 3, args("bucket", c.arg))
		v.ID.Root = c.root
		New([]Resource{account, bucket, v}, nil, nil, nil)
		got := ""
		for _, id := range v.Bucket.To {
			got += id.Addr
		}
		if got != c.wantAddr {
			t.Errorf("%s: the versioning is of %q, want %q", c.what, got, c.wantAddr)
		}
	}
}

func TestANameOfOneTypeIsNoReferenceToAnother(t *testing.T) {
	bucket := decoded(new(Bucket), "aws_s3_bucket.shop", 1, args("bucket", "shop"))
	profile := decoded(new(InstanceProfile), "aws_iam_instance_profile.shop", 2, args("role", "shop"))
	e := New([]Resource{bucket, profile}, nil, nil, nil)
	if got := Of[Resource](e, bucket.ID); len(got) != 0 {
		t.Errorf("a role's name found the bucket: %v", got)
	}
}

func TestAKeyOfAnotherAccountIsNotOurs(t *testing.T) {
	key := decoded(new(KMSKey), "aws_kms_key.own", 1, args("arn", "arn:aws:kms:eu-west-1:111111111111:key/abc"))
	v := decoded(new(Volume), "v", 2, args("kms_key_id", "arn:aws:kms:eu-west-1:222222222222:key/abc"))
	New([]Resource{key, v}, nil, nil, nil)
	if len(v.Key.To) != 0 {
		t.Errorf("the key of account 222222222222 resolved to %v", v.Key.To)
	}
	if v.Key.Set() != Yes {
		t.Error("the reference is set all the same")
	}
}

func TestRootsAreToldApart(t *testing.T) {
	in := func(root string) (*Bucket, *BucketVersioning) {
		b := decoded(new(Bucket), "aws_s3_bucket.logs", 1, args())
		v := decoded(new(BucketVersioning), "aws_s3_bucket_versioning.logs", 2, args("bucket", ref("aws_s3_bucket.logs", "id")))
		b.ID.Root, v.ID.Root = root, root
		return b, v
	}
	b1, v1 := in("envs/dev")
	b2, v2 := in("envs/prod")
	e := New([]Resource{b1, v1, b2, v2}, nil, nil, nil)
	if got := Of[*BucketVersioning](e, b1.ID); len(got) != 1 || got[0] != v1 {
		t.Errorf("dev's bucket has %v", got)
	}
	if got := Of[*BucketVersioning](e, b2.ID); len(got) != 1 || got[0] != v2 {
		t.Errorf("prod's bucket has %v", got)
	}
}

func TestNothingIsLostWhenTwoHaveOneID(t *testing.T) {
	a := decoded(new(Bucket), "aws_s3_bucket.x", 1, args())
	b := decoded(new(Bucket), "aws_s3_bucket.x", 2, args())
	e := New([]Resource{b, a}, nil, nil, nil)
	if got := All[*Bucket](e); len(got) != 2 || got[0].ID.Addr != "aws_s3_bucket.x" || got[1].ID.Addr != "aws_s3_bucket.x#2" {
		t.Errorf("got %v", got)
	}
}

func TestRulesAreReadFromAllThreeForms(t *testing.T) {
	group := decoded(new(SecurityGroup), "aws_security_group.db", 1, args(
		"ingress", list(args("protocol", "tcp", "from_port", "3306", "to_port", "3306", "cidr_blocks", list(text("10.0.0.0/8"))))))
	app := decoded(new(SecurityGroup), "aws_security_group.app", 2, args())
	older := decoded(new(SecurityGroupRule), "aws_security_group_rule.db", 3, args("type", "ingress", "security_group_id", ref("aws_security_group.db", "id"),
		"protocol", "-1", "from_port", "0", "to_port", "0", "source_security_group_id", ref("aws_security_group.app", "id")))
	newer := decoded(new(IngressRule), "aws_vpc_security_group_ingress_rule.db", 4, args("security_group_id", ref("aws_security_group.db", "id"),
		"ip_protocol", "tcp", "from_port", "3300", "to_port", "3310", "cidr_ipv6", "::/0"))
	e := New([]Resource{group, app, older, newer}, nil, nil, nil)
	rules := RulesOf(e, group)
	if len(rules) != 3 {
		t.Fatalf("got %d rules", len(rules))
	}
	for i, want := range []struct {
		world, mysql Truth
		ports        string
	}{{No, Yes, "port 3306"}, {No, Yes, "all ports"}, {Yes, Yes, "ports 3300-3310"}} {
		r := &rules[i]
		if r.FromWorld() != want.world || r.Covers(3306) != want.mysql || r.Ports() != want.ports {
			t.Errorf("rule %d: world %v, covers 3306 %v, %s", i, r.FromWorld(), r.Covers(3306), r.Ports())
		}
	}
	if len(rules[1].Groups) != 1 || !rules[1].Groups[0].Is(app.ID) {
		t.Errorf("the older rule comes from %v", rules[1].Groups)
	}
	if got := RulesOf(e, app); len(got) != 0 {
		t.Errorf("a rule that names the group as its source is not the group's own: %v", got)
	}
}

func TestIsWorld(t *testing.T) {
	for cidr, want := range map[string]bool{
		"0.0.0.0/0": true, "::/0": true, "0.0.0.0/1": true, "128.0.0.0/1": true, "2000::/3": true,
		"10.0.0.0/8": false, "203.0.113.7/32": false, "2001:db8::/32": false, "": false, "sg-1": false,
	} {
		if IsWorld(cidr) != want {
			t.Errorf("IsWorld(%q) is %v", cidr, !want)
		}
	}
}
