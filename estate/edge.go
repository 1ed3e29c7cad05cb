package estate

import "fathom/diag"

// Distribution is a CloudFront distribution (aws_cloudfront_distribution).
type Distribution struct {
	Base
	Enabled      Bool                       `tf:"enabled"`
	Staging      Bool                       `tf:"staging"`
	Aliases      List                       `tf:"aliases"`
	WebACL       Ref[*WebACL]               `tf:"web_acl_id"`
	Continuous   Ref[*ContinuousPolicy]     `tf:"continuous_deployment_policy_id"`
	Origins      Blocks[DistributionOrigin] `tf:"origin"`
	OriginGroups Blocks[OriginGroup]        `tf:"origin_group"`
	Default      Blocks[CacheBehavior]      `tf:"default_cache_behavior"`
	Ordered      Blocks[CacheBehavior]      `tf:"ordered_cache_behavior"`
	Certificate  Blocks[ViewerCertificate]  `tf:"viewer_certificate"`
	Restrictions Blocks[GeoRestrictions]    `tf:"restrictions"`
	Logging      Blocks[DistributionLog]    `tf:"logging_config"`
}

// DistributionOrigin is a server behind a distribution.
type DistributionOrigin struct {
	At            diag.Pos
	OriginID      Str                  `tf:"origin_id"`
	Domain        Ref[Resource]        `tf:"domain_name"`
	AccessControl Str                  `tf:"origin_access_control_id"`
	Headers       Blocks[OriginHeader] `tf:"custom_header"`
	Custom        Blocks[CustomOrigin] `tf:"custom_origin_config"`
	S3            Blocks[S3Origin]     `tf:"s3_origin_config"`
	VPC           Blocks[VPCOrigin]    `tf:"vpc_origin_config"`
}

// OriginGroup lets a second origin answer where the first fails.
type OriginGroup struct {
	At      diag.Pos
	Members Blocks[OriginMember] `tf:"member"`
}

// OriginMember is one origin of such a group.
type OriginMember struct {
	At       diag.Pos
	OriginID Str `tf:"origin_id"`
}

// OriginHeader is a header that CloudFront adds on the way to the origin.
type OriginHeader struct {
	At    diag.Pos
	Name  Str `tf:"name"`
	Value Str `tf:"value"`
}

// CustomOrigin is how a non-S3 origin is spoken to.
type CustomOrigin struct {
	At           diag.Pos
	Protocol     Str  `tf:"origin_protocol_policy"`
	TLSProtocols List `tf:"origin_ssl_protocols"`
}

// S3Origin is the older way to keep a bucket private behind CloudFront.
type S3Origin struct {
	At             diag.Pos
	AccessIdentity Str `tf:"origin_access_identity"`
}

// VPCOrigin is an origin inside a VPC that has no public address.
type VPCOrigin struct {
	At     diag.Pos
	Origin Str `tf:"vpc_origin_id"`
}

// CacheBehavior is what a distribution does with the requests of a path.
type CacheBehavior struct {
	At              diag.Pos
	Path            Str                        `tf:"path_pattern"`
	Origin          Str                        `tf:"target_origin_id"`
	ViewerProtocol  Str                        `tf:"viewer_protocol_policy"`
	ResponseHeaders Ref[*ResponseHeaders]      `tf:"response_headers_policy_id"`
	TrustedKeys     List                       `tf:"trusted_key_groups"`
	FieldEncryption Str                        `tf:"field_level_encryption_id"`
	Functions       Blocks[FunctionAssociated] `tf:"function_association"`
	Lambdas         Blocks[LambdaAssociated]   `tf:"lambda_function_association"`
}

// FunctionAssociated is code that runs at the edge.
type FunctionAssociated struct {
	At    diag.Pos
	Event Str                      `tf:"event_type"`
	ARN   Ref[*CloudFrontFunction] `tf:"function_arn"`
}

// LambdaAssociated is a Lambda function that runs at the edge.
type LambdaAssociated struct {
	At    diag.Pos
	Event Str          `tf:"event_type"`
	ARN   Ref[*Lambda] `tf:"lambda_arn"`
}

// CloudFrontFunction is such code (aws_cloudfront_function).
type CloudFrontFunction struct {
	Base
	Code Str `tf:"code"`
}

// ViewerCertificate is a distribution's TLS.
type ViewerCertificate struct {
	At          diag.Pos
	Default     Bool              `tf:"cloudfront_default_certificate"`
	Certificate Ref[*Certificate] `tf:"acm_certificate_arn"`
	MinTLS      Str               `tf:"minimum_protocol_version"`
}

// GeoRestrictions holds a distribution's country list.
type GeoRestrictions struct {
	At  diag.Pos
	Geo Blocks[GeoRestriction] `tf:"geo_restriction"`
}

// GeoRestriction is that list: none, blacklist or whitelist.
type GeoRestriction struct {
	At        diag.Pos
	Kind      Str  `tf:"restriction_type"`
	Locations List `tf:"locations"`
}

// DistributionLog is where access logs go.
type DistributionLog struct {
	At     diag.Pos
	Bucket Str `tf:"bucket"`
}

// ContinuousPolicy sends a share of traffic to a staging distribution
// (aws_cloudfront_continuous_deployment_policy).
type ContinuousPolicy struct {
	Base
	Enabled Bool                  `tf:"enabled"`
	Traffic Blocks[TrafficConfig] `tf:"traffic_config"`
}

// TrafficConfig is which share that is.
type TrafficConfig struct {
	At   diag.Pos
	Type Str `tf:"type"`
}

// ResponseHeaders is a CloudFront response headers policy
// (aws_cloudfront_response_headers_policy).
type ResponseHeaders struct {
	Base
	Security Blocks[SecurityHeaders] `tf:"security_headers_config"`
}

// SecurityHeaders are the security headers of such a policy.
type SecurityHeaders struct {
	At   diag.Pos
	HSTS Blocks[HSTS] `tf:"strict_transport_security"`
}

// HSTS is HTTP Strict Transport Security (RFC 6797).
type HSTS struct {
	At     diag.Pos
	MaxAge Int `tf:"access_control_max_age_sec"`
}

// Certificate is an ACM certificate (aws_acm_certificate).
type Certificate struct {
	Base
	Domain     Str             `tf:"domain_name" key:"domain"`
	Validation Str             `tf:"validation_method"`
	Algorithm  Str             `tf:"key_algorithm"`
	Authority  Ref[*PrivateCA] `tf:"certificate_authority_arn"`
}

// LoadBalancer is an ALB, NLB or GWLB (aws_lb, aws_alb).
type LoadBalancer struct {
	Base
	Kind           Str                  `tf:"load_balancer_type"`
	Internal       Bool                 `tf:"internal"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_groups"`
	Subnets        Refs[*Subnet]        `tf:"subnets"`
	Mappings       Blocks[LBSubnet]     `tf:"subnet_mapping"`
	AddressType    Str                  `tf:"ip_address_type"` // ipv4 (the default), dualstack, dualstack-without-public-ipv4
	DropInvalid    Bool                 `tf:"drop_invalid_header_fields"`
	DNSName        Str                  `tf:"dns_name" key:"dns"`
	AccessLogs     Blocks[LBAccessLogs] `tf:"access_logs"`
}

// LBSubnet is a subnet of a load balancer, with its addresses there.
type LBSubnet struct {
	At        diag.Pos
	Subnet    Ref[*Subnet]    `tf:"subnet_id"`
	ElasticIP Ref[*ElasticIP] `tf:"allocation_id"`
	PrivateIP Str             `tf:"private_ipv4_address"`
	IPv6      Str             `tf:"ipv6_address"`
}

// LBAccessLogs is where a load balancer logs.
type LBAccessLogs struct {
	At      diag.Pos
	Enabled Bool         `tf:"enabled"`
	Bucket  Ref[*Bucket] `tf:"bucket"`
}

// ClassicLB is a classic load balancer (aws_elb).
type ClassicLB struct {
	Base
	Internal       Bool                      `tf:"internal"`
	SecurityGroups Refs[*SecurityGroup]      `tf:"security_groups"`
	Subnets        Refs[*Subnet]             `tf:"subnets"`
	Listeners      Blocks[ClassicLBListener] `tf:"listener"`
	Instances      Refs[*Instance]           `tf:"instances"`
	LBName         Str                       `tf:"name" key:"name"`
}

// ClassicLBAttachment puts an instance behind a classic load balancer
// (aws_elb_attachment).
type ClassicLBAttachment struct {
	Base
	ClassicLB Ref[*ClassicLB] `tf:"elb"`
	Instance  Ref[*Instance]  `tf:"instance"`
}

// ClassicLBListener is a port of a classic load balancer.
type ClassicLBListener struct {
	At           diag.Pos
	Port         Int `tf:"lb_port"`
	Protocol     Str `tf:"lb_protocol"`
	InstancePort Int `tf:"instance_port"`
}

// Listener is a port of a load balancer (aws_lb_listener, aws_alb_listener).
type Listener struct {
	Base
	LoadBalancer Ref[*LoadBalancer]     `tf:"load_balancer_arn"`
	Port         Int                    `tf:"port"`
	Protocol     Str                    `tf:"protocol"`
	SSLPolicy    Str                    `tf:"ssl_policy"`
	Certificate  Ref[*Certificate]      `tf:"certificate_arn"`
	Default      Blocks[ListenerAction] `tf:"default_action"`
}

// ListenerAction is what a listener or a rule does with a request.
type ListenerAction struct {
	At          diag.Pos
	Type        Str                    `tf:"type"`
	TargetGroup Ref[*TargetGroup]      `tf:"target_group_arn"`
	Redirect    Blocks[Redirect]       `tf:"redirect"`
	Fixed       Blocks[FixedResponse]  `tf:"fixed_response"`
	Forward     Blocks[ForwardTargets] `tf:"forward"`
}

// Redirect is a redirection by a listener.
type Redirect struct {
	At       diag.Pos
	Protocol Str `tf:"protocol"`
	Port     Str `tf:"port"`
	Status   Str `tf:"status_code"`
}

// FixedResponse is an answer given by the listener itself.
type FixedResponse struct {
	At     diag.Pos
	Status Str `tf:"status_code"`
}

// ForwardTargets are weighted target groups.
type ForwardTargets struct {
	At      diag.Pos
	Targets Blocks[ForwardTarget] `tf:"target_group"`
}

// ForwardTarget is one of them.
type ForwardTarget struct {
	ARN Ref[*TargetGroup] `tf:"arn"`
}

// ListenerRule is a rule of a listener (aws_lb_listener_rule).
type ListenerRule struct {
	Base
	Listener   Ref[*Listener]            `tf:"listener_arn"`
	Priority   Int                       `tf:"priority"`
	Conditions Blocks[ListenerCondition] `tf:"condition"`
	Actions    Blocks[ListenerAction]    `tf:"action"`
}

// ListenerCondition is when a listener rule applies.
type ListenerCondition struct {
	At     diag.Pos
	Header Blocks[HeaderCondition] `tf:"http_header"`
	Path   Blocks[ValuesCondition] `tf:"path_pattern"`
	Host   Blocks[ValuesCondition] `tf:"host_header"`
	Source Blocks[ValuesCondition] `tf:"source_ip"`
}

// HeaderCondition compares a request header.
type HeaderCondition struct {
	At     diag.Pos
	Name   Str  `tf:"http_header_name"`
	Values List `tf:"values"`
}

// ValuesCondition compares one part of a request.
type ValuesCondition struct {
	At     diag.Pos
	Values List `tf:"values"`
}

// TargetGroup is a set of servers behind a load balancer (aws_lb_target_group).
type TargetGroup struct {
	Base
	VPC        Ref[*VPC] `tf:"vpc_id"`
	Port       Int       `tf:"port"`
	Protocol   Str       `tf:"protocol"`
	TargetType Str       `tf:"target_type"` // instance (the default), ip, lambda, alb
	PreserveIP Str       `tf:"preserve_client_ip"`
	GroupName  Str       `tf:"name" key:"name"`
}

// TargetAttachment puts a target into a group
// (aws_lb_target_group_attachment). The target is an instance, a function, a
// load balancer, or an address, which names nothing.
type TargetAttachment struct {
	Base
	TargetGroup Ref[*TargetGroup] `tf:"target_group_arn"`
	Target      Ref[Resource]     `tf:"target_id"`
	Port        Int               `tf:"port"`
}

// WebACL is a WAF web ACL (aws_wafv2_web_acl). Its rules are kept as the tree
// they were written in; package engine/webacl/dialect reads them.
type WebACL struct {
	Base
	ACLName        Str                   `tf:"name"`
	Scope          Str                   `tf:"scope"`
	Default        Blocks[DefaultAction] `tf:"default_action"`
	DefaultTree    Tree                  `tf:"default_action"` // with its headers and response
	Rules          Tree                  `tf:"rule"`
	JSON           Str                   `tf:"rule_json"`
	Bodies         Tree                  `tf:"custom_response_body"`
	Captcha        Tree                  `tf:"captcha_config"`
	Challenge      Tree                  `tf:"challenge_config"`
	Association    Tree                  `tf:"association_config"`
	Visible        Blocks[WAFVisibility] `tf:"visibility_config"`
	TokenDomains   List                  `tf:"token_domains"`
	DataProtection Tree                  `tf:"data_protection_config"`
	Capacity       Int                   `tf:"capacity"`
}

// WebACLRule is a rule that stands outside its web ACL (aws_wafv2_web_acl_rule).
type WebACLRule struct {
	Base
	WebACL    Ref[*WebACL] `tf:"web_acl_arn"`
	RuleName  Str          `tf:"name"`
	Priority  Int          `tf:"priority"`
	Action    Tree         `tf:"action"`
	Override  Tree         `tf:"override_action"`
	Statement Tree         `tf:"statement"`
	Labels    Tree         `tf:"rule_label"`
	Captcha   Tree         `tf:"captcha_config"`
	Challenge Tree         `tf:"challenge_config"`
}

// RuleGroupAssociation adds a rule group to a web ACL from outside it
// (aws_wafv2_web_acl_rule_group_association).
type RuleGroupAssociation struct {
	Base
	WebACL   Ref[*WebACL] `tf:"web_acl_arn"`
	RuleName Str          `tf:"rule_name"`
	Priority Int          `tf:"priority"`
	Override Str          `tf:"override_action"`
	Managed  Tree         `tf:"managed_rule_group"`
	Own      Tree         `tf:"rule_group_reference"`
}

// RegexSet is a set of patterns for WAF rules (aws_wafv2_regex_pattern_set).
type RegexSet struct {
	Base
	SetName  Str                  `tf:"name"`
	Patterns Blocks[RegexPattern] `tf:"regular_expression"`
}

// RegexPattern is one of them.
type RegexPattern struct {
	At    diag.Pos
	Regex Str `tf:"regex_string"`
}

// RuleGroup is a set of WAF rules of one's own (aws_wafv2_rule_group).
type RuleGroup struct {
	Base
	GroupName Str  `tf:"name"`
	Scope     Str  `tf:"scope"`
	Capacity  Int  `tf:"capacity"`
	Rules     Tree `tf:"rule"`
	JSON      Str  `tf:"rules_json"`
	Bodies    Tree `tf:"custom_response_body"`
}

// DefaultAction is what a web ACL does when no rule ends the request.
type DefaultAction struct {
	At    diag.Pos
	Allow Blocks[Empty] `tf:"allow"`
	Block Blocks[Empty] `tf:"block"`
}

// Empty is a block that counts by being there.
type Empty struct{ At diag.Pos }

// WAFVisibility is what a web ACL or rule reports.
type WAFVisibility struct {
	At      diag.Pos
	Metrics Bool `tf:"cloudwatch_metrics_enabled"`
	Sampled Bool `tf:"sampled_requests_enabled"`
}

// WebACLAssociation puts a regional web ACL in front of something
// (aws_wafv2_web_acl_association).
type WebACLAssociation struct {
	Base
	WebACL   Ref[*WebACL]  `tf:"web_acl_arn"`
	Resource Ref[Resource] `tf:"resource_arn"`
}

// WebACLLogging keeps a web ACL's logs (aws_wafv2_web_acl_logging_configuration).
type WebACLLogging struct {
	Base
	WebACL       Ref[*WebACL]   `tf:"resource_arn"`
	Destinations Refs[Resource] `tf:"log_destination_configs"`
	Redacted     Tree           `tf:"redacted_fields"`
	Filter       Tree           `tf:"logging_filter"`
}

// IPSet is a set of addresses for WAF rules (aws_wafv2_ip_set).
type IPSet struct {
	Base
	SetName   Str  `tf:"name"`
	Scope     Str  `tf:"scope"`
	Version   Str  `tf:"ip_address_version"`
	Addresses List `tf:"addresses"`
}

// ShieldProtection is Shield Advanced on a resource (aws_shield_protection).
type ShieldProtection struct {
	Base
	Resource Ref[Resource] `tf:"resource_arn"`
}

// ShieldHealthCheck ties a protection to a health check
// (aws_shield_protection_health_check_association).
type ShieldHealthCheck struct {
	Base
	Protection  Ref[*ShieldProtection] `tf:"shield_protection_id"`
	HealthCheck Ref[*HealthCheck]      `tf:"health_check_arn"`
}

// ShieldResponse lets the Shield response team in
// (aws_shield_drt_access_role_arn_association).
type ShieldResponse struct {
	Base
	Role Ref[*Role] `tf:"role_arn"`
}

// ShieldEngagement is proactive contact (aws_shield_proactive_engagement).
type ShieldEngagement struct {
	Base
	Enabled Bool `tf:"enabled"`
}

// ShieldAutoResponse mitigates at layer 7 by itself
// (aws_shield_application_layer_automatic_response).
type ShieldAutoResponse struct {
	Base
	Resource Ref[Resource] `tf:"resource_arn"`
	Action   Str           `tf:"action"`
}

// HostedZone is a Route 53 zone (aws_route53_zone).
type HostedZone struct {
	Base
	Zone Str             `tf:"name" key:"name"`
	VPCs Blocks[ZoneVPC] `tf:"vpc"`
}

// ZoneVPC makes a zone private.
type ZoneVPC struct {
	At  diag.Pos
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// DNSRecord is a Route 53 record (aws_route53_record).
type DNSRecord struct {
	Base
	Zone        Ref[*HostedZone]       `tf:"zone_id"`
	Record      Str                    `tf:"name"`
	Kind        Str                    `tf:"type"`
	Values      List                   `tf:"records"`
	SetID       Str                    `tf:"set_identifier"`
	HealthCheck Ref[*HealthCheck]      `tf:"health_check_id"`
	Alias       Blocks[RecordAlias]    `tf:"alias"`
	Failover    Blocks[FailoverPolicy] `tf:"failover_routing_policy"`
	Latency     Blocks[LatencyPolicy]  `tf:"latency_routing_policy"`
	Weighted    Blocks[WeightedPolicy] `tf:"weighted_routing_policy"`
}

// RecordAlias points a record at an AWS resource.
type RecordAlias struct {
	At             diag.Pos
	Name           Ref[Resource] `tf:"name"`
	EvaluateHealth Bool          `tf:"evaluate_target_health"`
}

// FailoverPolicy makes a record PRIMARY or SECONDARY.
type FailoverPolicy struct {
	At   diag.Pos
	Type Str `tf:"type"`
}

// LatencyPolicy answers by the nearest region.
type LatencyPolicy struct {
	At     diag.Pos
	Region Str `tf:"region"`
}

// WeightedPolicy answers by weight.
type WeightedPolicy struct {
	At     diag.Pos
	Weight Int `tf:"weight"`
}

// HealthCheck is a Route 53 health check (aws_route53_health_check).
type HealthCheck struct {
	Base
	Kind Str `tf:"type"`
	FQDN Str `tf:"fqdn"`
	Path Str `tf:"resource_path"`
}

// APIGateway is an HTTP or REST API (aws_apigatewayv2_api, aws_api_gateway_rest_api).
type APIGateway struct {
	Base
	Protocol Str                 `tf:"protocol_type"`
	Endpoint Blocks[APIEndpoint] `tf:"endpoint_configuration"`
}

// APIEndpoint is where a REST API answers: EDGE (the default), REGIONAL or
// PRIVATE.
type APIEndpoint struct {
	At    diag.Pos
	Types List `tf:"types"`
}

// APIStage is a deployed stage of a REST API (aws_api_gateway_stage).
type APIStage struct {
	Base
	API Ref[*APIGateway] `tf:"rest_api_id"`
}
