package iam_test

import (
	"fmt"

	"fathom/engine/iam"
)

func Example() {
	identity, problems := iam.Parse([]byte(`{
	  "Version": "2012-10-17",
	  "Statement": [
	    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::shop-*"},
	    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::invoices/*",
	     "Condition": {"StringEquals": {"aws:PrincipalTag/team": "orders"}}}
	  ]
	}`), "orders.json", iam.Identity)
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	caller, err := iam.ParsePrincipal("arn:aws:iam::111111111111:role/orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	policies := &iam.Policies{Identity: []*iam.Document{identity}}
	request := &iam.Request{Principal: caller, Action: "s3:GetObject", Resource: "arn:aws:s3:::invoices/2026/1.pdf"}

	d := iam.Evaluate(request, policies)
	fmt.Println(d.Allowed, d.Missing)

	request.Context = iam.Context{"aws:principaltag/team": iam.One("orders")}
	d = iam.Evaluate(request, policies)
	fmt.Println(d.Allowed, d.Because[0].Policy, d.Because[0].Statement)

	// Output:
	// false no identity policy allows s3:GetObject on arn:aws:s3:::invoices/2026/1.pdf; identity[0] statement 1 would allow it, but its condition StringEquals aws:PrincipalTag/team does not hold: the key is not in the request
	// true identity[0] 1
}
