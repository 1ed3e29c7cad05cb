package estate

import "fathom/diag"

// VPC is a private network (aws_vpc).
type VPC struct {
	Base
	CIDR         Str  `tf:"cidr_block"`
	IPv6CIDR     Str  `tf:"ipv6_cidr_block"`
	GenerateIPv6 Bool `tf:"assign_generated_ipv6_cidr_block"`
	// DefaultGroup, MainTable and DefaultACL are the ids of what AWS makes with
	// the VPC; only states know them.
	DefaultGroup Str `tf:"default_security_group_id"`
	MainTable    Str `tf:"main_route_table_id"`
	DefaultACL   Str `tf:"default_network_acl_id"`
}

// VPCRange adds a range of addresses to a VPC
// (aws_vpc_ipv4_cidr_block_association, aws_vpc_ipv6_cidr_block_association).
type VPCRange struct {
	Base
	VPC      Ref[*VPC] `tf:"vpc_id"`
	CIDR     Str       `tf:"cidr_block"`
	IPv6CIDR Str       `tf:"ipv6_cidr_block"`
}

// Subnet is a range of a VPC in one zone (aws_subnet).
type Subnet struct {
	Base
	VPC           Ref[*VPC] `tf:"vpc_id"`
	CIDR          Str       `tf:"cidr_block"`
	IPv6CIDR      Str       `tf:"ipv6_cidr_block"`
	Zone          Str       `tf:"availability_zone"`
	PublicIPs     Bool      `tf:"map_public_ip_on_launch"`
	IPv6OnLaunch  Bool      `tf:"assign_ipv6_address_on_creation"`
	ZoneID        Str       `tf:"availability_zone_id"`
	CustomerOwned Bool      `tf:"map_customer_owned_ip_on_launch"`
}

// InternetGateway joins a VPC to the internet (aws_internet_gateway).
type InternetGateway struct {
	Base
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// InternetGatewayAttachment attaches one on its own
// (aws_internet_gateway_attachment).
type InternetGatewayAttachment struct {
	Base
	Gateway Ref[*InternetGateway] `tf:"internet_gateway_id"`
	VPC     Ref[*VPC]             `tf:"vpc_id"`
}

// EgressOnlyGateway lets IPv6 out and nothing in (aws_egress_only_internet_gateway).
type EgressOnlyGateway struct {
	Base
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// NATGateway lets private subnets out (aws_nat_gateway).
type NATGateway struct {
	Base
	Subnet       Ref[*Subnet]    `tf:"subnet_id"`
	Connectivity Str             `tf:"connectivity_type"` // public (the default) or private
	Allocation   Ref[*ElasticIP] `tf:"allocation_id"`
	PublicIP     Str             `tf:"public_ip"`
	PrivateIP    Str             `tf:"private_ip"`
	VPC          Ref[*VPC]       `tf:"vpc_id"` // of a regional NAT gateway, which has no subnet
	Availability Str             `tf:"availability_mode"`
}

// ElasticIP is a public address (aws_eip).
type ElasticIP struct {
	Base
	Instance         Ref[*Instance]         `tf:"instance"`
	NetworkInterface Ref[*NetworkInterface] `tf:"network_interface"`
	PublicIP         Str                    `tf:"public_ip"`
	Allocation       Str                    `tf:"allocation_id" key:"id"`
}

// ElasticIPAssociation gives it to an interface on its own
// (aws_eip_association).
type ElasticIPAssociation struct {
	Base
	ElasticIP        Ref[*ElasticIP]        `tf:"allocation_id"`
	Instance         Ref[*Instance]         `tf:"instance_id"`
	NetworkInterface Ref[*NetworkInterface] `tf:"network_interface_id"`
}

// RouteTable decides where a subnet's packets go (aws_route_table,
// aws_default_route_table).
type RouteTable struct {
	Base
	VPC    Ref[*VPC]           `tf:"vpc_id"`
	Routes Blocks[InlineRoute] `tf:"route"`
	// MainOf is the VPC whose main table this is (aws_default_route_table).
	MainOf Ref[*VPC] `tf:"default_route_table_id"`
	// Propagating are the gateways whose routes come in by themselves.
	Propagating Refs[*VPNGateway] `tf:"propagating_vgws"`
}

// InlineRoute is a route written inside its table.
type InlineRoute struct {
	At diag.Pos
	RouteTarget
	CIDR     Str `tf:"cidr_block"`
	IPv6CIDR Str `tf:"ipv6_cidr_block"`
}

// RouteTarget is where a route leads.
type RouteTarget struct {
	Gateway           Ref[Resource]           `tf:"gateway_id"`
	NAT               Ref[*NATGateway]        `tf:"nat_gateway_id"`
	EgressOnlyGateway Ref[*EgressOnlyGateway] `tf:"egress_only_gateway_id"`
	TransitGateway    Ref[*TransitGateway]    `tf:"transit_gateway_id"`
	Peering           Ref[*Peering]           `tf:"vpc_peering_connection_id"`
	Endpoint          Ref[*VPCEndpoint]       `tf:"vpc_endpoint_id"`
	NetworkInterface  Ref[*NetworkInterface]  `tf:"network_interface_id"`
	CoreNetwork       Str                     `tf:"core_network_arn"`
	CarrierGateway    Str                     `tf:"carrier_gateway_id"`
	LocalGateway      Str                     `tf:"local_gateway_id"`
	PrefixList        Ref[*PrefixList]        `tf:"destination_prefix_list_id"`
}

// Route is a route written on its own (aws_route).
type Route struct {
	Base
	RouteTarget
	Table    Ref[*RouteTable] `tf:"route_table_id"`
	CIDR     Str              `tf:"destination_cidr_block"`
	IPv6CIDR Str              `tf:"destination_ipv6_cidr_block"`
}

// RouteTableAssociation gives a subnet its table (aws_route_table_association).
type RouteTableAssociation struct {
	Base
	Subnet Ref[*Subnet]     `tf:"subnet_id"`
	Table  Ref[*RouteTable] `tf:"route_table_id"`
}

// MainRouteTable makes a table the main one of its VPC
// (aws_main_route_table_association).
type MainRouteTable struct {
	Base
	VPC   Ref[*VPC]        `tf:"vpc_id"`
	Table Ref[*RouteTable] `tf:"route_table_id"`
}

// Peering joins two VPCs (aws_vpc_peering_connection).
type Peering struct {
	Base
	VPC  Ref[*VPC] `tf:"vpc_id"`
	Peer Ref[*VPC] `tf:"peer_vpc_id"`
}

// PrefixList is a named set of CIDRs, declared (aws_ec2_managed_prefix_list)
// or looked up by its name (the data sources of that name and aws_prefix_list).
type PrefixList struct {
	Base
	ListName Str                   `tf:"name" key:"name"`
	Entries  Blocks[PrefixEntry]   `tf:"entry"`
	Filters  Blocks[PrefixListFor] `tf:"filter"`
}

// PrefixEntry is one CIDR of a prefix list.
type PrefixEntry struct {
	At   diag.Pos
	CIDR Str `tf:"cidr"`
}

// PrefixListEntry is an entry written on its own
// (aws_ec2_managed_prefix_list_entry).
type PrefixListEntry struct {
	Base
	PrefixList Ref[*PrefixList] `tf:"prefix_list_id"`
	CIDR       Str              `tf:"cidr"`
}

// PrefixListFor is a filter by which a data source looks a list up.
type PrefixListFor struct {
	Name   Str  `tf:"name"`
	Values List `tf:"values"`
}

// SecurityGroup is a stateful allow-list on network interfaces
// (aws_security_group, aws_default_security_group). Its rules, wherever they
// are written, are given by RulesOf.
type SecurityGroup struct {
	Base
	GroupName Str                `tf:"name" key:"name"`
	Prefix    Str                `tf:"name_prefix"`
	VPC       Ref[*VPC]          `tf:"vpc_id"`
	Ingress   Blocks[InlineRule] `tf:"ingress"`
	Egress    Blocks[InlineRule] `tf:"egress"`
}

// InlineRule is a rule written inside its security group.
type InlineRule struct {
	At          diag.Pos
	Description Str                  `tf:"description"`
	Protocol    Str                  `tf:"protocol"`
	From        Int                  `tf:"from_port"`
	To          Int                  `tf:"to_port"`
	CIDRs       List                 `tf:"cidr_blocks"`
	IPv6CIDRs   List                 `tf:"ipv6_cidr_blocks"`
	PrefixLists Refs[*PrefixList]    `tf:"prefix_list_ids"`
	Groups      Refs[*SecurityGroup] `tf:"security_groups"`
	Self        Bool                 `tf:"self"`
}

// SecurityGroupRule is a rule written on its own in the older form
// (aws_security_group_rule).
type SecurityGroupRule struct {
	Base
	Direction   Str                 `tf:"type"`
	Group       Ref[*SecurityGroup] `tf:"security_group_id"`
	Description Str                 `tf:"description"`
	Protocol    Str                 `tf:"protocol"`
	From        Int                 `tf:"from_port"`
	To          Int                 `tf:"to_port"`
	CIDRs       List                `tf:"cidr_blocks"`
	IPv6CIDRs   List                `tf:"ipv6_cidr_blocks"`
	PrefixLists Refs[*PrefixList]   `tf:"prefix_list_ids"`
	Source      Ref[*SecurityGroup] `tf:"source_security_group_id"`
	Self        Bool                `tf:"self"`
}

// IngressRule is a rule written on its own in the newer form
// (aws_vpc_security_group_ingress_rule).
type IngressRule struct {
	Base
	SingleRule
}

// EgressRule is its outbound twin (aws_vpc_security_group_egress_rule).
type EgressRule struct {
	Base
	SingleRule
}

// SingleRule is what IngressRule and EgressRule have in common: one source or
// destination each.
type SingleRule struct {
	Group       Ref[*SecurityGroup] `tf:"security_group_id"`
	Description Str                 `tf:"description"`
	Protocol    Str                 `tf:"ip_protocol"`
	From        Int                 `tf:"from_port"`
	To          Int                 `tf:"to_port"`
	CIDR        Str                 `tf:"cidr_ipv4"`
	IPv6CIDR    Str                 `tf:"cidr_ipv6"`
	PrefixList  Ref[*PrefixList]    `tf:"prefix_list_id"`
	Source      Ref[*SecurityGroup] `tf:"referenced_security_group_id"`
}

// NetworkACL is a stateless filter of subnets (aws_network_acl,
// aws_default_network_acl).
type NetworkACL struct {
	Base
	VPC     Ref[*VPC]         `tf:"vpc_id"`
	Subnets Refs[*Subnet]     `tf:"subnet_ids"`
	Ingress Blocks[InlineACL] `tf:"ingress"`
	Egress  Blocks[InlineACL] `tf:"egress"`
	// DefaultOf is the VPC whose default ACL this is (aws_default_network_acl).
	DefaultOf Ref[*VPC] `tf:"default_network_acl_id"`
}

// InlineACL is a rule written inside its network ACL.
type InlineACL struct {
	At       diag.Pos
	Number   Int `tf:"rule_no"`
	Action   Str `tf:"action"`
	Protocol Str `tf:"protocol"`
	From     Int `tf:"from_port"`
	To       Int `tf:"to_port"`
	CIDR     Str `tf:"cidr_block"`
	IPv6CIDR Str `tf:"ipv6_cidr_block"`
	ICMPType Int `tf:"icmp_type"`
	ICMPCode Int `tf:"icmp_code"`
}

// NetworkACLRule is a rule written on its own (aws_network_acl_rule).
type NetworkACLRule struct {
	Base
	ACL      Ref[*NetworkACL] `tf:"network_acl_id"`
	Egress   Bool             `tf:"egress"`
	Number   Int              `tf:"rule_number"`
	Action   Str              `tf:"rule_action"`
	Protocol Str              `tf:"protocol"`
	From     Int              `tf:"from_port"`
	To       Int              `tf:"to_port"`
	CIDR     Str              `tf:"cidr_block"`
	IPv6CIDR Str              `tf:"ipv6_cidr_block"`
	ICMPType Int              `tf:"icmp_type"`
	ICMPCode Int              `tf:"icmp_code"`
}

// NetworkACLAssociation gives a subnet its ACL (aws_network_acl_association).
type NetworkACLAssociation struct {
	Base
	ACL    Ref[*NetworkACL] `tf:"network_acl_id"`
	Subnet Ref[*Subnet]     `tf:"subnet_id"`
}

// VPCEndpoint is a private way to an AWS service (aws_vpc_endpoint).
type VPCEndpoint struct {
	Base
	VPC            Ref[*VPC]            `tf:"vpc_id"`
	Service        Str                  `tf:"service_name"`
	EndpointType   Str                  `tf:"vpc_endpoint_type"`
	Policy         Policy               `tf:"policy"`
	PrivateDNS     Bool                 `tf:"private_dns_enabled"`
	Subnets        Refs[*Subnet]        `tf:"subnet_ids"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_group_ids"`
	RouteTables    Refs[*RouteTable]    `tf:"route_table_ids"`
}

// VPCEndpointPolicy is an endpoint's policy on its own (aws_vpc_endpoint_policy).
type VPCEndpointPolicy struct {
	Base
	Endpoint Ref[*VPCEndpoint] `tf:"vpc_endpoint_id"`
	Policy   Policy            `tf:"policy"`
}

// VPCEndpointSubnet, VPCEndpointRouteTable and VPCEndpointGroup add to an
// endpoint on their own (aws_vpc_endpoint_subnet_association,
// aws_vpc_endpoint_route_table_association,
// aws_vpc_endpoint_security_group_association).
type VPCEndpointSubnet struct {
	Base
	Endpoint Ref[*VPCEndpoint] `tf:"vpc_endpoint_id"`
	Subnet   Ref[*Subnet]      `tf:"subnet_id"`
}

// VPCEndpointRouteTable adds a gateway endpoint's route to a table.
type VPCEndpointRouteTable struct {
	Base
	Endpoint Ref[*VPCEndpoint] `tf:"vpc_endpoint_id"`
	Table    Ref[*RouteTable]  `tf:"route_table_id"`
}

// VPCEndpointGroup puts an interface endpoint into a security group.
type VPCEndpointGroup struct {
	Base
	Endpoint Ref[*VPCEndpoint]   `tf:"vpc_endpoint_id"`
	Group    Ref[*SecurityGroup] `tf:"security_group_id"`
	// Replaces says that the VPC's default group is taken away.
	Replaces Bool `tf:"replace_default_association"`
}

// FlowLog records the traffic of a VPC, subnet or interface (aws_flow_log).
type FlowLog struct {
	Base
	VPC              Ref[*VPC]     `tf:"vpc_id"`
	Subnet           Ref[*Subnet]  `tf:"subnet_id"`
	NetworkInterface Str           `tf:"eni_id"`
	Traffic          Str           `tf:"traffic_type"`
	Destination      Ref[Resource] `tf:"log_destination"`
	DestinationType  Str           `tf:"log_destination_type"`
	Format           Str           `tf:"log_format"`
}

// NetworkFirewall filters a VPC's traffic centrally (aws_networkfirewall_firewall).
type NetworkFirewall struct {
	Base
	VPC    Ref[*VPC]                   `tf:"vpc_id"`
	Policy Ref[*NetworkFirewallPolicy] `tf:"firewall_policy_arn"`
}

// NetworkFirewallPolicy is what a firewall does with packets
// (aws_networkfirewall_firewall_policy).
type NetworkFirewallPolicy struct {
	Base
	Policy Blocks[FirewallActions] `tf:"firewall_policy"`
}

// FirewallActions are the default actions of a firewall policy.
type FirewallActions struct {
	At               diag.Pos
	StatelessDefault List `tf:"stateless_default_actions"`
	StatefulDefault  List `tf:"stateful_default_actions"`
}

// DNSFirewall filters a VPC's name look-ups
// (aws_route53_resolver_firewall_rule_group_association).
type DNSFirewall struct {
	Base
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// NetworkInterface is an interface made on its own (aws_network_interface).
type NetworkInterface struct {
	Base
	Subnet          Ref[*Subnet]                `tf:"subnet_id"`
	SecurityGroups  Refs[*SecurityGroup]        `tf:"security_groups"`
	PrivateIP       Str                         `tf:"private_ip"`
	PrivateIPs      List                        `tf:"private_ips"`
	IPv6            List                        `tf:"ipv6_addresses"`
	IPv6Count       Int                         `tf:"ipv6_address_count"`
	SourceDestCheck Bool                        `tf:"source_dest_check"`
	Attachment      Blocks[InterfaceAttachment] `tf:"attachment"`
}

// InterfaceAttachment is the instance that an interface belongs to.
type InterfaceAttachment struct {
	At       diag.Pos
	Instance Ref[*Instance] `tf:"instance"`
}

// NetworkInterfaceAttachment attaches an interface on its own
// (aws_network_interface_attachment).
type NetworkInterfaceAttachment struct {
	Base
	Instance         Ref[*Instance]         `tf:"instance_id"`
	NetworkInterface Ref[*NetworkInterface] `tf:"network_interface_id"`
}

// NetworkInterfaceGroup puts an interface into a security group on its own
// (aws_network_interface_sg_attachment).
type NetworkInterfaceGroup struct {
	Base
	NetworkInterface Ref[*NetworkInterface] `tf:"network_interface_id"`
	Group            Ref[*SecurityGroup]    `tf:"security_group_id"`
}

// MountTarget is where a file system is reached in a subnet
// (aws_efs_mount_target).
type MountTarget struct {
	Base
	FileSystem     Ref[*FileSystem]     `tf:"file_system_id"`
	Subnet         Ref[*Subnet]         `tf:"subnet_id"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_groups"`
	Address        Str                  `tf:"ip_address"`
	AddressType    Str                  `tf:"ip_address_type"`
}

// RedshiftSubnetGroup says in which subnets a warehouse stands
// (aws_redshift_subnet_group).
type RedshiftSubnetGroup struct {
	Base
	GroupName Str           `tf:"name" key:"name"`
	Subnets   Refs[*Subnet] `tf:"subnet_ids"`
}
