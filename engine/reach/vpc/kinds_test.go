package vpc

import (
	"testing"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Where each kind of resource is attached, and whether the internet can send to
// it.
func TestKindsOfResources(t *testing.T) {
	everyone := `
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.public.id
}
`
	stores := ground + everyone + `
resource "aws_db_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.private.id]
}
resource "aws_db_instance" "public" {
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [aws_security_group.all.id]
  publicly_accessible    = true
}
resource "aws_db_instance" "private" {
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [aws_security_group.all.id]
}
resource "aws_rds_cluster" "c" {
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [aws_security_group.all.id]
}
resource "aws_rds_cluster_instance" "c" {
  count               = 2
  cluster_identifier  = aws_rds_cluster.c.id
  publicly_accessible = count.index == 1
}
resource "aws_elasticache_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.private.id]
}
resource "aws_elasticache_cluster" "cache" {
  cluster_id         = "cache"
  subnet_group_name  = aws_elasticache_subnet_group.g.name
  security_group_ids = [aws_security_group.all.id]
}
resource "aws_msk_cluster" "open" {
  cluster_name = "open"
  broker_node_group_info {
    client_subnets  = [aws_subnet.private.id]
    security_groups = [aws_security_group.all.id]
    connectivity_info {
      public_access {
        type = "SERVICE_PROVIDED_EIPS"
      }
    }
  }
}
resource "aws_opensearch_domain" "s" {
  domain_name = "s"
  vpc_options {
    subnet_ids         = [aws_subnet.private.id]
    security_group_ids = [aws_security_group.all.id]
  }
}
resource "aws_redshift_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.private.id]
}
resource "aws_redshift_cluster" "unsaid" {
  cluster_identifier        = "w"
  cluster_subnet_group_name = aws_redshift_subnet_group.g.name
  vpc_security_group_ids    = [aws_security_group.all.id]
}
resource "aws_efs_file_system" "f" {}
resource "aws_efs_mount_target" "f" {
  file_system_id  = aws_efs_file_system.f.id
  subnet_id       = aws_subnet.private.id
  security_groups = [aws_security_group.all.id]
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::111111111111:role/f"
  vpc_config {
    subnet_ids         = [aws_subnet.private.id]
    security_group_ids = [aws_security_group.all.id]
  }
}
resource "aws_ecs_service" "public" {
  name = "web"
  network_configuration {
    subnets          = [aws_subnet.private.id]
    security_groups  = [aws_security_group.all.id]
    assign_public_ip = true
  }
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.main.id
  service_name       = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.private.id]
  security_group_ids = [aws_security_group.all.id]
}
resource "aws_lb" "internal" {
  internal        = true
  subnets         = [aws_subnet.private.id]
  security_groups = [aws_security_group.all.id]
}
resource "aws_lb" "nlb" {
  load_balancer_type = "network"
  subnet_mapping {
    subnet_id = aws_subnet.private.id
  }
}
resource "aws_elb" "classic" {
  subnets         = [aws_subnet.private.id]
  security_groups = [aws_security_group.all.id]
}
resource "aws_network_interface" "ni" {
  subnet_id       = aws_subnet.private.id
  security_groups = [aws_security_group.all.id]
}
resource "aws_eip" "ni" {
  network_interface = aws_network_interface.ni.id
}
resource "aws_instance" "by_interface" {
  network_interface {
    network_interface_id = aws_network_interface.ni.id
    device_index         = 0
  }
}
resource "aws_launch_template" "lt" {
  network_interfaces {
    associate_public_ip_address = true
    security_groups             = [aws_security_group.all.id]
  }
}
resource "aws_autoscaling_group" "asg" {
  vpc_zone_identifier = [aws_subnet.private.id]
  launch_template {
    id = aws_launch_template.lt.id
  }
}
`
	var wants []want
	for addr, from := range map[string]estate.Truth{
		"aws_db_instance.public": estate.Yes, "aws_db_instance.private": estate.No,
		"aws_rds_cluster.c": estate.Yes, "aws_rds_cluster_instance.c[0]": estate.No, "aws_rds_cluster_instance.c[1]": estate.Yes,
		"aws_elasticache_cluster.cache": estate.No, "aws_msk_cluster.open": estate.Yes, "aws_opensearch_domain.s": estate.No,
		"aws_redshift_cluster.unsaid": estate.Maybe, "aws_efs_file_system.f": estate.No, "aws_lambda_function.f": estate.No,
		"aws_ecs_service.public": estate.Yes, "aws_vpc_endpoint.kms": estate.No, "aws_lb.internal": estate.No, "aws_lb.nlb": estate.Yes,
		"aws_elb.classic": estate.Yes, "aws_network_interface.ni": estate.Yes, "aws_instance.by_interface": estate.Yes, "aws_autoscaling_group.asg": estate.Yes,
	} {
		inside := truth(addr != "aws_lambda_function.f")
		wants = append(wants, want{"internet", addr, tcp(4711), from, ""}, want{app, addr, tcp(4711), inside, ""})
	}
	section{"stores, functions and balancers", stores, wants}.run(t)

	n := New(hcl(t, stores))
	if got := n.Of(at(t, n, app).Of); got.Name != "aws_instance.app" || len(got.Spots) != 1 {
		t.Errorf("the instance is %q with %d spots", got.Name, len(got.Spots))
	}
	for _, r := range n.e.Resources {
		switch r.(type) {
		case *estate.VPC, *estate.SecurityGroup, *estate.RouteTable:
			if n.Of(r) != nil {
				t.Errorf("%s has an interface", r.Meta().ID)
			}
		}
	}
}

// EKS User Guide, "View Amazon EKS security group requirements for clusters"
// and "Customize managed nodes with launch templates".
func TestNodesOfEKS(t *testing.T) {
	cluster := ground + `
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::111111111111:role/c"
  vpc_config {
    subnet_ids = [aws_subnet.private.id]
  }
}
resource "aws_eks_node_group" "plain" {
  cluster_name    = aws_eks_cluster.c.name
  node_group_name = "plain"
  node_role_arn   = "arn:aws:iam::111111111111:role/n"
  subnet_ids      = [aws_subnet.private.id]
}
resource "aws_launch_template" "own" {
  vpc_security_group_ids = [aws_security_group.own.id]
}
resource "aws_security_group" "own" {
  name   = "own"
  vpc_id = aws_vpc.main.id
}
resource "aws_eks_node_group" "own" {
  cluster_name    = aws_eks_cluster.c.name
  node_group_name = "own"
  node_role_arn   = "arn:aws:iam::111111111111:role/n"
  subnet_ids      = [aws_subnet.private.id]
  launch_template {
    id      = aws_launch_template.own.id
    version = "1"
  }
}
`
	const plain, own = "aws_eks_node_group.plain", "aws_eks_node_group.own"
	for _, s := range []section{
		{"nodes and control plane share the cluster's group", cluster, []want{
			{plain, "aws_eks_cluster.c", tcp(443), estate.Yes, "the cluster security group of EKS cluster \"c\" lets in all traffic from itself"},
			{"aws_eks_cluster.c", plain, tcp(10250), estate.Yes, ""},
			{app, plain, tcp(10250), estate.No, ""},
			{own, plain, tcp(10250), estate.No, ""},
		}},
		{"rules added to the cluster's group", cluster + `
resource "aws_security_group_rule" "x" {
  type                     = "ingress"
  security_group_id        = aws_eks_cluster.c.vpc_config[0].cluster_security_group_id
  source_security_group_id = aws_security_group.all.id
  protocol                 = "tcp"
  from_port                = 443
  to_port                  = 443
}
`, []want{{app, plain, tcp(443), estate.Yes, ""}, {app, plain, tcp(80), estate.No, ""}}},
		{"remote access without sources is from everywhere", replace(cluster, "node_group_name = \"plain\"", "node_group_name = \"plain\"\n remote_access {\n ec2_ssh_key = \"k\"\n }\n"), []want{
			{app, plain, tcp(22), estate.Yes, ""}, {app, plain, tcp(443), estate.No, ""},
		}},
	} {
		s.run(t)
	}
	n := New(hcl(t, cluster))
	nodes, group := at(t, n, plain), estate.RefTo[*estate.SecurityGroup]("sg-0123456789abcdef0", n.Of(at(t, n, plain).Of).PublicAt)
	pods := n.WithGroups(nodes, []estate.Ref[*estate.SecurityGroup]{group}, "")
	if yes, may := n.Conns(At(nodes), At(pods)); !yes.Empty() || !may.All() {
		t.Errorf("pods with a group that is not in the files: got %s and %s", yes, may)
	}
	if yes, _ := n.Conns(At(nodes), At(nodes)); !yes.Has(flow.Conn{Protocol: flow.TCP, Port: 10250}) {
		t.Errorf("nodes reach each other on %s", yes)
	}
}
