package reach

import (
	"fmt"
	"strings"
	"testing"

	"fathom/estate"
)

// Balancers that lead to one another in circles, each in three zones, are asked
// about as if there were ten ways and not ten million.
func TestBalancersInCircles(t *testing.T) {
	const n = 12
	var b strings.Builder
	b.WriteString(`
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  count      = 3
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.${count.index}.0/24"
}
resource "aws_security_group" "all" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "end" {
  subnet_id              = aws_subnet.s[0].id
  vpc_security_group_ids = [aws_security_group.all.id]
}
`)
	for i := range n {
		fmt.Fprintf(&b, `
resource "aws_lb" "l%[1]d" {
  name            = "l%[1]d"
  internal        = true
  subnets         = aws_subnet.s[*].id
  security_groups = [aws_security_group.all.id]
}
resource "aws_lb_target_group" "t%[1]d" {
  name        = "t%[1]d"
  port        = 80
  target_type = "alb"
}
resource "aws_lb_listener" "x%[1]d" {
  load_balancer_arn = aws_lb.l%[1]d.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.t%[1]d.arn
  }
}
`, i)
		for k, to := range []string{fmt.Sprintf("aws_lb.l%d.arn", (i+1)%n), fmt.Sprintf("aws_lb.l%d.arn", (i+5)%n), "aws_instance.end.id"} {
			fmt.Fprintf(&b, `
resource "aws_lb_target_group_attachment" "a%[1]d%[2]d" {
  target_group_arn = aws_lb_target_group.t%[1]d.arn
  target_id        = %[3]s
}
`, i, k, to)
		}
	}
	net := New(estateOf(t, map[string]string{"main.tf": b.String()}))
	if got := asked(t, net, "lb/l3", "node/end"); got.Reaches() != estate.Yes {
		t.Errorf("lb/l3 to node/end is %v", got.Reaches())
	}
}
