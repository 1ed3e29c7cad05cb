package estate

import "fathom/diag"

// EKSCluster is a managed Kubernetes control plane (aws_eks_cluster).
type EKSCluster struct {
	Base
	ClusterName Str                       `tf:"name" key:"name"`
	Version     Str                       `tf:"version"`
	Role        Ref[*Role]                `tf:"role_arn"`
	Logs        List                      `tf:"enabled_cluster_log_types"`
	Network     Blocks[ClusterNetwork]    `tf:"vpc_config"`
	Encryption  Blocks[ClusterEncryption] `tf:"encryption_config"`
	Access      Blocks[ClusterAccess]     `tf:"access_config"`
	Auto        Blocks[ClusterAuto]       `tf:"compute_config"`
	Addresses   Blocks[ClusterAddresses]  `tf:"kubernetes_network_config"`
}

// ClusterAddresses are the addresses of a cluster's services and pods.
type ClusterAddresses struct {
	At       diag.Pos
	Family   Str `tf:"ip_family"` // ipv4 (the default) or ipv6
	Services Str `tf:"service_ipv4_cidr"`
}

// ClusterAuto is EKS Auto Mode: AWS runs the nodes.
type ClusterAuto struct {
	At      diag.Pos
	Enabled Bool `tf:"enabled"`
}

// ClusterNetwork is how a control plane is reached.
type ClusterNetwork struct {
	At             diag.Pos
	PublicAccess   Bool                 `tf:"endpoint_public_access"`
	PrivateAccess  Bool                 `tf:"endpoint_private_access"`
	PublicCIDRs    List                 `tf:"public_access_cidrs"`
	Subnets        Refs[*Subnet]        `tf:"subnet_ids"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_group_ids"`
	// ClusterGroup is the id of the group that AWS makes for the cluster and
	// its nodes; only states know it.
	ClusterGroup Str `tf:"cluster_security_group_id"`
}

// ClusterEncryption is envelope encryption of Kubernetes secrets.
type ClusterEncryption struct {
	At        diag.Pos
	Resources List                    `tf:"resources"`
	Provider  Blocks[ClusterKeyOfKMS] `tf:"provider"`
}

// ClusterKeyOfKMS names the key.
type ClusterKeyOfKMS struct {
	Key Ref[*KMSKey] `tf:"key_arn"`
}

// ClusterAccess is who may authenticate.
type ClusterAccess struct {
	At           diag.Pos
	Mode         Str  `tf:"authentication_mode"`
	CreatorAdmin Bool `tf:"bootstrap_cluster_creator_admin_permissions"`
}

// NodeGroup is a managed node group (aws_eks_node_group).
type NodeGroup struct {
	Base
	Cluster  Ref[*EKSCluster]         `tf:"cluster_name"`
	Group    Str                      `tf:"node_group_name" key:"name"`
	Role     Ref[*Role]               `tf:"node_role_arn"`
	Subnets  Refs[*Subnet]            `tf:"subnet_ids"`
	AMI      Str                      `tf:"ami_type"`
	Version  Str                      `tf:"version"`
	Template Blocks[TemplateRef]      `tf:"launch_template"`
	Remote   Blocks[NodeRemoteAccess] `tf:"remote_access"`
	Labels   Map                      `tf:"labels"`
	Taints   Blocks[NodeTaint]        `tf:"taint"`
	Update   Blocks[NodeUpdate]       `tf:"update_config"`
	Types    List                     `tf:"instance_types"`
	Bounds   Blocks[NodeGroupBounds]  `tf:"scaling_config"`
	// Made is what EKS makes for it; only states know it.
	Made Blocks[NodeGroupMade] `tf:"resources"`
}

// NodeTaint keeps pods off the nodes of a group that do not tolerate it.
type NodeTaint struct {
	At     diag.Pos
	Key    Str `tf:"key"`
	Value  Str `tf:"value"`
	Effect Str `tf:"effect"` // NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE
}

// NodeGroupBounds are how many nodes a group has at least and at most.
type NodeGroupBounds struct {
	At  diag.Pos
	Min Int `tf:"min_size"`
	Max Int `tf:"max_size"`
}

// NodeGroupMade are the Auto Scaling groups of a node group.
type NodeGroupMade struct {
	At     diag.Pos
	Groups Blocks[NodeGroupScaling] `tf:"autoscaling_groups"`
}

// NodeGroupScaling is one of them.
type NodeGroupScaling struct {
	At   diag.Pos
	Name Str `tf:"name"`
}

// TemplateRef names a launch template by id or name.
type TemplateRef struct {
	At      diag.Pos
	ID      Ref[*LaunchTemplate] `tf:"id"`
	Name    Ref[*LaunchTemplate] `tf:"name"`
	Version Str                  `tf:"version"`
}

// NodeRemoteAccess opens SSH to nodes.
type NodeRemoteAccess struct {
	At      diag.Pos
	KeyPair Str                  `tf:"ec2_ssh_key"`
	From    Refs[*SecurityGroup] `tf:"source_security_group_ids"`
}

// NodeUpdate is how many nodes may be replaced at once.
type NodeUpdate struct {
	At             diag.Pos
	MaxUnavailable Int `tf:"max_unavailable"`
}

// EKSAddon is a managed add-on (aws_eks_addon).
type EKSAddon struct {
	Base
	Cluster Ref[*EKSCluster] `tf:"cluster_name"`
	Addon   Str              `tf:"addon_name"`
	Config  Str              `tf:"configuration_values"`
	Role    Ref[*Role]       `tf:"service_account_role_arn"`
}

// FargateProfile runs pods without nodes (aws_eks_fargate_profile).
type FargateProfile struct {
	Base
	Cluster   Ref[*EKSCluster]        `tf:"cluster_name"`
	Role      Ref[*Role]              `tf:"pod_execution_role_arn"`
	Subnets   Refs[*Subnet]           `tf:"subnet_ids"`
	Selectors Blocks[FargateSelector] `tf:"selector"`
}

// FargateSelector says which pods a profile runs.
type FargateSelector struct {
	At        diag.Pos
	Namespace Str `tf:"namespace"`
	Labels    Map `tf:"labels"`
}

// PodIdentity gives a service account a role through EKS Pod Identity
// (aws_eks_pod_identity_association).
type PodIdentity struct {
	Base
	Cluster        Ref[*EKSCluster] `tf:"cluster_name"`
	Namespace      Str              `tf:"namespace"`
	ServiceAccount Str              `tf:"service_account"`
	Role           Ref[*Role]       `tf:"role_arn"`
	NoSessionTags  Bool             `tf:"disable_session_tags"`
}

// EKSAccessEntry lets an IAM principal into a cluster (aws_eks_access_entry).
type EKSAccessEntry struct {
	Base
	Cluster   Ref[*EKSCluster] `tf:"cluster_name"`
	Principal Ref[Resource]    `tf:"principal_arn"`
	Groups    List             `tf:"kubernetes_groups"`
	Kind      Str              `tf:"type"` // STANDARD, or EC2_LINUX and its like for nodes
}

// EKSAccessPolicy says what it may do there (aws_eks_access_policy_association).
type EKSAccessPolicy struct {
	Base
	Cluster   Ref[*EKSCluster] `tf:"cluster_name"`
	Principal Ref[Resource]    `tf:"principal_arn"`
	Policy    Str              `tf:"policy_arn"`
	// Scope is where: the whole cluster, or some namespaces.
	Scope Blocks[EKSAccessScope] `tf:"access_scope"`
}

// EKSAccessScope is how far an access policy goes.
type EKSAccessScope struct {
	At         diag.Pos
	Kind       Str  `tf:"type"` // cluster or namespace
	Namespaces List `tf:"namespaces"`
}

// HelmRelease is a chart that Terraform installs in a cluster (helm_release).
// What the chart makes there is not read.
type HelmRelease struct {
	Base
	Release    Str  `tf:"name"`
	Chart      Str  `tf:"chart"`
	Repository Str  `tf:"repository"`
	Namespace  Str  `tf:"namespace"`
	Values     List `tf:"values"`
	Set        Tree `tf:"set"`
}

// LaunchTemplate is how instances are started (aws_launch_template).
type LaunchTemplate struct {
	Base
	TemplateName   Str                       `tf:"name" key:"name"`
	Image          Str                       `tf:"image_id"`
	KeyPair        Str                       `tf:"key_name"`
	SecurityGroups Refs[*SecurityGroup]      `tf:"vpc_security_group_ids"`
	UserData       Str                       `tf:"user_data"`
	Metadata       Blocks[MetadataOptions]   `tf:"metadata_options"`
	Interfaces     Blocks[TemplateInterface] `tf:"network_interfaces"`
	Devices        Blocks[TemplateDevice]    `tf:"block_device_mappings"`
	Profile        Blocks[TemplateProfile]   `tf:"iam_instance_profile"`
}

// LaunchConfiguration is the older form of a launch template
// (aws_launch_configuration).
type LaunchConfiguration struct {
	Base
	Image          Str                     `tf:"image_id"`
	PublicIP       Bool                    `tf:"associate_public_ip_address"`
	KeyPair        Str                     `tf:"key_name"`
	SecurityGroups Refs[*SecurityGroup]    `tf:"security_groups"`
	UserData       Str                     `tf:"user_data"`
	Profile        Ref[*InstanceProfile]   `tf:"iam_instance_profile"`
	Metadata       Blocks[MetadataOptions] `tf:"metadata_options"`
	Root           Blocks[BlockDevice]     `tf:"root_block_device"`
	Disks          Blocks[BlockDevice]     `tf:"ebs_block_device"`
}

// MetadataOptions is how the instance metadata service answers.
type MetadataOptions struct {
	At       diag.Pos
	Endpoint Str `tf:"http_endpoint"`
	Tokens   Str `tf:"http_tokens"`
	HopLimit Int `tf:"http_put_response_hop_limit"`
}

// TemplateInterface is a network interface of a launch template.
type TemplateInterface struct {
	At             diag.Pos
	PublicIP       Bool                 `tf:"associate_public_ip_address"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_groups"`
	Subnet         Ref[*Subnet]         `tf:"subnet_id"`
	IPv6Count      Int                  `tf:"ipv6_address_count"`
}

// TemplateDevice is a disk of a launch template.
type TemplateDevice struct {
	At  diag.Pos
	EBS Blocks[BlockDevice] `tf:"ebs"`
}

// BlockDevice is a disk.
type BlockDevice struct {
	At        diag.Pos
	Encrypted Bool         `tf:"encrypted"`
	Key       Ref[*KMSKey] `tf:"kms_key_id"`
}

// TemplateProfile names an instance profile.
type TemplateProfile struct {
	ARN  Ref[*InstanceProfile] `tf:"arn"`
	Name Ref[*InstanceProfile] `tf:"name"`
}

// Instance is an EC2 instance (aws_instance).
type Instance struct {
	Base
	Image          Str                     `tf:"ami"`
	Subnet         Ref[*Subnet]            `tf:"subnet_id"`
	PublicIP       Bool                    `tf:"associate_public_ip_address"`
	SecurityGroups Refs[*SecurityGroup]    `tf:"vpc_security_group_ids"`
	KeyPair        Str                     `tf:"key_name"`
	Profile        Ref[*InstanceProfile]   `tf:"iam_instance_profile"`
	UserData       Str                     `tf:"user_data"`
	UserDataBase64 Str                     `tf:"user_data_base64"`
	Metadata       Blocks[MetadataOptions] `tf:"metadata_options"`
	Template       Blocks[TemplateRef]     `tf:"launch_template"`
	Root           Blocks[BlockDevice]     `tf:"root_block_device"`
	Disks          Blocks[BlockDevice]     `tf:"ebs_block_device"`
	PrivateIP      Str                     `tf:"private_ip"`
	// Address is the public address; only states know it.
	Address   Str  `tf:"public_ip"`
	IPv6      List `tf:"ipv6_addresses"`
	IPv6Count Int  `tf:"ipv6_address_count"`
	// Interfaces are those made on their own that it starts with.
	Interfaces Blocks[InstanceInterface] `tf:"network_interface"`
	Primary    Blocks[InstanceInterface] `tf:"primary_network_interface"`
	// Groups are security groups by name, in a default VPC.
	Groups          Refs[*SecurityGroup] `tf:"security_groups"`
	SourceDestCheck Bool                 `tf:"source_dest_check"`
}

// InstanceInterface names an interface of an instance.
type InstanceInterface struct {
	At        diag.Pos
	Interface Ref[*NetworkInterface] `tf:"network_interface_id"`
}

// AutoScalingGroup keeps a number of instances (aws_autoscaling_group).
type AutoScalingGroup struct {
	Base
	GroupName    Str                       `tf:"name" key:"name"`
	TargetGroups Refs[*TargetGroup]        `tf:"target_group_arns"`
	ClassicLBs   Refs[*ClassicLB]          `tf:"load_balancers"`
	Sources      Blocks[TrafficFrom]       `tf:"traffic_source"`
	Template     Blocks[TemplateRef]       `tf:"launch_template"`
	Mixed        Blocks[MixedInstances]    `tf:"mixed_instances_policy"`
	Config       Ref[*LaunchConfiguration] `tf:"launch_configuration"`
	Subnets      Refs[*Subnet]             `tf:"vpc_zone_identifier"`
	MaxLifetime  Int                       `tf:"max_instance_lifetime"` // seconds; 0 is for ever
	Tag          Blocks[PropagatedTag]     `tf:"tag"`
}

// TrafficFrom names what sends requests to the instances of a group: the ARN of
// a target group, or the name of a classic load balancer.
type TrafficFrom struct {
	At          diag.Pos
	TargetGroup Ref[*TargetGroup] `tf:"identifier"`
	Kind        Str               `tf:"type"`
}

// AutoScalingAttachment puts the instances of a group behind a load balancer
// (aws_autoscaling_attachment). The group may be that of an EKS node group.
type AutoScalingAttachment struct {
	Base
	Group       Ref[*AutoScalingGroup] `tf:"autoscaling_group_name"`
	TargetGroup Ref[*TargetGroup]      `tf:"lb_target_group_arn"`
	ClassicLB   Ref[*ClassicLB]        `tf:"elb"`
}

// MixedInstances is a launch template with several instance types.
type MixedInstances struct {
	Template Blocks[MixedTemplate] `tf:"launch_template"`
}

// MixedTemplate holds the launch template's name.
type MixedTemplate struct {
	Spec Blocks[MixedTemplateSpec] `tf:"launch_template_specification"`
}

// MixedTemplateSpec names a launch template by id or name.
type MixedTemplateSpec struct {
	ID   Ref[*LaunchTemplate] `tf:"launch_template_id"`
	Name Ref[*LaunchTemplate] `tf:"launch_template_name"`
}

// PropagatedTag is a tag of the group that its instances may get too.
type PropagatedTag struct {
	Key   Str `tf:"key"`
	Value Str `tf:"value"`
}

// KeyPair is an SSH key (aws_key_pair).
type KeyPair struct {
	Base
	KeyName Str `tf:"key_name" key:"name"`
}

// Volume is an EBS volume (aws_ebs_volume).
type Volume struct {
	Base
	Encrypted Bool         `tf:"encrypted"`
	Key       Ref[*KMSKey] `tf:"kms_key_id"`
}

// EBSDefault encrypts every new volume of a region (aws_ebs_encryption_by_default).
type EBSDefault struct {
	Base
	Enabled Bool `tf:"enabled"`
}

// EBSDefaultKey is the key it uses (aws_ebs_default_kms_key).
type EBSDefaultKey struct {
	Base
	Key Ref[*KMSKey] `tf:"key_arn"`
}

// MetadataDefaults are the account's defaults for instance metadata
// (aws_ec2_instance_metadata_defaults).
type MetadataDefaults struct {
	Base
	Tokens   Str `tf:"http_tokens"`
	HopLimit Int `tf:"http_put_response_hop_limit"`
}

// Lambda is a function (aws_lambda_function).
type Lambda struct {
	Base
	Function    Str                       `tf:"function_name" key:"name"`
	Role        Ref[*Role]                `tf:"role"`
	Key         Ref[*KMSKey]              `tf:"kms_key_arn"`
	Environment Blocks[LambdaEnvironment] `tf:"environment"`
	Network     Blocks[LambdaNetwork]     `tf:"vpc_config"`
}

// LambdaEnvironment are a function's variables.
type LambdaEnvironment struct {
	At        diag.Pos
	Variables Map `tf:"variables"`
}

// LambdaNetwork places a function in a VPC.
type LambdaNetwork struct {
	At             diag.Pos
	Subnets        Refs[*Subnet]        `tf:"subnet_ids"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_group_ids"`
}

// ECSTask is an ECS task definition (aws_ecs_task_definition).
type ECSTask struct {
	Base
	Containers Str        `tf:"container_definitions"`
	TaskRole   Ref[*Role] `tf:"task_role_arn"`
}

// ECSService runs tasks (aws_ecs_service).
type ECSService struct {
	Base
	ServiceName   Str                       `tf:"name" key:"name"`
	Task          Ref[*ECSTask]             `tf:"task_definition"`
	LaunchType    Str                       `tf:"launch_type"`
	Network       Blocks[ECSServiceNetwork] `tf:"network_configuration"`
	LoadBalancers Blocks[ECSServiceTargets] `tf:"load_balancer"`
}

// ECSServiceTargets puts a container of a service behind a load balancer.
type ECSServiceTargets struct {
	At          diag.Pos
	TargetGroup Ref[*TargetGroup] `tf:"target_group_arn"`
	ClassicLB   Ref[*ClassicLB]   `tf:"elb_name"`
	Container   Str               `tf:"container_name"`
	Port        Int               `tf:"container_port"`
}

// ECSServiceNetwork places tasks in a VPC.
type ECSServiceNetwork struct {
	At             diag.Pos
	Subnets        Refs[*Subnet]        `tf:"subnets"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_groups"`
	PublicIP       Bool                 `tf:"assign_public_ip"`
}
