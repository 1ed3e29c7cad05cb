package access_test

import (
	"fmt"
	"testing/fstest"

	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/estate/read"
)

func Example() {
	files := fstest.MapFS{"main.tf": &fstest.MapFile{Data: []byte(`
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "env" {}

resource "aws_s3_bucket" "invoices" { bucket = "${var.env}-invoices" }

resource "aws_iam_role" "shop" {
  name               = "shop"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole"
  }] })
}

resource "aws_iam_role_policy" "read" {
  role   = aws_iam_role.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.invoices.arn}/*"
  }] })
}
`)}}
	e, _ := read.Paths(files, []string{"."}, read.Options{})
	w := access.New(e)
	for _, resource := range []string{"aws_s3_bucket.invoices/2026/11.pdf", "arn:aws:s3:::prod-invoices/2026/11.pdf"} {
		a, err := w.Can("role/shop", "s3:GetObject", resource, nil)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(map[estate.Truth]string{estate.No: "no", estate.Maybe: "perhaps", estate.Yes: "yes"}[a.Truth])
		for _, b := range a.Because[:1] {
			fmt.Println(" ", b)
		}
		for _, d := range a.Doubts {
			fmt.Println("  but", d)
		}
	}
	// Output:
	// yes
	//   statement Read of aws_iam_role_policy.read allows s3:GetObject on arn:aws:s3:::<var.env>-invoices/* (main.tf:20:12)
	// perhaps
	//   statement Read of aws_iam_role_policy.read allows s3:GetObject on arn:aws:s3:::<var.env>-invoices/* (main.tf:20:12)
	//   but ${var.env} is not known (main.tf:20:12)
	//   but arn:aws:s3:::prod-invoices/2026/11.pdf is declared in no file: its own policy is not known
}
