// Package terraform prints Terraform: blocks as values, written as a person would
// have written them and as terraform fmt would leave them.
//
//	b := terraform.Resource("aws_security_group", "orders",
//		terraform.Set("name", "shopnow-orders"),
//		terraform.Set("vpc_id", terraform.Expr("aws_vpc.main.id")),
//	).For("network.sg-chain").From("services.orders")
//
// A Go value is written as the constant it is (a string is quoted, and a ${ in it
// is escaped); an Expr as the expression it is; a Template as a string in which
// ${ } interpolates.
//
// It decides nothing about what is rendered, and does not check it: that is for
// the layers and for terraform itself.
package terraform
