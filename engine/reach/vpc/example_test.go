package vpc_test

import (
	"fmt"
	"testing/fstest"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
	"fathom/estate/read"
)

// Does the internet reach a database, and by which rules?
func Example() {
	files := fstest.MapFS{"main.tf": {Data: []byte(`
resource "aws_vpc" "shop" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.0.1.0/24"
  tags       = { Name = "private-a" }
}
resource "aws_db_subnet_group" "db" {
  name       = "db"
  subnet_ids = [aws_subnet.a.id]
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.shop.id
  ingress {
    protocol    = "tcp"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_db_instance" "orders" {
  identifier             = "orders"
  db_subnet_group_name   = aws_db_subnet_group.db.name
  vpc_security_group_ids = [aws_security_group.db.id]
  publicly_accessible    = true
}
`)}}
	e, _ := read.Paths(files, []string{"."}, read.Options{})
	n := vpc.New(e)
	db := vpc.At(n.Of(estate.All[*estate.DBInstance](e)[0]))
	for _, w := range n.Ways(vpc.Outside("the internet", flow.Public()), db, flow.Conn{Protocol: flow.TCP, Port: 5432}) {
		for _, h := range w.Hops {
			fmt.Println(h.Pass == estate.Yes, h.Says)
		}
	}
	// Output:
	// true "orders" has a public address: publicly_accessible is true
	// false subnet "private-a" has no route to an internet gateway
	// true security group "db" lets in TCP 5432 from 0.0.0.0/0
}
