# shopnow: network. Rendered by fathom from the platform's declaration; change it there.

# from: network.cidr
resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags = {
    Name = "shopnow-main"
  }
}

# The load balancer's; nothing else has a public address
# from: network.zones
resource "aws_subnet" "public" {
  for_each = {
    a = "10.20.192.0/24"
    b = "10.20.193.0/24"
    c = "10.20.194.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name                     = "shopnow-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

# Nodes and pods
# from: network.zones
resource "aws_subnet" "private" {
  for_each = {
    a = "10.20.0.0/20"
    b = "10.20.16.0/20"
    c = "10.20.32.0/20"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name                              = "shopnow-private-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

# stores: without a way out
# control: network.private-data
# from: network.zones
resource "aws_subnet" "database" {
  for_each = {
    a = "10.20.200.0/24"
    b = "10.20.201.0/24"
    c = "10.20.202.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-database-${each.key}"
  }
}

# Nodes and pods that stand apart
# control: network.payments-isolation
# from: stores.card-vault.isolate
resource "aws_subnet" "apart" {
  for_each = {
    a = "10.20.128.0/21"
    b = "10.20.136.0/21"
    c = "10.20.144.0/21"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-apart-${each.key}"
  }
}

# Stores that stand apart: without a way out
# control: network.payments-isolation, network.private-data
# from: stores.card-vault.isolate
resource "aws_subnet" "vault" {
  for_each = {
    a = "10.20.208.0/24"
    b = "10.20.209.0/24"
    c = "10.20.210.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-vault-${each.key}"
  }
}

# The endpoints of AWS services, in subnets of their own so that a NetworkPolicy can name them and
# nothing else
# control: network.endpoints
# from: network.zones
resource "aws_subnet" "endpoints" {
  for_each = {
    a = "10.20.232.0/24"
    b = "10.20.233.0/24"
    c = "10.20.234.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-endpoints-${each.key}"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-main"
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-public"
  }
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

# The NAT gateways': apart from the load balancer's, so that what comes back can be led through a
# firewall
# from: network.nat
resource "aws_subnet" "nat" {
  for_each = {
    a = "10.20.216.0/24"
    b = "10.20.217.0/24"
    c = "10.20.218.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "eu-west-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-nat-${each.key}"
  }
}

resource "aws_route_table" "nat" {
  for_each = aws_subnet.nat
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "shopnow-nat-${each.key}"
  }
}

resource "aws_route_table_association" "nat" {
  for_each       = aws_subnet.nat
  subnet_id      = each.value.id
  route_table_id = aws_route_table.nat[each.key].id
}

resource "aws_route" "nat" {
  for_each               = aws_route_table.nat
  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

# from: network.nat
resource "aws_eip" "nat" {
  for_each = toset(["a", "b", "c"])
  domain   = "vpc"
  tags = {
    Name = "shopnow-nat-${each.key}"
  }
}

# from: network.nat
resource "aws_nat_gateway" "main" {
  for_each      = aws_eip.nat
  allocation_id = each.value.id
  subnet_id     = aws_subnet.nat[each.key].id
  tags = {
    Name = "shopnow-${each.key}"
  }
  depends_on = [aws_internet_gateway.main]
}

# from: network.nat
resource "aws_route_table" "private" {
  for_each = aws_subnet.private
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "shopnow-private-${each.key}"
  }
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# from: network.nat
resource "aws_route" "private" {
  for_each               = aws_route_table.private
  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[each.key].id
}

# from: network.nat
resource "aws_route_table" "apart" {
  for_each = aws_subnet.apart
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "shopnow-apart-${each.key}"
  }
}

resource "aws_route_table_association" "apart" {
  for_each       = aws_subnet.apart
  subnet_id      = each.value.id
  route_table_id = aws_route_table.apart[each.key].id
}

# from: network.nat
resource "aws_route" "apart" {
  for_each               = aws_route_table.apart
  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[each.key].id
}

# control: network.endpoints
resource "aws_route_table" "endpoints" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoints"
  }
}

resource "aws_route_table_association" "endpoints" {
  for_each       = aws_subnet.endpoints
  subnet_id      = each.value.id
  route_table_id = aws_route_table.endpoints.id
}

# control: network.private-data
resource "aws_route_table" "database" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-database"
  }
}

resource "aws_route_table_association" "database" {
  for_each       = aws_subnet.database
  subnet_id      = each.value.id
  route_table_id = aws_route_table.database.id
}

# control: network.private-data, network.payments-isolation
resource "aws_route_table" "vault" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-vault"
  }
}

resource "aws_route_table_association" "vault" {
  for_each       = aws_subnet.vault
  subnet_id      = each.value.id
  route_table_id = aws_route_table.vault.id
}

# Without rules: whoever names no group of its own can talk to nobody
# control: network.no-open-ingress, network.egress-deny
resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "shopnow-default"
  }
}

# Without routes: a subnet that nobody gave a table leads nowhere
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  tags = {
    Name = "shopnow-default"
  }
}

# The stores' ports from the subnets that stand apart, answers back to them, and what the stores
# say to each other; nothing else, whatever a security group allows
# control: network.payments-isolation
# from: stores.card-vault.isolate
resource "aws_network_acl" "vault" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [for s in aws_subnet.vault : s.id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.20.128.0/18"
    from_port  = 5432
    to_port    = 5432
  }

  ingress {
    rule_no    = 200
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.20.208.0/21"
    from_port  = 0
    to_port    = 65535
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.20.128.0/18"
    from_port  = 1024
    to_port    = 65535
  }

  egress {
    rule_no    = 200
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.20.208.0/21"
    from_port  = 0
    to_port    = 65535
  }

  tags = {
    Name = "shopnow-vault"
  }
}

# The addresses from which CloudFront asks origins; AWS keeps the list
# control: network.no-open-ingress
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "alb" {
  name        = "shopnow-alb"
  description = "Load balancer: from CloudFront to the ingress gateway"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-alb"
  }
}

# control: network.no-open-ingress
resource "aws_vpc_security_group_ingress_rule" "alb_from_cloudfront" {
  security_group_id = aws_security_group.alb.id
  description       = "HTTPS from CloudFront, and from nobody else"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "gateway" {
  name        = "shopnow-gateway"
  description = "Ingress gateway: from the load balancer to the services that routes lead to"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-gateway"
  }
}

# control: network.sg-chain, network.egress-deny
resource "aws_vpc_security_group_egress_rule" "alb_to_gateway" {
  security_group_id            = aws_security_group.alb.id
  description                  = "requests that came through CloudFront"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8443
  to_port                      = 8443
}

# control: network.sg-chain, network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "gateway_from_alb" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "requests that came through CloudFront"
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8443
  to_port                      = 8443
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_orders" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to orders"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_orders_from_gateway" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "routes lead to orders"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_search" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to search"
  referenced_security_group_id = aws_security_group.svc_search.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_search_from_gateway" {
  security_group_id            = aws_security_group.svc_search.id
  description                  = "routes lead to search"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.orders
resource "aws_security_group" "svc_orders" {
  name        = "shopnow-svc-orders"
  description = "Pods of orders"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-svc-orders"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.calls.payments
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_svc_payments" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders calls payments"
  referenced_security_group_id = aws_security_group.svc_payments.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.calls.payments
resource "aws_vpc_security_group_ingress_rule" "svc_payments_from_svc_orders" {
  security_group_id            = aws_security_group.svc_payments.id
  description                  = "orders calls payments"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.calls.search
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_svc_search" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders calls search"
  referenced_security_group_id = aws_security_group.svc_search.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.calls.search
resource "aws_vpc_security_group_ingress_rule" "svc_search_from_svc_orders" {
  security_group_id            = aws_security_group.svc_search.id
  description                  = "orders calls search"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny, network.payments-isolation
# from: services.payments
resource "aws_security_group" "svc_payments" {
  name        = "shopnow-svc-payments"
  description = "Pods of payments"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-svc-payments"
  }
}

# control: network.egress-deny
# from: services.payments.egress
resource "aws_vpc_security_group_egress_rule" "svc_payments_to_api_psp_example_443" {
  security_group_id = aws_security_group.svc_payments.id
  description       = "payments calls api.psp.example"
  cidr_ipv4         = "203.0.113.0/24"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# control: network.sg-chain, network.egress-deny
# from: services.search
resource "aws_security_group" "svc_search" {
  name        = "shopnow-svc-search"
  description = "Pods of search"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-svc-search"
  }
}

# control: network.sg-chain, network.egress-deny
# from: stores.cache
resource "aws_security_group" "store_cache" {
  name        = "shopnow-store-cache"
  description = "Store cache: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-store-cache"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.cache
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_store_cache" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders uses cache"
  referenced_security_group_id = aws_security_group.store_cache.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.cache
resource "aws_vpc_security_group_ingress_rule" "store_cache_from_svc_orders" {
  security_group_id            = aws_security_group.store_cache.id
  description                  = "orders uses cache"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.search.stores.cache
resource "aws_vpc_security_group_egress_rule" "svc_search_to_store_cache" {
  security_group_id            = aws_security_group.svc_search.id
  description                  = "search uses cache"
  referenced_security_group_id = aws_security_group.store_cache.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.search.stores.cache
resource "aws_vpc_security_group_ingress_rule" "store_cache_from_svc_search" {
  security_group_id            = aws_security_group.store_cache.id
  description                  = "search uses cache"
  referenced_security_group_id = aws_security_group.svc_search.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny, network.payments-isolation
# from: stores.card-vault
resource "aws_security_group" "store_card_vault" {
  name        = "shopnow-store-card-vault"
  description = "Store card-vault: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-store-card-vault"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.payments.stores.card-vault
resource "aws_vpc_security_group_egress_rule" "svc_payments_to_store_card_vault" {
  security_group_id            = aws_security_group.svc_payments.id
  description                  = "payments uses card-vault"
  referenced_security_group_id = aws_security_group.store_card_vault.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# control: network.sg-chain, network.egress-deny
# from: services.payments.stores.card-vault
resource "aws_vpc_security_group_ingress_rule" "store_card_vault_from_svc_payments" {
  security_group_id            = aws_security_group.store_card_vault.id
  description                  = "payments uses card-vault"
  referenced_security_group_id = aws_security_group.svc_payments.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# control: network.sg-chain, network.egress-deny
# from: stores.events
resource "aws_security_group" "store_events" {
  name        = "shopnow-store-events"
  description = "Store events: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-store-events"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.events
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_store_events" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders uses events"
  referenced_security_group_id = aws_security_group.store_events.id
  ip_protocol                  = "tcp"
  from_port                    = 9098
  to_port                      = 9098
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.events
resource "aws_vpc_security_group_ingress_rule" "store_events_from_svc_orders" {
  security_group_id            = aws_security_group.store_events.id
  description                  = "orders uses events"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 9098
  to_port                      = 9098
}

# control: network.sg-chain, network.egress-deny
# from: services.search.stores.events
resource "aws_vpc_security_group_egress_rule" "svc_search_to_store_events" {
  security_group_id            = aws_security_group.svc_search.id
  description                  = "search uses events"
  referenced_security_group_id = aws_security_group.store_events.id
  ip_protocol                  = "tcp"
  from_port                    = 9098
  to_port                      = 9098
}

# control: network.sg-chain, network.egress-deny
# from: services.search.stores.events
resource "aws_vpc_security_group_ingress_rule" "store_events_from_svc_search" {
  security_group_id            = aws_security_group.store_events.id
  description                  = "search uses events"
  referenced_security_group_id = aws_security_group.svc_search.id
  ip_protocol                  = "tcp"
  from_port                    = 9098
  to_port                      = 9098
}

# control: network.sg-chain, network.egress-deny
# from: stores.orders-db
resource "aws_security_group" "store_orders_db" {
  name        = "shopnow-store-orders-db"
  description = "Store orders-db: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-store-orders-db"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.orders-db
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_store_orders_db" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders uses orders-db"
  referenced_security_group_id = aws_security_group.store_orders_db.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# control: network.sg-chain, network.egress-deny
# from: services.orders.stores.orders-db
resource "aws_vpc_security_group_ingress_rule" "store_orders_db_from_svc_orders" {
  security_group_id            = aws_security_group.store_orders_db.id
  description                  = "orders uses orders-db"
  referenced_security_group_id = aws_security_group.svc_orders.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# Worn by every pod besides its service's own group
# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "pods" {
  name        = "shopnow-pods"
  description = "What every pod needs: names, its configuration and certificate, and probes"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-pods"
  }
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "nodes" {
  name        = "shopnow-nodes"
  description = "Nodes, and what runs on them that is no service: DNS, istiod, controllers"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-nodes"
  }
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "cluster" {
  name        = "shopnow-cluster"
  description = "Control plane of the cluster"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-cluster"
  }
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "pods_to_nodes_dns_udp" {
  security_group_id            = aws_security_group.pods.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_pods_dns_udp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_nodes_dns_udp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_nodes_dns_udp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "pods_to_nodes_dns_tcp" {
  security_group_id            = aws_security_group.pods.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_pods_dns_tcp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_nodes_dns_tcp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_nodes_dns_tcp" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "names, of CoreDNS"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 53
  to_port                      = 53
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "pods_to_nodes_istiod" {
  security_group_id            = aws_security_group.pods.id
  description                  = "istiod tells the proxies what to do"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 15012
  to_port                      = 15012
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_pods_istiod" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "istiod tells the proxies what to do"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 15012
  to_port                      = 15012
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "pods_to_nodes_csr" {
  security_group_id            = aws_security_group.pods.id
  description                  = "istio-csr signs the certificates of proxies"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 6443
  to_port                      = 6443
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_pods_csr" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "istio-csr signs the certificates of proxies"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 6443
  to_port                      = 6443
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "pods_to_nodes_traces" {
  security_group_id            = aws_security_group.pods.id
  description                  = "traces, to the agent of the node"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 4317
  to_port                      = 4317
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_pods_traces" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "traces, to the agent of the node"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 4317
  to_port                      = 4317
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_pods_probes" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "the kubelet asks proxies for their health and that of the application"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 15020
  to_port                      = 15021
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "pods_from_nodes_probes" {
  security_group_id            = aws_security_group.pods.id
  description                  = "the kubelet asks proxies for their health and that of the application"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 15020
  to_port                      = 15021
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_nodes_csr" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "istiod has its own certificate signed"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 6443
  to_port                      = 6443
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_nodes_csr" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "istiod has its own certificate signed"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 6443
  to_port                      = 6443
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_nodes_kubelet" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "metrics of the kubelets"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 10250
  to_port                      = 10250
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_nodes_kubelet" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "metrics of the kubelets"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 10250
  to_port                      = 10250
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "nodes_to_cluster" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "the API of the cluster"
  referenced_security_group_id = aws_security_group.cluster.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "cluster_from_nodes" {
  security_group_id            = aws_security_group.cluster.id
  description                  = "the API of the cluster"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "cluster_to_nodes_https" {
  security_group_id            = aws_security_group.cluster.id
  description                  = "webhooks and aggregated APIs"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_cluster_https" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "webhooks and aggregated APIs"
  referenced_security_group_id = aws_security_group.cluster.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "cluster_to_nodes_webhooks" {
  security_group_id            = aws_security_group.cluster.id
  description                  = "webhooks of controllers"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_cluster_webhooks" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "webhooks of controllers"
  referenced_security_group_id = aws_security_group.cluster.id
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "cluster_to_nodes_kubelet" {
  security_group_id            = aws_security_group.cluster.id
  description                  = "kubelets, and the webhook of cert-manager"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 10250
  to_port                      = 10250
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_cluster_kubelet" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "kubelets, and the webhook of cert-manager"
  referenced_security_group_id = aws_security_group.cluster.id
  ip_protocol                  = "tcp"
  from_port                    = 10250
  to_port                      = 10250
}

# control: network.egress-deny
resource "aws_vpc_security_group_egress_rule" "cluster_to_nodes_istiod" {
  security_group_id            = aws_security_group.cluster.id
  description                  = "the webhook of istiod"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 15017
  to_port                      = 15017
}

# control: network.egress-deny
resource "aws_vpc_security_group_ingress_rule" "nodes_from_cluster_istiod" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "the webhook of istiod"
  referenced_security_group_id = aws_security_group.cluster.id
  ip_protocol                  = "tcp"
  from_port                    = 15017
  to_port                      = 15017
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoints" {
  name        = "shopnow-endpoints"
  description = "VPC endpoints of AWS services that nodes and controllers call"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoints"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoints" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "AWS, by its endpoints"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoints_from_nodes" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "AWS, by its endpoints"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_kms" {
  name        = "shopnow-endpoint-kms"
  description = "VPC endpoint of kms"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-kms"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_kms" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call kms"
  referenced_security_group_id = aws_security_group.endpoint_kms.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_kms_from_nodes" {
  security_group_id            = aws_security_group.endpoint_kms.id
  description                  = "nodes and controllers call kms"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_kms_from_pods" {
  security_group_id            = aws_security_group.endpoint_kms.id
  description                  = "services call kms, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_s3" {
  name        = "shopnow-endpoint-s3"
  description = "VPC endpoint of s3"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-s3"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_s3" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_s3_from_nodes" {
  security_group_id            = aws_security_group.endpoint_s3.id
  description                  = "nodes and controllers call s3"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_s3_from_pods" {
  security_group_id            = aws_security_group.endpoint_s3.id
  description                  = "services call s3, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_secretsmanager" {
  name        = "shopnow-endpoint-secretsmanager"
  description = "VPC endpoint of secretsmanager"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-secretsmanager"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_secretsmanager" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call secretsmanager"
  referenced_security_group_id = aws_security_group.endpoint_secretsmanager.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_secretsmanager_from_nodes" {
  security_group_id            = aws_security_group.endpoint_secretsmanager.id
  description                  = "nodes and controllers call secretsmanager"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_secretsmanager_from_pods" {
  security_group_id            = aws_security_group.endpoint_secretsmanager.id
  description                  = "services call secretsmanager, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_sqs" {
  name        = "shopnow-endpoint-sqs"
  description = "VPC endpoint of sqs"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-sqs"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_sqs" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call sqs"
  referenced_security_group_id = aws_security_group.endpoint_sqs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_sqs_from_nodes" {
  security_group_id            = aws_security_group.endpoint_sqs.id
  description                  = "nodes and controllers call sqs"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_sqs_from_pods" {
  security_group_id            = aws_security_group.endpoint_sqs.id
  description                  = "services call sqs, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_states" {
  name        = "shopnow-endpoint-states"
  description = "VPC endpoint of states"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-states"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_states" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call states"
  referenced_security_group_id = aws_security_group.endpoint_states.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_states_from_nodes" {
  security_group_id            = aws_security_group.endpoint_states.id
  description                  = "nodes and controllers call states"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_states_from_pods" {
  security_group_id            = aws_security_group.endpoint_states.id
  description                  = "services call states, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "endpoint_sts" {
  name        = "shopnow-endpoint-sts"
  description = "VPC endpoint of sts"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "shopnow-endpoint-sts"
  }
}

# control: network.endpoints
resource "aws_vpc_security_group_egress_rule" "nodes_to_endpoint_sts" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "nodes and controllers call sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_sts_from_nodes" {
  security_group_id            = aws_security_group.endpoint_sts.id
  description                  = "nodes and controllers call sts"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
resource "aws_vpc_security_group_ingress_rule" "endpoint_sts_from_pods" {
  security_group_id            = aws_security_group.endpoint_sts.id
  description                  = "services call sts, where their own groups let them"
  referenced_security_group_id = aws_security_group.pods.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.orders
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_endpoint_s3" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders calls s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.orders
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_endpoint_sqs" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders calls sqs"
  referenced_security_group_id = aws_security_group.endpoint_sqs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.orders
resource "aws_vpc_security_group_egress_rule" "svc_orders_to_endpoint_states" {
  security_group_id            = aws_security_group.svc_orders.id
  description                  = "orders calls states"
  referenced_security_group_id = aws_security_group.endpoint_states.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.payments
resource "aws_vpc_security_group_egress_rule" "svc_payments_to_endpoint_kms" {
  security_group_id            = aws_security_group.svc_payments.id
  description                  = "payments calls kms"
  referenced_security_group_id = aws_security_group.endpoint_kms.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.payments
resource "aws_vpc_security_group_egress_rule" "svc_payments_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_payments.id
  description                  = "payments calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.search
resource "aws_vpc_security_group_egress_rule" "svc_search_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_search.id
  description                  = "search calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# What nodes and controllers call
# control: network.endpoints
resource "aws_vpc_endpoint" "machinery" {
  for_each = toset([
    "acm-pca",
    "autoscaling",
    "ec2",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "monitoring",
    "ssm",
    "ssmmessages",
    "xray",
  ])
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.${each.key}"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-${each.key}"
  }
}

# The images of add-ons are in registries of AWS, so that pulling is not bound to this account;
# pushing is
# control: network.endpoints
resource "aws_vpc_endpoint" "ecr_api" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.ecr.api"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Pull"
        Effect    = "Allow"
        Principal = "*"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetAuthorizationToken",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
          }
        }
      },
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-ecr.api"
  }
}

# The images of add-ons are in registries of AWS, so that pulling is not bound to this account;
# pushing is
# control: network.endpoints
resource "aws_vpc_endpoint" "ecr_dkr" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.ecr.dkr"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Pull"
        Effect    = "Allow"
        Principal = "*"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetAuthorizationToken",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
          }
        }
      },
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "ecr:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-ecr.dkr"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.kms"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_kms.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "kms:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-kms"
  }
}

# The platform's buckets, and where ECR keeps the layers of images
# control: network.endpoints
resource "aws_vpc_endpoint" "s3" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.s3"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_s3.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Exports"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::shopnow-exports-111111111111/*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
      {
        Sid       = "Stores"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:*"
        Resource = [
          "arn:aws:s3:::shopnow-invoices-111111111111",
          "arn:aws:s3:::shopnow-invoices-111111111111/*",
          "arn:aws:s3:eu-west-1:111111111111:accesspoint/shopnow-invoices",
          "arn:aws:s3:eu-west-1:111111111111:accesspoint/shopnow-invoices/*",
        ]
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
      {
        Sid       = "LayersOfImages"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
      },
    ]
  })
  tags = {
    Name = "shopnow-s3"
  }

  dns_options {
    private_dns_only_for_inbound_resolver_endpoint = false
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "secretsmanager" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.secretsmanager"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_secretsmanager.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-secretsmanager"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "sqs" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.sqs"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_sqs.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-sqs"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "states" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.states"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_states.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = "*"
        Action    = "states:*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
            "aws:ResourceAccount"  = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-states"
  }
}

# Who comes with the token of a service account is nobody yet, so that only the role can be named
# control: network.endpoints
resource "aws_vpc_endpoint" "sts" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.sts"
  subnet_ids          = [for s in aws_subnet.endpoints : s.id]
  security_group_ids  = [aws_security_group.endpoint_sts.id]
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RolesByToken"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Resource  = "arn:aws:iam::111111111111:role/*"
      },
      {
        Sid       = "Roles"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        Resource  = "arn:aws:iam::111111111111:role/*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
          }
        }
      },
      {
        Sid       = "WhoAmI"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sts:GetCallerIdentity"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "111111111111"
          }
        }
      },
    ]
  })
  tags = {
    Name = "shopnow-sts"
  }
}

# control: network.flow-logs
# from: logs.keep
resource "aws_flow_log" "main" {
  vpc_id                   = aws_vpc.main.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = "${aws_s3_bucket.logs.arn}/flow/"
  log_format               = "$${version} $${account-id} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${start} $${end} $${action} $${log-status} $${vpc-id} $${subnet-id} $${tcp-flags} $${pkt-srcaddr} $${pkt-dstaddr} $${flow-direction} $${traffic-path} $${reject-reason}"
  max_aggregation_interval = 60
  tags = {
    Name = "shopnow-main"
  }
  depends_on = [aws_s3_bucket_policy.logs]
}

# control: network.flow-logs, network.payments-isolation
# from: stores.card-vault.isolate, logs.keep
resource "aws_cloudwatch_log_group" "apart_flow" {
  name              = "/shopnow/flow/apart"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: network.payments-isolation
resource "aws_iam_role" "apart_flow" {
  name = "shopnow-apart-flow"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "vpc-flow-logs.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: network.payments-isolation
resource "aws_iam_role_policy" "apart_flow" {
  name = "permissions"
  role = aws_iam_role.apart_flow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [aws_cloudwatch_log_group.apart_flow.arn, "${aws_cloudwatch_log_group.apart_flow.arn}:*"]
      },
    ]
  })
}

# control: network.flow-logs, network.payments-isolation
# from: stores.card-vault.isolate
resource "aws_flow_log" "apart" {
  for_each                 = aws_subnet.apart
  subnet_id                = each.value.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.apart_flow.arn
  iam_role_arn             = aws_iam_role.apart_flow.arn
  log_format               = "$${version} $${account-id} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${start} $${end} $${action} $${log-status} $${vpc-id} $${subnet-id} $${tcp-flags} $${pkt-srcaddr} $${pkt-dstaddr} $${flow-direction} $${traffic-path} $${reject-reason}"
  max_aggregation_interval = 60
  tags = {
    Name = "shopnow-apart-${each.key}"
  }
}

# control: network.flow-logs, network.payments-isolation
# from: stores.card-vault.isolate
resource "aws_flow_log" "vault" {
  for_each                 = aws_subnet.vault
  subnet_id                = each.value.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.apart_flow.arn
  iam_role_arn             = aws_iam_role.apart_flow.arn
  log_format               = "$${version} $${account-id} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${start} $${end} $${action} $${log-status} $${vpc-id} $${subnet-id} $${tcp-flags} $${pkt-srcaddr} $${pkt-dstaddr} $${flow-direction} $${traffic-path} $${reject-reason}"
  max_aggregation_interval = 60
  tags = {
    Name = "shopnow-vault-${each.key}"
  }
}

# EKS would make it by itself, and keep everything for ever without a key
# from: logs.keep
resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/shopnow/cluster"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: network.cluster-private
# from: cluster.version
resource "aws_eks_cluster" "main" {
  name                          = "shopnow"
  version                       = "1.35"
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false
  deletion_protection           = true

  vpc_config {
    subnet_ids              = [for s in aws_subnet.private : s.id]
    security_group_ids      = [aws_security_group.cluster.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.cluster.arn
    }
  }

  tags = {
    Name = "shopnow"
  }
  depends_on = [
    aws_cloudwatch_log_group.cluster,
    aws_iam_role_policy_attachment.cluster,
    aws_iam_role_policy_attachment.cluster_pod_groups,
  ]
}

# NetworkPolicies are enforced, and pods have security groups of their own; between pods on one
# node the NetworkPolicies alone decide, as the agent of Pod Identity is not reached in strict
# mode
# control: network.pod-policy, network.sg-chain
resource "aws_eks_addon" "vpc_cni" {
  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = "vpc-cni"
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  service_account_role_arn    = aws_iam_role.cni.arn
  configuration_values = jsonencode({
    enableNetworkPolicy = "true"
    env = {
      ENABLE_POD_ENI                    = "true"
      POD_SECURITY_GROUP_ENFORCING_MODE = "standard"
      AWS_VPC_K8S_CNI_EXTERNALSNAT      = "true"
    }
    init = {
      env = {
        DISABLE_TCP_EARLY_DEMUX = "true"
      }
    }
  })
}

resource "aws_eks_addon" "coredns" {
  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = "coredns"
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "kube_proxy" {
  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = "kube-proxy"
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

# Gives pods the credentials of their roles, with tags
# from: services.orders.sessionTags
resource "aws_eks_addon" "eks_pod_identity_agent" {
  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = "eks-pod-identity-agent"
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

# from: backupRegion
resource "aws_vpc" "standby" {
  provider   = aws.backup
  cidr_block = "192.168.255.0/24"
  tags = {
    Name = "shopnow-standby"
  }
}

# from: backupRegion
resource "aws_subnet" "standby" {
  provider = aws.backup
  for_each = {
    a = "192.168.255.0/25"
    b = "192.168.255.128/25"
  }
  vpc_id                  = aws_vpc.standby.id
  availability_zone       = "eu-central-1${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "shopnow-standby-${each.key}"
  }
}

# from: backupRegion
resource "aws_internet_gateway" "standby" {
  provider = aws.backup
  vpc_id   = aws_vpc.standby.id
  tags = {
    Name = "shopnow-standby"
  }
}

# from: backupRegion
resource "aws_route_table" "standby" {
  provider = aws.backup
  vpc_id   = aws_vpc.standby.id
  tags = {
    Name = "shopnow-standby"
  }
}

# from: backupRegion
resource "aws_route" "standby" {
  provider               = aws.backup
  route_table_id         = aws_route_table.standby.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.standby.id
}

# from: backupRegion
resource "aws_route_table_association" "standby" {
  provider       = aws.backup
  for_each       = aws_subnet.standby
  subnet_id      = each.value.id
  route_table_id = aws_route_table.standby.id
}

# control: network.no-open-ingress, network.egress-deny
resource "aws_default_security_group" "standby" {
  provider = aws.backup
  vpc_id   = aws_vpc.standby.id
  tags = {
    Name = "shopnow-standby-default"
  }
}

# control: network.no-open-ingress
data "aws_ec2_managed_prefix_list" "cloudfront_standby" {
  provider = aws.backup
  name     = "com.amazonaws.global.cloudfront.origin-facing"
}

# control: network.no-open-ingress, network.egress-deny
# from: backupRegion
resource "aws_security_group" "standby" {
  provider    = aws.backup
  name        = "shopnow-standby"
  description = "Standby load balancer: from CloudFront; it answers by itself and calls nobody"
  vpc_id      = aws_vpc.standby.id
  tags = {
    Name = "shopnow-standby"
  }
}

# control: network.no-open-ingress
# from: backupRegion
resource "aws_vpc_security_group_ingress_rule" "standby_from_cloudfront" {
  provider          = aws.backup
  security_group_id = aws_security_group.standby.id
  description       = "HTTPS from CloudFront, and from nobody else"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront_standby.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# control: network.flow-logs
# from: logs.keep, backupRegion
resource "aws_flow_log" "standby" {
  provider                 = aws.backup
  vpc_id                   = aws_vpc.standby.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = "${aws_s3_bucket.logs.arn}/flow/"
  log_format               = "$${version} $${account-id} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${start} $${end} $${action} $${log-status} $${vpc-id} $${subnet-id} $${tcp-flags} $${pkt-srcaddr} $${pkt-dstaddr} $${flow-direction} $${traffic-path} $${reject-reason}"
  max_aggregation_interval = 60
  tags = {
    Name = "shopnow-standby"
  }
  depends_on = [aws_s3_bucket_policy.logs]
}

# The ids of the pods' security groups, which the manifests name: a patch for Kustomize
# control: network.sg-chain
output "security_group_policies" {
  value = join("---\n", [
    for policy, own in {
      "edge/gateway"      = aws_security_group.gateway.id
      "shopnow/orders"    = aws_security_group.svc_orders.id
      "payments/payments" = aws_security_group.svc_payments.id
      "shopnow/search"    = aws_security_group.svc_search.id
    } :
    yamlencode({
      apiVersion = "vpcresources.k8s.aws/v1beta1"
      kind       = "SecurityGroupPolicy"
      metadata   = { namespace = split("/", policy)[0], name = split("/", policy)[1] }
      spec       = { securityGroups = { groupIds = [aws_security_group.pods.id, own] } }
    })
  ])
}
