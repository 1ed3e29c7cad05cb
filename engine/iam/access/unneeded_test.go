package access_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

const declared = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: orders
  namespace: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111111111111:role/orders
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
  annotations: {ANNOTATION}
spec:
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      serviceAccountName: orders
      containers: [{name: c, image: i}]
`

const declaring = `
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
resource "aws_s3_bucket" "invoices" { bucket = "invoices" }
resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A" }
    Condition = { StringEquals = { "oidc.eks.eu-west-1.amazonaws.com/id/A:sub" = "system:serviceaccount:shop:orders" } }
  }] })
}
resource "aws_iam_role_policy" "a" {
  role   = aws_iam_role.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Write", Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.invoices.arn}/*" },
    { Sid = "Erase", Effect = "Allow", Action = "s3:DeleteObject", Resource = "${aws_s3_bucket.invoices.arn}/*" },
    { Sid = "Elsewhere", Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::other/*" },
    { Sid = "Tagged", Effect = "Allow", Action = "s3:PutObject", Resource = "*", Condition = { StringEquals = { "s3:RequestObjectTag/x" = "y" } } },
    { Sid = "No", Effect = "Deny", Action = "s3:PutObject", Resource = "arn:aws:s3:::invoices/old/*" },
  ] })
}
resource "aws_iam_role" "unused" {
  name               = "unused"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
`

func TestUnneeded(t *testing.T) {
	for _, tt := range []struct{ name, annotation, role, want, lacking, err string }{
		{"declared", `fathom.dev/aws: "s3:PutObject on aws_s3_bucket.invoices/new/*"`, "role/orders", "Erase Elsewhere", "", ""},
		{"several", `fathom.dev/aws: "s3:PutObject, s3:DeleteObject on arn:aws:s3:::invoices/new/*; s3:GetObject on arn:aws:s3:::other/*"`, "role/orders", "", "", ""},
		{"lacking", `fathom.dev/aws: "s3:PutObject on aws_s3_bucket.invoices/new/*; kms:Decrypt on *"`, "role/orders", "Erase Elsewhere", "kms:Decrypt", ""},
		{"nothing", ``, "role/orders", "", "", "declares what it needs; annotate it with fathom.dev/aws"},
		{"no action", `fathom.dev/aws: "read on invoices"`, "role/orders", "", "", `k8s.yaml:14:33: fathom.dev/aws of Deployment/shop/orders: "read" is not an action`},
		{"no resource", `fathom.dev/aws: "s3:GetObject on aws_s3_bucket.invoice/x"`, "role/orders", "", "", "the nearest is aws_s3_bucket.invoices"},
		{"nobody", `fathom.dev/aws: "s3:GetObject"`, "role/unused", "", "", "no workload acts as role/unused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, fstest.MapFS{
				"main.tf":  &fstest.MapFile{Data: []byte(declaring)},
				"k8s.yaml": &fstest.MapFile{Data: []byte(strings.ReplaceAll(declared, "ANNOTATION", tt.annotation))},
			})
			u, err := w.Unneeded(tt.role)
			if err != nil || tt.err != "" {
				if err == nil || tt.err == "" || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("the error is %v, want %q", err, tt.err)
				}
				return
			}
			var sids, lacking []string
			for _, b := range u.Unneeded {
				sids = append(sids, b.Sid)
			}
			for _, n := range u.Lacking {
				lacking = append(lacking, n.Action)
			}
			if got := strings.Join(sids, " "); got != tt.want {
				t.Errorf("not needed are %q, want %q", got, tt.want)
			}
			if got := strings.Join(lacking, " "); got != tt.lacking {
				t.Errorf("lacking are %q, want %q", got, tt.lacking)
			}
		})
	}
}
