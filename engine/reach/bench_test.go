package reach

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/estate"
	"fathom/estate/read"
)

// large is an estate of that many workloads, half as many security groups and
// a fifth as many NetworkPolicies: a VPC with three zones, node groups, stores
// with groups that refer to each other, pods with groups of their own, Services
// with node ports behind a load balancer.
func large(tb testing.TB, workloads int) *estate.Estate {
	tb.Helper()
	var tf, k8s strings.Builder
	tf.WriteString(`
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/8" }
resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_eks_cluster" "main" {
  name = "main"
  vpc_config { subnet_ids = aws_subnet.zone[*].id }
}
resource "aws_eks_addon" "cni" {
  cluster_name         = aws_eks_cluster.main.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}
resource "aws_subnet" "zone" {
  count      = 3
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.${count.index}.0.0/16"
}
resource "aws_route_table_association" "public" {
  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.zone[0].id
}
resource "aws_lb" "main" {
  name            = "main"
  subnets         = [aws_subnet.zone[0].id]
  security_groups = [aws_security_group.lb.id]
}
resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.main.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main.arn
  }
}
resource "aws_lb_target_group" "main" {
  name     = "main"
  port     = 30000
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
resource "aws_autoscaling_attachment" "main" {
  autoscaling_group_name = aws_eks_node_group.g[0].resources[0].autoscaling_groups[0].name
  lb_target_group_arn    = aws_lb_target_group.main.arn
}
`)
	groups := workloads / 2
	for i := range groups {
		fmt.Fprintf(&tf, `
resource "aws_security_group" "g%[1]d" {
  name   = "g%[1]d"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol    = "tcp"
    from_port   = 8000
    to_port     = 8080
    cidr_blocks = ["10.%[4]d.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_vpc_security_group_ingress_rule" "g%[1]d" {
  security_group_id            = aws_security_group.g%[1]d.id
  ip_protocol                  = "tcp"
  from_port                    = %[2]d
  to_port                      = %[2]d
  referenced_security_group_id = aws_security_group.g%[3]d.id
}
`, i, 5000+i%100, (i*7+1)%groups, i%4)
	}
	for i := range 4 {
		fmt.Fprintf(&tf, `
resource "aws_launch_template" "t%[1]d" { vpc_security_group_ids = [aws_security_group.g%[1]d.id, aws_security_group.g%[2]d.id] }
`, i, i+4)
	}
	tf.WriteString(`
resource "aws_eks_node_group" "g" {
  count           = 4
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "g${count.index}"
  subnet_ids      = aws_subnet.zone[*].id
  launch_template { id = [aws_launch_template.t0.id, aws_launch_template.t1.id, aws_launch_template.t2.id, aws_launch_template.t3.id][count.index] }
}
resource "aws_db_subnet_group" "main" {
  name       = "main"
  subnet_ids = aws_subnet.zone[*].id
}
`)
	for i := range workloads / 20 {
		fmt.Fprintf(&tf, `
resource "aws_db_instance" "db%[1]d" {
  identifier             = "db%[1]d"
  engine                 = "postgres"
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.g%[2]d.id]
}
`, i, i%groups)
	}
	for i := range workloads {
		fmt.Fprintf(&k8s, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: w%[1]d, namespace: n%[2]d}
spec:
  template:
    metadata: {labels: {app: w%[1]d, tier: t%[3]d}}
    spec:
      containers: [{name: main, image: w, ports: [{name: http, containerPort: 8080}]}]
---
`, i, i%40, i%7)
		if i%5 == 0 {
			fmt.Fprintf(&k8s, `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p%[1]d, namespace: n%[2]d}
spec:
  podSelector: {matchLabels: {tier: t%[3]d}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: w%[4]d}}
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: n%[5]d}}
    ports: [{port: 8080}, {port: %[6]d, endPort: %[7]d}]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.%[8]d.0.0/16]}}]
  - to: [{namespaceSelector: {}}]
    ports: [{port: http}]
---
`, i, i%40, i%7, (i+40)%workloads, (i+3)%40, 9000+i%50, 9100+i%50, i%3)
		}
		if i%8 == 0 {
			fmt.Fprintf(&k8s, `
apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata: {name: s%[1]d, namespace: n%[2]d}
spec:
  podSelector: {matchLabels: {app: w%[1]d}}
  securityGroups: {groupIds: [g%[3]d]}
---
`, i, i%40, i%groups)
		}
		if i%50 == 0 {
			fmt.Fprintf(&k8s, `
apiVersion: v1
kind: Service
metadata: {name: w%[1]d, namespace: n%[2]d}
spec:
  type: NodePort
  selector: {app: w%[1]d}
  ports: [{port: 80, targetPort: http, nodePort: %[3]d}]
---
`, i, i%40, 30000+i/50)
		}
	}
	e, problems := read.Paths(fstest.MapFS{
		"main.tf": {Data: []byte(tf.String())}, "k8s.yaml": {Data: []byte(k8s.String())},
	}, []string{"."}, read.Options{})
	for _, p := range problems {
		tb.Fatal(p)
	}
	return e
}

func BenchmarkMatrix(b *testing.B) {
	for _, size := range []int{250, 500, 1000} {
		e := large(b, size)
		b.Run(fmt.Sprintf("workloads=%d", size), func(b *testing.B) {
			for range b.N {
				m := New(e).Matrix(MatrixOptions{})
				pairs := 0
				m.Each(func(_, _ Place, _ Reach) { pairs++ })
				b.ReportMetric(float64(pairs), "pairs")
			}
		})
	}
}

func BenchmarkAsk(b *testing.B) {
	e := large(b, 1000)
	n := New(e)
	src, dst := find(b, n, "svc/w1"), find(b, n, "store/db3")
	for b.Loop() {
		n.Explain(src, dst)
	}
}

func find(tb testing.TB, n *Network, name string) Place {
	tb.Helper()
	p, err := n.Find(name, To)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
