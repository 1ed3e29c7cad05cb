package access_test

import (
	"testing"
	"testing/fstest"

	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/estate/read"
)

// Policies for auditors are in the table in part: what they surely do not grant
// is no, though the rest is not known.
func TestAuditorsReadSettingsAndNoData(t *testing.T) {
	e, problems := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(`
resource "aws_iam_role" "audit" {
  name               = "audit"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Principal = {Service = "ec2.amazonaws.com"}}]})
}
resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.audit.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
resource "aws_iam_role_policy_attachment" "view" {
  role       = aws_iam_role.audit.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}
`)}}, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	w := access.New(e)
	for _, c := range []struct {
		action string
		want   estate.Truth
	}{
		{"ec2:DescribeInstances", estate.Yes},
		{"rds:DescribeDBClusters", estate.Yes},
		{"rds:CreateDBClusterSnapshot", estate.No},
		{"iam:AttachRolePolicy", estate.No},
		{"s3:GetObject", estate.No},
		{"secretsmanager:GetSecretValue", estate.No},
		{"kms:Decrypt", estate.No},
		{"events:DisableRule", estate.No},
		{"glue:GetTags", estate.Maybe}, // it does, and the table does not say so
	} {
		a, err := w.Can("role/audit", c.action, "*", nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Truth != c.want {
			t.Errorf("%s: %v, want %v", c.action, a.Truth, c.want)
		}
	}
}
