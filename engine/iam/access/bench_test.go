package access_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/estate/read"
)

// large writes an estate of so many roles, each with a policy of its own and
// one that all share, and a bucket to every ten.
func large(tb testing.TB, roles int) *estate.Estate {
	var b strings.Builder
	b.WriteString(`
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
variable "env" {}
resource "aws_iam_policy" "shared" {
  name   = "shared"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "s3:DeleteBucket", Resource = "*" }] })
}
`)
	for i := range roles {
		fmt.Fprintf(&b, `
resource "aws_iam_role" "r%[1]d" {
  name                = "r%[1]d"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  managed_policy_arns = [aws_iam_policy.shared.arn]
  inline_policy {
    name   = "own"
    policy = jsonencode({ Version = "2012-10-17", Statement = [
      { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = ["arn:aws:s3:::b%[2]d", "arn:aws:s3:::b%[2]d/*"] },
      { Sid = "Env", Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::%[3]s-logs/r%[1]d/*" },
    ] })
  }
}
`, i, i/10, map[bool]string{true: "${var.env}", false: "prod"}[i%5 == 0])
		if i%10 == 0 {
			fmt.Fprintf(&b, "resource \"aws_s3_bucket\" \"b%[1]d\" { bucket = \"b%[1]d\" }\n", i/10)
		}
	}
	e, problems := read.Paths(fstest.MapFS{"main.tf": &fstest.MapFile{Data: []byte(b.String())}}, []string{"."}, read.Options{})
	if len(problems) > 0 {
		tb.Fatal(problems[0])
	}
	return e
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{500, 2000} {
		e := large(b, n)
		b.Run(fmt.Sprintf("roles=%d", n), func(b *testing.B) {
			for b.Loop() {
				access.New(e)
			}
		})
	}
}

func BenchmarkWho(b *testing.B) {
	for _, n := range []int{500, 2000} {
		w := access.New(large(b, n))
		b.Run(fmt.Sprintf("roles=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := w.Who("s3:GetObject", "aws_s3_bucket.b7/x", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAllows(b *testing.B) {
	w := access.New(large(b, 100))
	p, err := w.Principal("role/r70")
	if err != nil {
		b.Fatal(err)
	}
	sure, err := w.Principal("role/r71")
	if err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		name string
		p    access.Principal
	}{{"certain", sure}, {"holes", p}} {
		b.Run(of.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w.Allows(of.p, "s3:GetObject", "arn:aws:s3:::b7/x", nil) != estate.Yes {
					b.Fatal("not allowed")
				}
			}
		})
	}
}
