package reach

import (
	"strings"
	"testing"

	"fathom/engine/reach/flow"
)

const namedTF = `
module "db" {
  source   = "./db"
  for_each = toset(["orders", "payments"])
  name     = "shop-production-${each.key}"
}

resource "aws_route53_zone" "internal" {
  name = "shop.internal"
}

resource "aws_route53_record" "db" {
  zone_id = aws_route53_zone.internal.zone_id
  name    = "orders-db.shop.internal"
  type    = "CNAME"
  ttl     = 60
  records = [module.db["orders"].endpoint]
}

resource "aws_route53_record" "literal" {
  zone_id = aws_route53_zone.internal.zone_id
  name    = "pay.shop.internal"
  type    = "CNAME"
  ttl     = 60
  records = ["shop-production-payments.cluster-c9akciq32.eu-west-1.rds.amazonaws.com"]
}

resource "aws_instance" "bastion" {
  tags = { Name = "jump host" }
}

resource "aws_s3_bucket" "logs" {
  bucket = "shop-logs"
}
`

const namedDB = `
variable "name" { type = string }

resource "aws_rds_cluster" "this" {
  cluster_identifier = var.name
  engine             = "aurora-mysql"
}

resource "aws_rds_cluster_instance" "this" {
  count              = 2
  cluster_identifier = aws_rds_cluster.this.id
}

output "endpoint" { value = aws_rds_cluster.this.endpoint }
`

const namedPods = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  template:
    metadata: {labels: {app: orders}}
    spec: {containers: [{name: main, image: m, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: staging}
spec:
  template:
    metadata: {labels: {app: orders}}
    spec: {containers: [{name: main, image: m}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {selector: {app: orders}, ports: [{name: web, port: 80, targetPort: http}]}
`

func TestFind(t *testing.T) {
	n := New(estateOf(t, map[string]string{"main.tf": namedTF, "db/main.tf": namedDB, "k8s.yaml": namedPods}))
	const orders = `module.db["orders"].aws_rds_cluster.this`
	for _, tt := range []struct{ name, want, addr string }{
		{"internet", "internet", ""},
		{"internet6", "internet6", ""},
		{"imds", "imds", ""},
		{"169.254.169.254", "imds", ""},
		{"10.0.0.0/8", "10.0.0.0/8", ""},
		{"2001:db8::1", "2001:db8::1", ""},
		{"store/orders-db", "store/orders-db", orders},
		{"store/orders-db.shop.internal", "store/orders-db", orders},
		{"store/shop-production-orders", "store/orders-db", orders},
		{"store/orders", "store/orders-db", orders},
		{"db/orders", "store/orders-db", orders},
		{orders, "store/orders-db", orders},
		{`module.db["orders"].aws_rds_cluster_instance.this[1]`, "store/orders-db", orders},
		{"store/pay", "store/pay", `module.db["payments"].aws_rds_cluster.this`},
		{"node/bastion", "node/bastion", "aws_instance.bastion"},
		{"node/jump host", "node/bastion", "aws_instance.bastion"},
		{"bucket/shop-logs", "store/logs", "aws_s3_bucket.logs"},
		{"bucket/shop_logs", "store/logs", "aws_s3_bucket.logs"},
		{"svc/shop/orders", "svc/shop/orders", "Deployment/shop/orders"},
		{"pod/staging/orders", "svc/staging/orders", "Deployment/staging/orders"},
		{"Deployment/shop/orders", "svc/shop/orders", "Deployment/shop/orders"},
		{"svc/front", "svc/shop/orders", "Deployment/shop/orders"},
		{"Service/shop/front", "svc/shop/orders", "Deployment/shop/orders"},
	} {
		p, err := n.Find(tt.name, To)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		addr := ""
		if p.Of != nil {
			addr = p.Of.Meta().ID.Addr
		}
		if p.String() != tt.want || addr != tt.addr {
			t.Errorf("%s is %s (%s), want %s (%s)", tt.name, p, addr, tt.want, tt.addr)
		}
		if again, err := n.Find(p.String(), To); err != nil || again.String() != p.String() {
			t.Errorf("%s does not find itself: %v, %v", p, again, err)
		}
	}
}

func TestFindSaysWhatIsNear(t *testing.T) {
	n := New(estateOf(t, map[string]string{"main.tf": namedTF, "db/main.tf": namedDB, "k8s.yaml": namedPods}))
	for _, tt := range []struct {
		name string
		role Role
		want string
	}{
		{"svc/orders", To, `"svc/orders" may be svc/shop/orders (Deployment/shop/orders) or svc/staging/orders (Deployment/staging/orders); write one of them`},
		{"store/order-db", To, "the nearest names are store/orders-db"},
		{"", To, "a name is empty"},
		{"svc/zzzzzzzzzzzzzzz", To, "fathom reach --all lists"},
		{"imds", From, "cannot be a source"},
		{"store/logs", From, "cannot be a source"},
		{"10.0.0.0/33", To, `"10.0.0.0/33" is not a range: the length of its prefix is "33", and that of an IPv4 range is a number from 0 to 32; write an address such as 10.0.0.7 or a range such as 10.0.0.0/8`},
		{"10.0.0.0/", From, `the length of its prefix is ""`},
		{"300.1.1.1", To, `"300.1.1.1" is not an address: IPv4 has four numbers from 0 to 255`},
		{"300.1.1.1/8", To, "four numbers from 0 to 255"},
		{"10.0.0/8", To, "four numbers from 0 to 255"},
		{"10.0.0.010", To, "without leading zeros"},
		{"10.0.0.1-10.0.0.9", To, "it is written from one address to another; write"},
		{"2001:db8::/129", To, "a number from 0 to 128; write an address such as 2001:db8::1"},
		{"2001:db8::1::2", To, "with :: once at most"},
		{"fe80::1%eth0", To, "a zone means something on one machine alone"},
		{"tcp/", To, `"tcp/" is no place but a port; write it after a place and a colon, such as store/orders:tcp/5432`},
		{"icmp/8", To, "is no place but a port"},
		{"1.2.3-web", To, "fathom reach --all lists"},
		{"deadbeef", To, "fathom reach --all lists"},
	} {
		if p, err := n.Find(tt.name, tt.role); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q gives %v, %v; want an error with %q", tt.name, p, err, tt.want)
		}
	}
}

func TestPorts(t *testing.T) {
	n := New(estateOf(t, map[string]string{"main.tf": namedTF, "db/main.tf": namedDB, "k8s.yaml": namedPods, "more.tf": `
resource "aws_msk_cluster" "events" {
  cluster_name = "events"
  encryption_info {
    encryption_in_transit { client_broker = "TLS_PLAINTEXT" }
  }
  client_authentication {
    sasl { iam = true }
  }
}

resource "aws_elasticache_cluster" "sessions" {
  cluster_id = "sessions"
  engine     = "memcached"
}

resource "aws_db_instance" "reports" {
  identifier = "reports"
  engine     = "sqlserver-se"
}
`}))
	for name, want := range map[string]string{
		"svc/shop/orders": "TCP 8080", "svc/staging/orders": "", "store/orders-db": "TCP 3306", "store/logs": "TCP 443", "imds": "TCP 80", "internet": "",
		"node/bastion": "", "store/events": "TCP 9092 TCP 9094 TCP 9098", "store/sessions": "TCP 11211", "store/reports": "TCP 1433",
	} {
		var got []string
		for _, c := range n.Ports(find(t, n, name)) {
			got = append(got, c.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s takes %v, want %q", name, got, want)
		}
	}
	if c, ok := n.NamedPort(find(t, n, "svc/shop/orders"), "web"); !ok || c != (flow.Conn{Protocol: flow.TCP, Port: 8080}) {
		t.Errorf("the Service's port web is %v, %t", c, ok)
	}
}

func TestParsePort(t *testing.T) {
	for in, want := range map[string]flow.Conn{
		"1": {Protocol: flow.TCP, Port: 1}, "65535": {Protocol: flow.TCP, Port: 65535}, "tcp/5432": {Protocol: flow.TCP, Port: 5432},
		"udp/53": {Protocol: flow.UDP, Port: 53}, "sctp/3868": {Protocol: flow.SCTP, Port: 3868},
	} {
		if got, ok, err := ParsePort(in); got != want || !ok || err != nil {
			t.Errorf("%s is %v, %t, %v; want %v", in, got, ok, err, want)
		}
	}
	for in, want := range map[string]string{
		"0": `"0" is not a number from 1 to 65535`, "65536": "from 1 to 65535", "99999": `"99999" is not a port`, "99999999999999999999": "from 1 to 65535",
		"tcp/": `"tcp/" is not a port: "" is not a number from 1 to 65535; write 5432, tcp/5432 or udp/53`, "tcp/abc": `"abc" is not a number`,
		"tcp/+5": `"+5" is not a number`, "icmp/8": `"icmp" is none of tcp, udp and sctp; write 5432`, "TCP/22": `"TCP" is none of`,
	} {
		if got, ok, err := ParsePort(in); ok || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is %v, %t, %v; want an error with %q", in, got, ok, err, want)
		}
	}
	if _, ok, err := ParsePort("http"); ok || err != nil {
		t.Errorf("the name of a port is %t, %v", ok, err)
	}
}

// An instance is found without its type, and by its key before the label that
// all instances of its resource share.
func TestFindOneOfMany(t *testing.T) {
	n := New(estateOf(t, map[string]string{"main.tf": `
resource "aws_instance" "app" { count = 2 }

resource "aws_instance" "web" { for_each = toset(["a", "b"]) }

resource "aws_instance" "both" { for_each = toset(["twin"]) }

resource "aws_instance" "twin" {}

variable "region" {}

resource "aws_vpc_endpoint" "ssm" {
  for_each          = toset(["ssm", "ssmmessages"])
  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint" "logs" {
  for_each          = toset(["logs", "events"])
  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Interface"
}

module "blue" { source = "./web" }
`, "web/main.tf": `resource "aws_instance" "inner" { count = 2 }`}))
	for name, want := range map[string]string{
		"node/app[0]": "aws_instance.app[0]", "node/app[1]": "aws_instance.app[1]", "app[1]": "aws_instance.app[1]", `node/web["b"]`: `aws_instance.web["b"]`,
		"node/inner[1]": "module.blue.aws_instance.inner[1]", "endpoint/ssm": `aws_vpc_endpoint.ssm["ssm"]`,
		"endpoint/ssmmessages": `aws_vpc_endpoint.ssm["ssmmessages"]`, "endpoint/logs": `aws_vpc_endpoint.logs["logs"]`,
	} {
		p, err := n.Find(name, To)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := p.Of.Meta().ID.Addr; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
		if again, err := n.Find(p.String(), To); err != nil || again.Of.Meta().ID != p.Of.Meta().ID {
			t.Errorf("%s does not find itself: %v, %v", p, again, err)
		}
	}
	// The label of another resource is as good as a key.
	for name, want := range map[string]string{"node/app": "may be", "node/app[2]": "the nearest names are", "node/twin": "may be"} {
		if p, err := n.Find(name, To); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, %v; want an error with %q", name, p, err, want)
		}
	}
}
