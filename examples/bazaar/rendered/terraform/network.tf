# bazaar: network. Rendered by fathom from the platform's declaration; change it there.

# from: network.cidr
resource "aws_vpc" "main" {
  cidr_block           = "10.64.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags = {
    Name = "bazaar-main"
  }
}

# The load balancer's; nothing else has a public address
# from: network.zones
resource "aws_subnet" "public" {
  for_each = {
    a = "10.64.192.0/24"
    b = "10.64.193.0/24"
    c = "10.64.194.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name                     = "bazaar-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

# Nodes and pods
# from: network.zones
resource "aws_subnet" "private" {
  for_each = {
    a = "10.64.0.0/20"
    b = "10.64.16.0/20"
    c = "10.64.32.0/20"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name                              = "bazaar-private-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

# stores: without a way out
# control: network.private-data
# from: network.zones
resource "aws_subnet" "database" {
  for_each = {
    a = "10.64.200.0/24"
    b = "10.64.201.0/24"
    c = "10.64.202.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-database-${each.key}"
  }
}

# Nodes and pods that stand apart
# control: network.payments-isolation
# from: services.settlement.isolate, stores.ledger.isolate
resource "aws_subnet" "apart" {
  for_each = {
    a = "10.64.128.0/21"
    b = "10.64.136.0/21"
    c = "10.64.144.0/21"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-apart-${each.key}"
  }
}

# Stores that stand apart: without a way out
# control: network.payments-isolation, network.private-data
# from: services.settlement.isolate, stores.ledger.isolate
resource "aws_subnet" "vault" {
  for_each = {
    a = "10.64.208.0/24"
    b = "10.64.209.0/24"
    c = "10.64.210.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-vault-${each.key}"
  }
}

# The endpoints of AWS services, in subnets of their own so that a NetworkPolicy can name them and
# nothing else
# control: network.endpoints
# from: network.zones
resource "aws_subnet" "endpoints" {
  for_each = {
    a = "10.64.232.0/24"
    b = "10.64.233.0/24"
    c = "10.64.234.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-endpoints-${each.key}"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "bazaar-main"
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "bazaar-public"
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
    a = "10.64.216.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-nat-${each.key}"
  }
}

resource "aws_route_table" "nat" {
  for_each = aws_subnet.nat
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "bazaar-nat-${each.key}"
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
  for_each = toset(["a"])
  domain   = "vpc"
  tags = {
    Name = "bazaar-nat-${each.key}"
  }
}

# from: network.nat
resource "aws_nat_gateway" "main" {
  for_each      = aws_eip.nat
  allocation_id = each.value.id
  subnet_id     = aws_subnet.nat[each.key].id
  tags = {
    Name = "bazaar-${each.key}"
  }
  depends_on = [aws_internet_gateway.main]
}

# from: network.nat
resource "aws_route_table" "private" {
  for_each = aws_subnet.private
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "bazaar-private-${each.key}"
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
  vpc_endpoint_id = one([
    for s in tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states) :
    s.attachment[0].endpoint_id if s.availability_zone == "us-east-2${each.key}"
  ])
}

# from: network.nat
resource "aws_route_table" "apart" {
  for_each = aws_subnet.apart
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "bazaar-apart-${each.key}"
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
  vpc_endpoint_id = one([
    for s in tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states) :
    s.attachment[0].endpoint_id if s.availability_zone == "us-east-2${each.key}"
  ])
}

# control: network.endpoints
resource "aws_route_table" "endpoints" {
  vpc_id = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoints"
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
    Name = "bazaar-database"
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
    Name = "bazaar-vault"
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
    Name = "bazaar-default"
  }
}

# Without routes: a subnet that nobody gave a table leads nowhere
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  tags = {
    Name = "bazaar-default"
  }
}

# The stores' ports from the subnets that stand apart, answers back to them, and what the stores
# say to each other; nothing else, whatever a security group allows
# control: network.payments-isolation
# from: services.settlement.isolate, stores.ledger.isolate
resource "aws_network_acl" "vault" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [for s in aws_subnet.vault : s.id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.64.128.0/18"
    from_port  = 3306
    to_port    = 3306
  }

  ingress {
    rule_no    = 200
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.64.208.0/21"
    from_port  = 0
    to_port    = 65535
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.64.128.0/18"
    from_port  = 1024
    to_port    = 65535
  }

  egress {
    rule_no    = 200
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.64.208.0/21"
    from_port  = 0
    to_port    = 65535
  }

  tags = {
    Name = "bazaar-vault"
  }
}

# The addresses from which CloudFront asks origins; AWS keeps the list
# control: network.no-open-ingress
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "alb" {
  name        = "bazaar-alb"
  description = "Load balancer: from CloudFront to the ingress gateway"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-alb"
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
  name        = "bazaar-gateway"
  description = "Ingress gateway: from the load balancer to the services that routes lead to"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-gateway"
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
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_accounts" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to accounts"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_accounts_from_gateway" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "routes lead to accounts"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_basket" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to basket"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 9000
  to_port                      = 9000
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_basket_from_gateway" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "routes lead to basket"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 9000
  to_port                      = 9000
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_listings" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to listings"
  referenced_security_group_id = aws_security_group.svc_listings.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_listings_from_gateway" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "routes lead to listings"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_reviews" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to reviews"
  referenced_security_group_id = aws_security_group.svc_reviews.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_reviews_from_gateway" {
  security_group_id            = aws_security_group.svc_reviews.id
  description                  = "routes lead to reviews"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_egress_rule" "gateway_to_svc_sellers" {
  security_group_id            = aws_security_group.gateway.id
  description                  = "routes lead to sellers"
  referenced_security_group_id = aws_security_group.svc_sellers.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: edge.routes
resource "aws_vpc_security_group_ingress_rule" "svc_sellers_from_gateway" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "routes lead to sellers"
  referenced_security_group_id = aws_security_group.gateway.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts
resource "aws_security_group" "svc_accounts" {
  name        = "bazaar-svc-accounts"
  description = "Pods of accounts"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-accounts"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.calls.notices
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_svc_notices" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts calls notices"
  referenced_security_group_id = aws_security_group.svc_notices.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.calls.notices
resource "aws_vpc_security_group_ingress_rule" "svc_notices_from_svc_accounts" {
  security_group_id            = aws_security_group.svc_notices.id
  description                  = "accounts calls notices"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.basket
resource "aws_security_group" "svc_basket" {
  name        = "bazaar-svc-basket"
  description = "Pods of basket"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-basket"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.accounts
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_svc_accounts" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls accounts"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.accounts
resource "aws_vpc_security_group_ingress_rule" "svc_accounts_from_svc_basket" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "basket calls accounts"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.listings
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_svc_listings" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls listings"
  referenced_security_group_id = aws_security_group.svc_listings.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.listings
resource "aws_vpc_security_group_ingress_rule" "svc_listings_from_svc_basket" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "basket calls listings"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.settlement
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_svc_settlement" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls settlement"
  referenced_security_group_id = aws_security_group.svc_settlement.id
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.calls.settlement
resource "aws_vpc_security_group_ingress_rule" "svc_settlement_from_svc_basket" {
  security_group_id            = aws_security_group.svc_settlement.id
  description                  = "basket calls settlement"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
}

# control: network.sg-chain, network.egress-deny
# from: services.listings
resource "aws_security_group" "svc_listings" {
  name        = "bazaar-svc-listings"
  description = "Pods of listings"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-listings"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.notices
resource "aws_security_group" "svc_notices" {
  name        = "bazaar-svc-notices"
  description = "Pods of notices"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-notices"
  }
}

# control: network.egress-deny
# from: services.notices.egress
resource "aws_vpc_security_group_egress_rule" "svc_notices_to_api_sms_example_443" {
  security_group_id = aws_security_group.svc_notices.id
  description       = "notices calls api.sms.example; the firewall lets no other name through"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# control: network.egress-deny
# from: services.notices.egress
resource "aws_vpc_security_group_egress_rule" "svc_notices_to_smtp_mail_example_465" {
  security_group_id = aws_security_group.svc_notices.id
  description       = "notices calls smtp.mail.example; the firewall lets no other name through"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 465
  to_port           = 465
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews
resource "aws_security_group" "svc_reviews" {
  name        = "bazaar-svc-reviews"
  description = "Pods of reviews"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-reviews"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.calls.accounts
resource "aws_vpc_security_group_egress_rule" "svc_reviews_to_svc_accounts" {
  security_group_id            = aws_security_group.svc_reviews.id
  description                  = "reviews calls accounts"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.calls.accounts
resource "aws_vpc_security_group_ingress_rule" "svc_accounts_from_svc_reviews" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "reviews calls accounts"
  referenced_security_group_id = aws_security_group.svc_reviews.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.calls.listings
resource "aws_vpc_security_group_egress_rule" "svc_reviews_to_svc_listings" {
  security_group_id            = aws_security_group.svc_reviews.id
  description                  = "reviews calls listings"
  referenced_security_group_id = aws_security_group.svc_listings.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.calls.listings
resource "aws_vpc_security_group_ingress_rule" "svc_listings_from_svc_reviews" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "reviews calls listings"
  referenced_security_group_id = aws_security_group.svc_reviews.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers
resource "aws_security_group" "svc_sellers" {
  name        = "bazaar-svc-sellers"
  description = "Pods of sellers"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-sellers"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.calls.listings
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_svc_listings" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls listings"
  referenced_security_group_id = aws_security_group.svc_listings.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.calls.listings
resource "aws_vpc_security_group_ingress_rule" "svc_listings_from_svc_sellers" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "sellers calls listings"
  referenced_security_group_id = aws_security_group.svc_sellers.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.calls.notices
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_svc_notices" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls notices"
  referenced_security_group_id = aws_security_group.svc_notices.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.calls.notices
resource "aws_vpc_security_group_ingress_rule" "svc_notices_from_svc_sellers" {
  security_group_id            = aws_security_group.svc_notices.id
  description                  = "sellers calls notices"
  referenced_security_group_id = aws_security_group.svc_sellers.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

# control: network.sg-chain, network.egress-deny, network.payments-isolation
# from: services.settlement
resource "aws_security_group" "svc_settlement" {
  name        = "bazaar-svc-settlement"
  description = "Pods of settlement"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-svc-settlement"
  }
}

# control: network.egress-deny
# from: services.settlement.egress
resource "aws_vpc_security_group_egress_rule" "svc_settlement_to_gateway_acquirer_example_443" {
  security_group_id = aws_security_group.svc_settlement.id
  description       = "settlement calls gateway.acquirer.example"
  cidr_ipv4         = "192.0.2.0/25"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# control: network.sg-chain, network.egress-deny
# from: stores.accounts-db
resource "aws_security_group" "store_accounts_db" {
  name        = "bazaar-store-accounts-db"
  description = "Store accounts-db: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-accounts-db"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.stores.accounts-db
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_store_accounts_db" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts uses accounts-db"
  referenced_security_group_id = aws_security_group.store_accounts_db.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.stores.accounts-db
resource "aws_vpc_security_group_ingress_rule" "store_accounts_db_from_svc_accounts" {
  security_group_id            = aws_security_group.store_accounts_db.id
  description                  = "accounts uses accounts-db"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: stores.basket-db
resource "aws_security_group" "store_basket_db" {
  name        = "bazaar-store-basket-db"
  description = "Store basket-db: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-basket-db"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.stores.basket-db
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_store_basket_db" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket uses basket-db"
  referenced_security_group_id = aws_security_group.store_basket_db.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.stores.basket-db
resource "aws_vpc_security_group_ingress_rule" "store_basket_db_from_svc_basket" {
  security_group_id            = aws_security_group.store_basket_db.id
  description                  = "basket uses basket-db"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny, network.payments-isolation
# from: stores.ledger
resource "aws_security_group" "store_ledger" {
  name        = "bazaar-store-ledger"
  description = "Store ledger: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-ledger"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.settlement.stores.ledger
resource "aws_vpc_security_group_egress_rule" "svc_settlement_to_store_ledger" {
  security_group_id            = aws_security_group.svc_settlement.id
  description                  = "settlement uses ledger"
  referenced_security_group_id = aws_security_group.store_ledger.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.settlement.stores.ledger
resource "aws_vpc_security_group_ingress_rule" "store_ledger_from_svc_settlement" {
  security_group_id            = aws_security_group.store_ledger.id
  description                  = "settlement uses ledger"
  referenced_security_group_id = aws_security_group.svc_settlement.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: operators.money.may
resource "aws_vpc_security_group_egress_rule" "nodes_to_store_ledger_tunnel" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "sessions that forward the port for money"
  referenced_security_group_id = aws_security_group.store_ledger.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: operators.money.may
resource "aws_vpc_security_group_ingress_rule" "store_ledger_from_nodes_tunnel" {
  security_group_id            = aws_security_group.store_ledger.id
  description                  = "sessions that forward the port for money"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: stores.listings-db
resource "aws_security_group" "store_listings_db" {
  name        = "bazaar-store-listings-db"
  description = "Store listings-db: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-listings-db"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.listings.stores.listings-db
resource "aws_vpc_security_group_egress_rule" "svc_listings_to_store_listings_db" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "listings uses listings-db"
  referenced_security_group_id = aws_security_group.store_listings_db.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.listings.stores.listings-db
resource "aws_vpc_security_group_ingress_rule" "store_listings_db_from_svc_listings" {
  security_group_id            = aws_security_group.store_listings_db.id
  description                  = "listings uses listings-db"
  referenced_security_group_id = aws_security_group.svc_listings.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.stores.listings-db
resource "aws_vpc_security_group_egress_rule" "svc_reviews_to_store_listings_db" {
  security_group_id            = aws_security_group.svc_reviews.id
  description                  = "reviews uses listings-db"
  referenced_security_group_id = aws_security_group.store_listings_db.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.reviews.stores.listings-db
resource "aws_vpc_security_group_ingress_rule" "store_listings_db_from_svc_reviews" {
  security_group_id            = aws_security_group.store_listings_db.id
  description                  = "reviews uses listings-db"
  referenced_security_group_id = aws_security_group.svc_reviews.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: stores.sellers-db
resource "aws_security_group" "store_sellers_db" {
  name        = "bazaar-store-sellers-db"
  description = "Store sellers-db: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-sellers-db"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.stores.sellers-db
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_store_sellers_db" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers uses sellers-db"
  referenced_security_group_id = aws_security_group.store_sellers_db.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: services.sellers.stores.sellers-db
resource "aws_vpc_security_group_ingress_rule" "store_sellers_db_from_svc_sellers" {
  security_group_id            = aws_security_group.store_sellers_db.id
  description                  = "sellers uses sellers-db"
  referenced_security_group_id = aws_security_group.svc_sellers.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

# control: network.sg-chain, network.egress-deny
# from: stores.sessions
resource "aws_security_group" "store_sessions" {
  name        = "bazaar-store-sessions"
  description = "Store sessions: its port from those that use it"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-store-sessions"
  }
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.stores.sessions
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_store_sessions" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts uses sessions"
  referenced_security_group_id = aws_security_group.store_sessions.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.accounts.stores.sessions
resource "aws_vpc_security_group_ingress_rule" "store_sessions_from_svc_accounts" {
  security_group_id            = aws_security_group.store_sessions.id
  description                  = "accounts uses sessions"
  referenced_security_group_id = aws_security_group.svc_accounts.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.stores.sessions
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_store_sessions" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket uses sessions"
  referenced_security_group_id = aws_security_group.store_sessions.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# control: network.sg-chain, network.egress-deny
# from: services.basket.stores.sessions
resource "aws_vpc_security_group_ingress_rule" "store_sessions_from_svc_basket" {
  security_group_id            = aws_security_group.store_sessions.id
  description                  = "basket uses sessions"
  referenced_security_group_id = aws_security_group.svc_basket.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# Worn by every pod besides its service's own group
# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "pods" {
  name        = "bazaar-pods"
  description = "What every pod needs: names, its configuration and certificate, and probes"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-pods"
  }
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "nodes" {
  name        = "bazaar-nodes"
  description = "Nodes, and what runs on them that is no service: DNS, istiod, controllers"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-nodes"
  }
}

# control: network.sg-chain, network.egress-deny
resource "aws_security_group" "cluster" {
  name        = "bazaar-cluster"
  description = "Control plane of the cluster"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-cluster"
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
  name        = "bazaar-endpoints"
  description = "VPC endpoints of AWS services that nodes and controllers call"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoints"
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
  name        = "bazaar-endpoint-kms"
  description = "VPC endpoint of kms"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-kms"
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
  name        = "bazaar-endpoint-s3"
  description = "VPC endpoint of s3"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-s3"
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
  name        = "bazaar-endpoint-secretsmanager"
  description = "VPC endpoint of secretsmanager"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-secretsmanager"
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
  name        = "bazaar-endpoint-sqs"
  description = "VPC endpoint of sqs"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-sqs"
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
  name        = "bazaar-endpoint-states"
  description = "VPC endpoint of states"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-states"
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
  name        = "bazaar-endpoint-sts"
  description = "VPC endpoint of sts"
  vpc_id      = aws_vpc.main.id
  tags = {
    Name = "bazaar-endpoint-sts"
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
# from: services.accounts
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_endpoint_s3" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts calls s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.accounts
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_endpoint_sqs" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts calls sqs"
  referenced_security_group_id = aws_security_group.endpoint_sqs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.accounts
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_endpoint_states" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts calls states"
  referenced_security_group_id = aws_security_group.endpoint_states.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.accounts
resource "aws_vpc_security_group_egress_rule" "svc_accounts_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_accounts.id
  description                  = "accounts calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.basket
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_endpoint_s3" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.basket
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_endpoint_sqs" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls sqs"
  referenced_security_group_id = aws_security_group.endpoint_sqs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.basket
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_endpoint_states" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls states"
  referenced_security_group_id = aws_security_group.endpoint_states.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.basket
resource "aws_vpc_security_group_egress_rule" "svc_basket_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_basket.id
  description                  = "basket calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.listings
resource "aws_vpc_security_group_egress_rule" "svc_listings_to_endpoint_s3" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "listings calls s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.listings
resource "aws_vpc_security_group_egress_rule" "svc_listings_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_listings.id
  description                  = "listings calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.reviews
resource "aws_vpc_security_group_egress_rule" "svc_reviews_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_reviews.id
  description                  = "reviews calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.sellers
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_endpoint_s3" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls s3"
  referenced_security_group_id = aws_security_group.endpoint_s3.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.sellers
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_endpoint_sqs" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls sqs"
  referenced_security_group_id = aws_security_group.endpoint_sqs.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.sellers
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_endpoint_states" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls states"
  referenced_security_group_id = aws_security_group.endpoint_states.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.sellers
resource "aws_vpc_security_group_egress_rule" "svc_sellers_to_endpoint_sts" {
  security_group_id            = aws_security_group.svc_sellers.id
  description                  = "sellers calls sts"
  referenced_security_group_id = aws_security_group.endpoint_sts.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# control: network.endpoints
# from: services.settlement
resource "aws_vpc_security_group_egress_rule" "svc_settlement_to_endpoint_kms" {
  security_group_id            = aws_security_group.svc_settlement.id
  description                  = "settlement calls kms"
  referenced_security_group_id = aws_security_group.endpoint_kms.id
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
  service_name        = "com.amazonaws.us-east-2.${each.key}"
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
            "aws:PrincipalAccount" = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-${each.key}"
  }
}

# The images of add-ons are in registries of AWS, so that pulling is not bound to this account;
# pushing is
# control: network.endpoints
resource "aws_vpc_endpoint" "ecr_api" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.ecr.api"
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
            "aws:PrincipalAccount" = "222222222222"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-ecr.api"
  }
}

# The images of add-ons are in registries of AWS, so that pulling is not bound to this account;
# pushing is
# control: network.endpoints
resource "aws_vpc_endpoint" "ecr_dkr" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.ecr.dkr"
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
            "aws:PrincipalAccount" = "222222222222"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-ecr.dkr"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.kms"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-kms"
  }
}

# The platform's buckets, and where ECR keeps the layers of images
# control: network.endpoints
resource "aws_vpc_endpoint" "s3" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.s3"
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
        Resource  = "arn:aws:s3:::bazaar-exports-222222222222/*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
      {
        Sid       = "Stores"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:*"
        Resource = [
          "arn:aws:s3:::bazaar-pictures-222222222222",
          "arn:aws:s3:::bazaar-pictures-222222222222/*",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures/*",
          "arn:aws:s3:::bazaar-tax-forms-222222222222",
          "arn:aws:s3:::bazaar-tax-forms-222222222222/*",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms/*",
        ]
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
      {
        Sid       = "LayersOfImages"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::prod-us-east-2-starport-layer-bucket/*"
      },
    ]
  })
  tags = {
    Name = "bazaar-s3"
  }

  dns_options {
    private_dns_only_for_inbound_resolver_endpoint = false
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "secretsmanager" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.secretsmanager"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-secretsmanager"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "sqs" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.sqs"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-sqs"
  }
}

# control: network.endpoints
resource "aws_vpc_endpoint" "states" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.states"
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
            "aws:PrincipalAccount" = "222222222222"
            "aws:ResourceAccount"  = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-states"
  }
}

# Who comes with the token of a service account is nobody yet, so that only the role can be named
# control: network.endpoints
resource "aws_vpc_endpoint" "sts" {
  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-2.sts"
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
        Resource  = "arn:aws:iam::222222222222:role/*"
      },
      {
        Sid       = "Roles"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        Resource  = "arn:aws:iam::222222222222:role/*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "222222222222"
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
            "aws:PrincipalAccount" = "222222222222"
          }
        }
      },
    ]
  })
  tags = {
    Name = "bazaar-sts"
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
    Name = "bazaar-main"
  }
  depends_on = [aws_s3_bucket_policy.logs]
}

# control: network.flow-logs, network.payments-isolation
# from: services.settlement.isolate, stores.ledger.isolate, logs.keep
resource "aws_cloudwatch_log_group" "apart_flow" {
  name              = "/bazaar/flow/apart"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: network.payments-isolation
resource "aws_iam_role" "apart_flow" {
  name = "bazaar-apart-flow"
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
            "aws:SourceAccount" = "222222222222"
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
# from: services.settlement.isolate, stores.ledger.isolate
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
    Name = "bazaar-apart-${each.key}"
  }
}

# control: network.flow-logs, network.payments-isolation
# from: services.settlement.isolate, stores.ledger.isolate
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
    Name = "bazaar-vault-${each.key}"
  }
}

# The endpoints of the network firewall
# control: network.egress-deny
# from: network.zones
resource "aws_subnet" "firewall" {
  for_each = {
    a = "10.64.224.0/24"
    b = "10.64.225.0/24"
    c = "10.64.226.0/24"
  }
  vpc_id                  = aws_vpc.main.id
  availability_zone       = "us-east-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-firewall-${each.key}"
  }
}

# control: network.egress-deny
resource "aws_route_table" "firewall" {
  for_each = aws_subnet.firewall
  vpc_id   = aws_vpc.main.id
  tags = {
    Name = "bazaar-firewall-${each.key}"
  }
}

resource "aws_route_table_association" "firewall" {
  for_each       = aws_subnet.firewall
  subnet_id      = each.value.id
  route_table_id = aws_route_table.firewall[each.key].id
}

# control: network.egress-deny
# from: network.nat
resource "aws_route" "firewall" {
  for_each               = aws_route_table.firewall
  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main["a"].id
}

# Answers come back through the endpoint that saw the question
# control: network.egress-deny
# from: network.nat
resource "aws_route" "back_private" {
  for_each               = aws_subnet.private
  route_table_id         = aws_route_table.nat["a"].id
  destination_cidr_block = each.value.cidr_block
  vpc_endpoint_id = one([
    for s in tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states) :
    s.attachment[0].endpoint_id if s.availability_zone == "us-east-2${each.key}"
  ])
}

# Answers come back through the endpoint that saw the question
# control: network.egress-deny
# from: network.nat
resource "aws_route" "back_apart" {
  for_each               = aws_subnet.apart
  route_table_id         = aws_route_table.nat["a"].id
  destination_cidr_block = each.value.cidr_block
  vpc_endpoint_id = one([
    for s in tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states) :
    s.attachment[0].endpoint_id if s.availability_zone == "us-east-2${each.key}"
  ])
}

# control: network.egress-deny
# from: services.notices.egress
resource "aws_networkfirewall_rule_group" "egress_notices" {
  name = "bazaar-egress-notices"
  type = "STATEFUL"
  # Cannot be changed later, so there is room for more
  capacity = 50

  rule_group {
    rules_source {
      rules_string = <<-EOT
        pass tls $HOME_NET any -> $EXTERNAL_NET 443 (msg:"notices calls api.sms.example"; flow:to_server, established; tls.sni; content:"api.sms.example"; startswith; nocase; endswith; sid:1; rev:1;)
        pass tls $HOME_NET any -> $EXTERNAL_NET 465 (msg:"notices calls smtp.mail.example"; flow:to_server, established; tls.sni; content:"smtp.mail.example"; startswith; nocase; endswith; sid:2; rev:1;)
      EOT
    }

    stateful_rule_options {
      rule_order = "STRICT_ORDER"
    }
  }

  tags = {
    Name = "bazaar-egress-notices"
  }
}

# control: network.egress-deny
# from: services.settlement.egress
resource "aws_networkfirewall_rule_group" "egress_settlement" {
  name = "bazaar-egress-settlement"
  type = "STATEFUL"
  # Cannot be changed later, so there is room for more
  capacity = 50

  rule_group {
    rules_source {
      rules_string = <<-EOT
        pass tcp $HOME_NET any -> 192.0.2.0/25 443 (msg:"settlement calls gateway.acquirer.example"; flow:to_server; sid:1; rev:1;)
      EOT
    }

    stateful_rule_options {
      rule_order = "STRICT_ORDER"
    }
  }

  tags = {
    Name = "bazaar-egress-settlement"
  }
}

# control: network.egress-deny
# from: services.notices.egress, services.settlement.egress
resource "aws_networkfirewall_firewall_policy" "main" {
  name = "bazaar-egress"

  firewall_policy {
    stateless_default_actions          = ["aws:forward_to_sfe"]
    stateless_fragment_default_actions = ["aws:drop"]
    # A handshake passes, as the name comes after it; then nothing does that no rule names
    stateful_default_actions = ["aws:drop_established", "aws:alert_established"]

    stateful_engine_options {
      rule_order              = "STRICT_ORDER"
      stream_exception_policy = "DROP"
    }

    stateful_rule_group_reference {
      priority     = 100
      resource_arn = aws_networkfirewall_rule_group.egress_notices.arn
    }

    stateful_rule_group_reference {
      priority     = 200
      resource_arn = aws_networkfirewall_rule_group.egress_settlement.arn
    }
  }
}

# Some services call hosts whose addresses nobody can name, so that the names decide
# control: network.egress-deny
resource "aws_networkfirewall_firewall" "main" {
  name                     = "bazaar-egress"
  vpc_id                   = aws_vpc.main.id
  firewall_policy_arn      = aws_networkfirewall_firewall_policy.main.arn
  delete_protection        = true
  subnet_change_protection = true

  dynamic "subnet_mapping" {
    for_each = aws_subnet.firewall

    content {
      subnet_id = subnet_mapping.value.id
    }
  }

  tags = {
    Name = "bazaar-egress"
  }
}

# control: network.egress-deny
# from: logs.keep
resource "aws_cloudwatch_log_group" "firewall" {
  name              = "/bazaar/firewall"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: network.egress-deny
resource "aws_networkfirewall_logging_configuration" "main" {
  firewall_arn = aws_networkfirewall_firewall.main.arn

  logging_configuration {
    log_destination_config {
      log_type             = "ALERT"
      log_destination_type = "CloudWatchLogs"
      log_destination = {
        logGroup = aws_cloudwatch_log_group.firewall.name
      }
    }

    log_destination_config {
      log_type             = "FLOW"
      log_destination_type = "CloudWatchLogs"
      log_destination = {
        logGroup = aws_cloudwatch_log_group.firewall.name
      }
    }
  }
}

# EKS would make it by itself, and keep everything for ever without a key
# from: logs.keep
resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/bazaar/cluster"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: network.cluster-private
# from: cluster.version, cluster.from
resource "aws_eks_cluster" "main" {
  name                          = "bazaar"
  version                       = "1.35"
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false
  deletion_protection           = true

  vpc_config {
    subnet_ids              = [for s in aws_subnet.private : s.id]
    security_group_ids      = [aws_security_group.cluster.id]
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["198.51.100.0/24"]
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
    Name = "bazaar"
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
# from: services.settlement.sessionTags
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
    Name = "bazaar-standby"
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
  availability_zone       = "us-west-2${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags = {
    Name = "bazaar-standby-${each.key}"
  }
}

# from: backupRegion
resource "aws_internet_gateway" "standby" {
  provider = aws.backup
  vpc_id   = aws_vpc.standby.id
  tags = {
    Name = "bazaar-standby"
  }
}

# from: backupRegion
resource "aws_route_table" "standby" {
  provider = aws.backup
  vpc_id   = aws_vpc.standby.id
  tags = {
    Name = "bazaar-standby"
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
    Name = "bazaar-standby-default"
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
  name        = "bazaar-standby"
  description = "Standby load balancer: from CloudFront; it answers by itself and calls nobody"
  vpc_id      = aws_vpc.standby.id
  tags = {
    Name = "bazaar-standby"
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
    Name = "bazaar-standby"
  }
  depends_on = [aws_s3_bucket_policy.logs]
}

# The ids of the pods' security groups, which the manifests name: a patch for Kustomize
# control: network.sg-chain
output "security_group_policies" {
  value = join("---\n", [
    for policy, own in {
      "edge/gateway"          = aws_security_group.gateway.id
      "people/accounts"       = aws_security_group.svc_accounts.id
      "bazaar/basket"         = aws_security_group.svc_basket.id
      "bazaar/listings"       = aws_security_group.svc_listings.id
      "people/notices"        = aws_security_group.svc_notices.id
      "bazaar/reviews"        = aws_security_group.svc_reviews.id
      "bazaar/sellers"        = aws_security_group.svc_sellers.id
      "settlement/settlement" = aws_security_group.svc_settlement.id
    } :
    yamlencode({
      apiVersion = "vpcresources.k8s.aws/v1beta1"
      kind       = "SecurityGroupPolicy"
      metadata   = { namespace = split("/", policy)[0], name = split("/", policy)[1] }
      spec       = { securityGroups = { groupIds = [aws_security_group.pods.id, own] } }
    })
  ])
}
