package estate

import (
	"testing"

	"pgregory.net/rapid"

	"fathom/diag"
	"fathom/estate/tree"
)

func text(s string) *tree.Node { return &tree.Node{Kind: tree.String, Text: s} }

func unknowable(why string) *tree.Node { return &tree.Node{Kind: tree.Unknown, Why: why} }

func list(ns ...*tree.Node) *tree.Node { return &tree.Node{Kind: tree.List, Items: ns} }

func args(pairs ...any) *tree.Node {
	n := &tree.Node{Kind: tree.Map}
	for i := 0; i < len(pairs); i += 2 {
		v, ok := pairs[i+1].(*tree.Node)
		if !ok {
			v = text(pairs[i+1].(string))
		}
		n.Set(pairs[i].(string), v)
	}
	return n
}

func TestAValueIsAbsentKnownOrUnknown(t *testing.T) {
	for _, c := range []struct {
		name       string
		node       *tree.Node
		is443, set Truth
		shown      string
	}{
		{"nothing written", nil, No, No, "not set"},
		{"null", &tree.Node{Kind: tree.Null}, No, No, "not set"},
		{"the number", &tree.Node{Kind: tree.Number, Text: "443"}, Yes, Yes, "443"},
		{"another number", &tree.Node{Kind: tree.Number, Text: "80"}, No, Yes, "80"},
		{"a number in a string", text("443"), Yes, Yes, "443"},
		{"not a number", text("https"), Maybe, Yes, "https"},
		{"too large for a port", &tree.Node{Kind: tree.Number, Text: "1e300"}, Maybe, Yes, "1e300"},
		{"unknown", unknowable("variable has no value"), Maybe, Maybe, "unknown"},
		{"a variable without a value", &tree.Node{Kind: tree.Unknown, Why: "variable has no value", Text: "${var.port}"}, Maybe, Maybe, "${var.port}"},
		{"computed", &tree.Node{Kind: tree.String, Text: "${aws_x.y.port}", Refs: []tree.Ref{{Addr: "aws_x.y", Attr: "port"}}}, Maybe, Yes, "${aws_x.y.port}"},
	} {
		var v Int
		v.fromTree(c.node)
		if got := v.Is(443); got != c.is443 {
			t.Errorf("%s: Is(443) gives %v, want %v", c.name, got, c.is443)
		}
		if got := v.Set(); got != c.set {
			t.Errorf("%s: Set gives %v, want %v", c.name, got, c.set)
		}
		if got := v.String(); got != c.shown {
			t.Errorf("%s: shown as %q, want %q", c.name, got, c.shown)
		}
		if v.Unknown() && v.Why() == "" {
			t.Errorf("%s: unknown without a reason", c.name)
		}
	}
}

func TestDefaultFillsOnlyWhatIsAbsent(t *testing.T) {
	var nothing, unknownBool Bool
	unknownBool.fromTree(unknowable("no value"))
	if nothing.Default(true).Is(true) != Yes {
		t.Error("an absent value takes the default")
	}
	if unknownBool.Default(true).Is(true) != Maybe {
		t.Error("an unknown value does not take the default")
	}
}

// Truth is the three-valued logic of Kleene.
func TestTruthIsKleenes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SampledFrom([]Truth{No, Maybe, Yes})
		a, b, c := draw.Draw(t, "a"), draw.Draw(t, "b"), draw.Draw(t, "c")
		if a.And(b) != b.And(a) || a.Or(b) != b.Or(a) {
			t.Fatal("not commutative")
		}
		if a.And(b).Not() != a.Not().Or(b.Not()) {
			t.Fatal("De Morgan does not hold")
		}
		if a.And(b.Or(c)) != a.And(b).Or(a.And(c)) {
			t.Fatal("not distributive")
		}
		if a != Maybe && b != Maybe { // on certain answers it is ordinary logic
			if (a.And(b) == Yes) != (a == Yes && b == Yes) || (a.Or(b) == Yes) != (a == Yes || b == Yes) {
				t.Fatal("not ordinary logic on certain answers")
			}
		}
	})
}

// A list with an unknown item never says No to a question that the item might
// answer with Yes.
func TestAnUnknownItemIsNeverNo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var nodes []*tree.Node
		unknown, has := false, false
		for _, kind := range rapid.SliceOfN(rapid.IntRange(0, 2), 0, 6).Draw(t, "items") {
			switch kind {
			case 0:
				nodes = append(nodes, text("10.0.0.0/8"))
			case 1:
				nodes, has = append(nodes, text("0.0.0.0/0")), true
			case 2:
				nodes, unknown = append(nodes, unknowable("no value")), true
			}
		}
		var l List
		l.fromTree(list(nodes...))
		want := No
		if unknown {
			want = Maybe
		}
		if has {
			want = Yes
		}
		if got := l.Has("0.0.0.0/0"); got != want {
			t.Fatalf("Has gives %v, want %v", got, want)
		}
	})
}

func TestBlocksKeepThatTheyMayBeMore(t *testing.T) {
	var b Blocks[MetadataOptions]
	b.fromTree(list(args("http_tokens", "required"), unknowable("for_each is unknown")))
	if len(b.Items) != 1 || b.Items[0].Tokens.Is("required") != Yes || b.Why != "for_each is unknown" {
		t.Errorf("got %+v", b)
	}
	var none Blocks[MetadataOptions]
	none.fromTree(unknowable("for_each is unknown"))
	if none.Any() != Maybe || none.One() != nil {
		t.Errorf("got %+v", none)
	}
}

func TestPolicyReadsEveryFormOfTheGrammar(t *testing.T) {
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":{"Sid":"a","Effect":"Allow",
		"Principal":{"Service":["b.amazonaws.com","a.amazonaws.com"],"AWS":"111111111111"},
		"Action":"s3:GetObject","NotResource":["x","y"],
		"Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"aws:MultiFactorAuthAge":3600}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := p.Statements[0]
	if len(s.Principals) != 3 || s.Principals[0] != (Principal{"AWS", "111111111111"}) || s.Principals[2].ID != "a.amazonaws.com" {
		t.Errorf("principals %v", s.Principals)
	}
	if len(s.Actions) != 1 || len(s.NotResources) != 2 {
		t.Errorf("actions %v, not resources %v", s.Actions, s.NotResources)
	}
	if len(s.Conditions) != 2 || s.Conditions[0].Key != "aws:securetransport" || s.Conditions[0].Values[0] != "false" || s.Conditions[1].Values[0] != "3600" {
		t.Errorf("conditions %v", s.Conditions)
	}
	star, err := ParsePolicy([]byte(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":["*"],"Resource":"*"}]}`))
	if err != nil || star.Statements[0].Principals[0] != (Principal{"*", "*"}) {
		t.Errorf("star %v %v", star, err)
	}
	keyed, err := ParsePolicy([]byte(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":["${aws_s3_bucket.b["x"].arn}/*","${module.m["a"].aws_s3_bucket.b[0].arn}"]}]}`))
	if err != nil || keyed.Statements[0].Resources[0] != `${aws_s3_bucket.b["x"].arn}/*` {
		t.Errorf("keyed %v %v", keyed, err)
	}
	for _, bad := range []string{``, `[]`, `{"Statement":5}`, `{"Statement":[{"Action":{"a":1}}]}`, `{"Statement":[{"Condition":["x"]}]}`} {
		if _, err := ParsePolicy([]byte(bad)); err == nil {
			t.Errorf("%s is not a policy", bad)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))
	f.Add([]byte(`{"Statement":{"Principal":"*","Condition":{"Bool":{"a":[true,"x",1]}}}}`))
	f.Add([]byte(`{"Statement":[{"Principal":{"AWS":["*"]},"NotAction":[]}]}`))
	f.Add([]byte(`{"Statement":[[[[`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := ParsePolicy(doc)
		if (p == nil) == (err == nil) {
			t.Fatalf("policy %v with error %v", p, err)
		}
	})
}

func at(line int) diag.Pos { return diag.At("main.tf", line, 1) }
