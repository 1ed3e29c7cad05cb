package estate

// TransitGateway is a router between VPCs, VPNs and other networks
// (aws_ec2_transit_gateway).
type TransitGateway struct {
	Base
	Association     Str  `tf:"default_route_table_association"`
	Propagation     Str  `tf:"default_route_table_propagation"`
	GroupReferences Str  `tf:"security_group_referencing_support"`
	CIDRs           List `tf:"transit_gateway_cidr_blocks"`
	DefaultTable    Str  `tf:"association_default_route_table_id"`
}

// TransitAttachment joins a VPC to a transit gateway
// (aws_ec2_transit_gateway_vpc_attachment).
type TransitAttachment struct {
	Base
	Gateway         Ref[*TransitGateway] `tf:"transit_gateway_id"`
	VPC             Ref[*VPC]            `tf:"vpc_id"`
	Subnets         Refs[*Subnet]        `tf:"subnet_ids"`
	Association     Bool                 `tf:"transit_gateway_default_route_table_association"`
	Propagation     Bool                 `tf:"transit_gateway_default_route_table_propagation"`
	GroupReferences Str                  `tf:"security_group_referencing_support"`
}

// TransitPeering joins two transit gateways
// (aws_ec2_transit_gateway_peering_attachment).
type TransitPeering struct {
	Base
	Gateway Ref[*TransitGateway] `tf:"transit_gateway_id"`
	Peer    Ref[*TransitGateway] `tf:"peer_transit_gateway_id"`
}

// TransitTable decides where a transit gateway sends the packets of the
// attachments that are associated with it (aws_ec2_transit_gateway_route_table).
type TransitTable struct {
	Base
	Gateway Ref[*TransitGateway] `tf:"transit_gateway_id"`
}

// TransitRoute is a static route of such a table (aws_ec2_transit_gateway_route).
// Its attachment is a TransitAttachment, a TransitPeering or a VPNConnection.
type TransitRoute struct {
	Base
	Table      Ref[*TransitTable] `tf:"transit_gateway_route_table_id"`
	CIDR       Str                `tf:"destination_cidr_block"`
	Attachment Ref[Resource]      `tf:"transit_gateway_attachment_id"`
	Blackhole  Bool               `tf:"blackhole"`
}

// TransitAssociation says which table decides for an attachment
// (aws_ec2_transit_gateway_route_table_association).
type TransitAssociation struct {
	Base
	Table      Ref[*TransitTable] `tf:"transit_gateway_route_table_id"`
	Attachment Ref[Resource]      `tf:"transit_gateway_attachment_id"`
}

// TransitPropagation puts the routes to an attachment into a table
// (aws_ec2_transit_gateway_route_table_propagation).
type TransitPropagation struct {
	Base
	Table      Ref[*TransitTable] `tf:"transit_gateway_route_table_id"`
	Attachment Ref[Resource]      `tf:"transit_gateway_attachment_id"`
}

// VPNGateway is a virtual private gateway: the VPC's side of VPNs and Direct
// Connect (aws_vpn_gateway).
type VPNGateway struct {
	Base
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// VPNGatewayAttachment attaches it on its own (aws_vpn_gateway_attachment).
type VPNGatewayAttachment struct {
	Base
	Gateway Ref[*VPNGateway] `tf:"vpn_gateway_id"`
	VPC     Ref[*VPC]        `tf:"vpc_id"`
}

// VPNPropagation puts the routes of a virtual private gateway into a table
// (aws_vpn_gateway_route_propagation).
type VPNPropagation struct {
	Base
	Gateway Ref[*VPNGateway] `tf:"vpn_gateway_id"`
	Table   Ref[*RouteTable] `tf:"route_table_id"`
}

// CustomerGateway is the other side of a VPN (aws_customer_gateway).
type CustomerGateway struct {
	Base
	Address Str `tf:"ip_address"`
}

// VPNConnection is a tunnel to a network outside AWS (aws_vpn_connection).
type VPNConnection struct {
	Base
	Gateway        Ref[*VPNGateway]      `tf:"vpn_gateway_id"`
	TransitGateway Ref[*TransitGateway]  `tf:"transit_gateway_id"`
	Customer       Ref[*CustomerGateway] `tf:"customer_gateway_id"`
	StaticOnly     Bool                  `tf:"static_routes_only"`
	Attachment     Str                   `tf:"transit_gateway_attachment_id" key:"id"`
}

// VPNRoute is a static route over a tunnel (aws_vpn_connection_route).
type VPNRoute struct {
	Base
	Connection Ref[*VPNConnection] `tf:"vpn_connection_id"`
	CIDR       Str                 `tf:"destination_cidr_block"`
}
