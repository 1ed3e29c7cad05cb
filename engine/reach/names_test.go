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
