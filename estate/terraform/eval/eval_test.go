package eval

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

func find(t *testing.T, c *config.Config, addr string) *config.Instance {
	t.Helper()
	for i := range c.Instances {
		if c.Instances[i].Addr == addr {
			return &c.Instances[i]
		}
	}
	t.Fatalf("there is no %s in\n%s", addr, dump(c))
	return nil
}

// TestPositions marks the character that each node should point at with the
// comment below it: "#^ path".
func TestPositions(t *testing.T) {
	src := `
variable "cidr" { default = "0.0.0.0/0" }
  resource "aws_x" "x" {
# ^
  name = "x"
#        ^ name
  cidrs = [
#         ^ cidrs
    "10.0.0.0/8",
#   ^ cidrs 0
    var.cidr,
#   ^ cidrs 1
  ]
  tags = {
    Name = "x"
#          ^ tags Name
    "é" = { deep = 1 }
#                  ^ tags é deep
  }
  policy = jsonencode({
#          ^ policy
    Statement = []
  })
  doc = <<EOT
#       ^ doc
EOT
  picked = true ? [
    1
#   ^ picked 0
  ] : []
  block {
# ^ block 0
    a = 1
#       ^ block 0 a
    inner {
#   ^ block 0 inner
      b = 2
#         ^ block 0 inner b
    }
  }
  dynamic "made" {
    for_each = [1]
    content {
#   ^ made 0
      c = made.value
#         ^ made 0 c
    }
  }
}
`
	c := Dir(fstest.MapFS{"d/main.tf": {Data: []byte(src)}}, "d", Options{})
	in := find(t, c, "aws_x.x")
	for i, line := range strings.Split(src, "\n") {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		line = "é" + line[1:] // the marks count characters
		col := len([]rune(line[:strings.Index(line, "^")])) + 1
		path := strings.Fields(line[strings.Index(line, "^")+1:])
		want := fmt.Sprintf("d/main.tf:%d:%d", i, col)
		got := in.Pos
		if len(path) > 0 {
			n := in.Args.At(path...)
			if n == nil {
				t.Errorf("nothing at %v", path)
				continue
			}
			got = n.Pos
		}
		if got.String() != want {
			t.Errorf("%v is at %v, want %s", path, got, want)
		}
	}
}

func TestVars(t *testing.T) {
	fsys := files(`
variable "s" { type = string }
variable "n" { type = number }
variable "l" { type = list(string) }
variable "u" {}
variable "f" {}
resource "aws_x" "x" {
  s = var.s
  n = var.n
  l = var.l
  u = var.u
  f = var.f
}
-- envs/prod.tfvars --
f = "file"
s = "file"
`)
	c := Dir(fsys, ".", Options{
		Vars:     map[string]string{"s": "[raw]", "n": "7", "l": `["a", upper("b")]`, "u": "[1]", "lst": "x"},
		VarFiles: []string{"envs/prod.tfvars"},
	})
	want := `aws_x.x
  s = "[raw]"
  n = 7
  l = ["a", "B"]
  u = "[1]"
  f = "file"
problem the value given for "lst" has no variable; did you mean "l"?
`
	if diff := cmp.Diff(want, dump(c)); diff != "" {
		t.Error(diff)
	}
	c = Dir(fsys, ".", Options{Vars: map[string]string{"l": `["a"`}, VarFiles: []string{"nope.tfvars"}})
	if len(c.Problems) != 2 {
		t.Errorf("problems: %v", c.Problems)
	}
}

func TestNoConfiguration(t *testing.T) {
	c := Dir(fstest.MapFS{"readme.md": {}}, ".", Options{})
	if len(c.Problems) != 1 || len(c.Gaps) != 1 || !c.Gaps[0].Hides {
		t.Error(dump(c))
	}
}

// TestOrder spreads the blocks of the cases over files in random order: the
// same instances must come out, in the same order.
func TestOrder(t *testing.T) {
	src := ""
	for i := range 60 {
		src += fmt.Sprintf("resource \"aws_x\" \"x%d\" {\n  count = %d\n  name = \"${local.l%d}-${aws_x.x%d[0].id}\"\n  ids = toset([aws_x.x%d[0].arn, aws_x.x%d[*].id[0]])\n}\nlocals {\n  l%d = \"a${%d}\"\n}\n",
			i, 1+i%3, (i+7)%60, (i+1)%60, (i+5)%60, (i+9)%60, i, i)
	}
	blocks := strings.SplitAfter(src, "\n}\n")
	var want string
	rng := rand.New(rand.NewSource(1))
	for round := range 8 {
		fsys := fstest.MapFS{}
		for i, j := range rng.Perm(len(blocks)) {
			name := fmt.Sprintf("f%d.tf", i%(1+round))
			if fsys[name] == nil {
				fsys[name] = &fstest.MapFile{}
			}
			fsys[name].Data = append(fsys[name].Data, blocks[j]...)
		}
		c := Dir(fsys, ".", Options{})
		c.Problems, c.Gaps = nil, nil // their positions differ
		got := dump(c)
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

// bomb is a configuration that would take forever, or all memory.
var bombs = map[string]string{
	"doubling strings": "locals {\n  l0 = \"xxxxxxxxxxxxxxxx\"\n" + series(40, "  l%d = \"${local.l%d}${local.l%d}\"\n") + "}\nresource \"aws_x\" \"x\" { v = local.l40 }\n",
	"doubling lists":   "locals {\n  l0 = [1]\n" + series(40, "  l%d = [local.l%d, local.l%d]\n") + "}\nresource \"aws_x\" \"x\" { v = jsonencode(local.l40) }\n",
	"doubling objects": "locals {\n  l0 = {}\n" + series(40, "  l%d = { a = local.l%d, b = local.l%d }\n") + "}\nresource \"aws_x\" \"x\" { v = local.l40 == local.l40 }\n",
	"nested for":       `resource "aws_x" "x" { v = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : "${a}${b}${c}"]]] }`,
	"range":            `resource "aws_x" "x" { v = range(1000000000) }`,
	"format padding":   `resource "aws_x" "x" { v = format("%999999999d", 1) }`,
	"format star":      `resource "aws_x" "x" { v = format("%*d", 999999999, 1) }`,
	"indent":           `resource "aws_x" "x" { v = indent(999999999, "a\nb") }`,
	"number":           `resource "aws_x" "x" { v = "${1e999999999}" }`,
	"power":            `resource "aws_x" "x" { v = "${pow(10, 1000000)}" }`,
	"multiply":         "locals {\n  l0 = 10\n" + series(60, "  l%d = local.l%d * local.l%d\n") + "}\nresource \"aws_x\" \"x\" { v = \"${local.l60}\" }\n",
	"setproduct":       `resource "aws_x" "x" { v = setproduct(range(1000), range(1000), range(1000)) }`,
	"replace":          `resource "aws_x" "x" { v = replace(join("", range(1000)), "", join("", range(1000))) }`,
	"replace regex":    `resource "aws_x" "x" { v = replace(join("", range(1000)), "/./", join("", [for i in range(1000) : join("", range(1000))])) }`,
	"json depth":       `resource "aws_x" "x" { v = jsondecode(join("", [for i in range(1000) : join("", [for j in range(1000) : "["])])) }`,
	"yaml depth":       `resource "aws_x" "x" { v = yamldecode(join("", [for i in range(1000) : "- "])) }`,
	"yaml aliases":     "resource \"aws_x\" \"x\" { v = yamldecode(<<EOT\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + yamlBomb(12) + "EOT\n) }",
	"regex":            `resource "aws_x" "x" { v = regexall("((a{1,100}){1,100}){1,100}", "a") }`,
	"chain of locals":  "locals {\n" + chain(60_000) + "}\nresource \"aws_x\" \"x\" { v = local.l0 }\n",
	"cyclic locals":    "locals {\n" + chain(20_000) + "  l20000 = local.l0\n}\nresource \"aws_x\" \"x\" { v = local.l0 }\n",
	"brackets":         "locals { a = " + strings.Repeat("[", 100_000) + " }",
	"open braces":      strings.Repeat("a {\n", 100_000),
	"parentheses":      "locals { a = " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000) + " }",
	"not not":          "locals { a = " + strings.Repeat("!", 1_000_000) + "true }",
	"minus":            "locals { a = " + strings.Repeat("-", 1_000_000) + "1 }",
	"plus":             "locals { a = " + strings.Repeat("1+", 1_000_000) + "1 }",
	"plus lines":       "locals { a = (1\n" + strings.Repeat("+1\n", 300_000) + ") }",
	"conditions":       "locals { a = " + strings.Repeat("true?1:", 300_000) + "1 }",
	"splats":           "locals { a = b" + strings.Repeat("[*]", 300_000) + " }",
	"attributes":       "locals { a = b" + strings.Repeat(".c", 300_000) + " }",
	"templates":        "locals { a = " + strings.Repeat(`"${`, 10_000) + " }",
	"template ifs":     "locals { a = \"" + strings.Repeat(`%{ if true }`, 50_000) + "\" }",
	"json brackets":    "-- a.tf.json --\n" + `{"locals": {"a": ` + strings.Repeat("[", 100_000),
	"module loop":      "module \"m\" { source = \"./m\" }\n-- m/main.tf --\nmodule \"m\" { source = \"../m\" }\n",
	"instances":        manyInstances(),
	"modules":          manyModules(),
	"splat of many":    "resource \"aws_x\" \"x\" {\n  count = 10000\n  v = length(aws_y.y[*].id)\n}\nresource \"aws_y\" \"y\" { count = 10000 }\n",
	"large policies":   "resource \"aws_x\" \"x\" {\n  count = 10000\n  v = \"${count.index}${join(\"\", [for i in range(1000) : join(\"\", range(1000))])}\"\n}\n",
	"distinct":         `resource "aws_x" "x" { v = distinct(flatten([for a in range(300) : range(a * 1000, a * 1000 + 1000)])) }`,
	"split":            `resource "aws_x" "x" { v = [for a in range(1000) : split("", join("", [for i in range(1000) : join("", range(1000))]))] }`,
	"templatefile":     "resource \"aws_x\" \"x\" { v = templatefile(\"t\", {}) }\n-- t --\n${templatefile(\"t\", {})}",
	"dynamic":          "resource \"aws_x\" \"x\" {\n  dynamic \"a\" {\n  for_each = range(1000)\n  content {\n  dynamic \"b\" {\n  for_each = range(1000)\n  content {\n  dynamic \"c\" {\n  for_each = range(1000)\n  content { n = c.value }\n  }\n  }\n  }\n  }\n  }\n}\n",
	"not utf8":         "resource \"aws_x\" \"\xff\" { a = \"\xfe\" }\n",
	"nul bytes":        "\x00\x00\x01resource",
	"forged holes":     "resource \"aws_x\" \"x\" { v = [\"\ue4e0\ue4f0\ue4e1\", \"\ue4e0\ue4ff\ue4ff\ue4ff\ue4ff\ue4ff\ue4ff\ue4ff\ue4e1\", \"\ue4e0\", \"\ue4e1\ue4f1\"] }\n",
	"infinity":         `resource "aws_x" "x" { v = [1 / 0, log(0, 10), -(1 / 0), 0 / 0, pow(0, -1), parseint("zz", 99), floor(1e999999999)] }`,
}

func series(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, format, i, i-1, i-1)
	}
	return b.String()
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  l%d = local.l%d\n", i, i+1)
	}
	return b.String()
}

func yamlBomb(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return b.String()
}

func manyInstances() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "resource \"aws_x\" \"x%d\" {\n  count = 9999\n  n = count.index\n}\n", i)
	}
	return b.String()
}

func manyModules() string {
	var b strings.Builder
	b.WriteString("module \"a\" { source = \"./m1\" }\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, "-- m%d/main.tf --\nmodule \"a\" { source = \"../m%d\" }\nmodule \"b\" { source = \"../m%d\" }\n", i, i+1, i+1)
	}
	b.WriteString("-- m40/main.tf --\nresource \"aws_x\" \"x\" {}\n")
	return b.String()
}

func TestBombs(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			e := newEvaluator(files(bombs[name]))
			const each, total = maxSteps / 10, maxAllSteps / 20
			e.work = work{each: each, left: each, total: total}
			c := e.root(".", Options{})
			// The call that is refused is charged, four steps an element of its
			// arguments; nothing is done after it.
			if over := -e.work.total; over > 4*maxValue {
				t.Errorf("%d steps more than the %d allowed", over, total)
			}
			if name == "forged holes" || name == "regex" {
				return
			}
			if len(c.Problems)+len(c.Gaps) == 0 {
				t.Errorf("neither a problem nor a gap tells of it:\n%.2000s", dump(c))
			}
		})
	}
}

// TestWorkGrowsLinearly evaluates resources that each refer to the one before:
// twice as many take twice the steps.
func TestWorkGrowsLinearly(t *testing.T) {
	steps := func(n int) int {
		e := newEvaluator(fstest.MapFS{"main.tf": {Data: []byte(manyBlocks(n))}})
		before := e.work.total
		c := e.root(".", Options{})
		if len(c.Instances) != n || len(c.Problems)+len(c.Gaps) > 0 {
			t.Fatalf("%d instances, %v, %v", len(c.Instances), c.Problems, c.Gaps)
		}
		if in := find(t, c, fmt.Sprintf("aws_s3_bucket.b%d", n-1)); in.Args.At("first").Text != "b0-prod" || in.Args.At("policy").Is() != tree.String {
			t.Errorf("%s", show(in.Args))
		}
		return before - e.work.total
	}
	if one, two := steps(500), steps(1000); float64(two) > 2.2*float64(one) {
		t.Errorf("500 blocks take %d steps, 1,000 take %d", one, two)
	}
}

func manyBlocks(n int) string {
	var b strings.Builder
	b.WriteString("variable \"env\" { default = \"prod\" }\nlocals { tags = { Env = var.env, Team = \"x\" } }\n")
	for i := range n {
		first, arn := `"b0-${var.env}"`, `"*"`
		if i > 0 {
			first, arn = fmt.Sprintf("aws_s3_bucket.b%d.first", i-1), fmt.Sprintf("aws_s3_bucket.b%d.arn", i-1)
		}
		fmt.Fprintf(&b, `resource "aws_s3_bucket" "b%d" {
  bucket = "b%d-${var.env}"
  first  = %s
  tags   = merge(local.tags, { Name = "b%d" })
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = [%s] }]
  })
  rule {
    id = "x"
    filter { prefix = "logs/" }
  }
}
`, i, i, first, i, arn)
	}
	return b.String()
}

func BenchmarkDir(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprintf("blocks=%d", n), func(b *testing.B) {
			fsys := fstest.MapFS{"main.tf": {Data: []byte(manyBlocks(n))}}
			for b.Loop() {
				Dir(fsys, ".", Options{})
			}
		})
	}
}
