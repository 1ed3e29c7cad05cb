package estate

import "fathom/diag"

// Role is an IAM role (aws_iam_role).
type Role struct {
	Base
	RoleName   Str                  `tf:"name" key:"name"`
	Path       Str                  `tf:"path"`
	Trust      Policy               `tf:"assume_role_policy"`
	Boundary   Ref[*IAMPolicy]      `tf:"permissions_boundary"`
	MaxSession Int                  `tf:"max_session_duration"`
	Managed    Refs[*IAMPolicy]     `tf:"managed_policy_arns"`
	Inline     Blocks[InlinePolicy] `tf:"inline_policy"`
}

// InlinePolicy is a policy written inside its role.
type InlinePolicy struct {
	At     diag.Pos
	Name   Str    `tf:"name"`
	Policy Policy `tf:"policy"`
}

// RolePolicy is an inline policy of a role, on its own (aws_iam_role_policy).
type RolePolicy struct {
	Base
	Role   Ref[*Role] `tf:"role"`
	Policy Policy     `tf:"policy"`
}

// RoleAttachment attaches a managed policy to a role
// (aws_iam_role_policy_attachment).
type RoleAttachment struct {
	Base
	Role   Ref[*Role]      `tf:"role"`
	Policy Ref[*IAMPolicy] `tf:"policy_arn"`
}

// RoleAttachments attaches exactly these managed policies
// (aws_iam_role_policy_attachments_exclusive).
type RoleAttachments struct {
	Base
	Role     Ref[*Role]       `tf:"role_name"`
	Policies Refs[*IAMPolicy] `tf:"policy_arns"`
}

// PolicyAttachment attaches a managed policy to many at once
// (aws_iam_policy_attachment).
type PolicyAttachment struct {
	Base
	Policy Ref[*IAMPolicy] `tf:"policy_arn"`
	Roles  Refs[*Role]     `tf:"roles"`
	Users  Refs[*User]     `tf:"users"`
	Groups Refs[*Group]    `tf:"groups"`
}

// IAMPolicy is a customer-managed policy (aws_iam_policy).
type IAMPolicy struct {
	Base
	PolicyName Str    `tf:"name" key:"name"`
	Path       Str    `tf:"path"`
	Policy     Policy `tf:"policy"`
}

// User is an IAM user (aws_iam_user).
type User struct {
	Base
	UserName Str             `tf:"name" key:"name"`
	Path     Str             `tf:"path"`
	Boundary Ref[*IAMPolicy] `tf:"permissions_boundary"`
}

// UserPolicy is an inline policy of a user (aws_iam_user_policy).
type UserPolicy struct {
	Base
	User   Ref[*User] `tf:"user"`
	Policy Policy     `tf:"policy"`
}

// UserAttachment attaches a managed policy to a user
// (aws_iam_user_policy_attachment).
type UserAttachment struct {
	Base
	User   Ref[*User]      `tf:"user"`
	Policy Ref[*IAMPolicy] `tf:"policy_arn"`
}

// Group is an IAM group (aws_iam_group).
type Group struct {
	Base
	GroupName Str `tf:"name" key:"name"`
	Path      Str `tf:"path"`
}

// GroupPolicy is an inline policy of a group (aws_iam_group_policy).
type GroupPolicy struct {
	Base
	Group  Ref[*Group] `tf:"group"`
	Policy Policy      `tf:"policy"`
}

// GroupAttachment attaches a managed policy to a group
// (aws_iam_group_policy_attachment).
type GroupAttachment struct {
	Base
	Group  Ref[*Group]     `tf:"group"`
	Policy Ref[*IAMPolicy] `tf:"policy_arn"`
}

// GroupMembers puts users into a group (aws_iam_group_membership).
type GroupMembers struct {
	Base
	Group Ref[*Group] `tf:"group"`
	Users Refs[*User] `tf:"users"`
}

// UserGroups puts a user into groups (aws_iam_user_group_membership).
type UserGroups struct {
	Base
	User   Ref[*User]   `tf:"user"`
	Groups Refs[*Group] `tf:"groups"`
}

// AccessKey is a long-lived key of a user (aws_iam_access_key).
type AccessKey struct {
	Base
	User   Ref[*User] `tf:"user"`
	Status Str        `tf:"status"`
}

// LoginProfile lets a user into the console (aws_iam_user_login_profile).
type LoginProfile struct {
	Base
	User Ref[*User] `tf:"user"`
}

// MFADevice is a user's virtual MFA device (aws_iam_virtual_mfa_device).
type MFADevice struct {
	Base
	Device Str `tf:"virtual_mfa_device_name"`
}

// PasswordPolicy is the account's rule for passwords
// (aws_iam_account_password_policy).
type PasswordPolicy struct {
	Base
	MinLength Int `tf:"minimum_password_length"`
}

// InstanceProfile carries a role to an instance (aws_iam_instance_profile).
type InstanceProfile struct {
	Base
	ProfileName Str        `tf:"name" key:"name"`
	Path        Str        `tf:"path"`
	Role        Ref[*Role] `tf:"role"`
}

// OIDCProvider is an identity provider that web identities come from
// (aws_iam_openid_connect_provider).
type OIDCProvider struct {
	Base
	URL       Ref[*EKSCluster] `tf:"url"`
	ClientIDs List             `tf:"client_id_list"`
}

// SAMLProvider is a SAML identity provider (aws_iam_saml_provider).
type SAMLProvider struct {
	Base
}

// OrgPolicy is an SCP or RCP (aws_organizations_policy).
type OrgPolicy struct {
	Base
	Kind    Str    `tf:"type"`
	Content Policy `tf:"content"`
}

// OrgAttachment attaches an SCP or RCP (aws_organizations_policy_attachment).
type OrgAttachment struct {
	Base
	Policy Ref[*OrgPolicy] `tf:"policy_id"`
	Target Str             `tf:"target_id"`
}

// Organization is the organisation (aws_organizations_organization).
type Organization struct {
	Base
	PolicyTypes List `tf:"enabled_policy_types"`
	Services    List `tf:"aws_service_access_principals"`
}

// OrgFeatures are what the organisation does for its members' root users
// (aws_iam_organizations_features).
type OrgFeatures struct {
	Base
	Features List `tf:"enabled_features"`
}

// AccessAnalyzer is IAM Access Analyzer (aws_accessanalyzer_analyzer).
type AccessAnalyzer struct {
	Base
	Kind Str `tf:"type"`
}

// PermissionSet is an Identity Center role (aws_ssoadmin_permission_set).
type PermissionSet struct {
	Base
	SetName  Str `tf:"name" key:"name"`
	Duration Str `tf:"session_duration"`
}

// PermissionSetPolicy is its inline policy (aws_ssoadmin_permission_set_inline_policy).
type PermissionSetPolicy struct {
	Base
	Set    Ref[*PermissionSet] `tf:"permission_set_arn"`
	Policy Policy              `tf:"inline_policy"`
}

// PermissionSetManaged attaches an AWS-managed policy
// (aws_ssoadmin_managed_policy_attachment).
type PermissionSetManaged struct {
	Base
	Set    Ref[*PermissionSet] `tf:"permission_set_arn"`
	Policy Str                 `tf:"managed_policy_arn"`
}

// CustomerPolicyRef names a customer-managed policy of each account that a
// permission set is given in.
type CustomerPolicyRef struct {
	At   diag.Pos
	Name Ref[*IAMPolicy] `tf:"name"`
	Path Str             `tf:"path"`
}

// PermissionSetCustomer attaches a customer-managed policy
// (aws_ssoadmin_customer_managed_policy_attachment).
type PermissionSetCustomer struct {
	Base
	Set    Ref[*PermissionSet]       `tf:"permission_set_arn"`
	Policy Blocks[CustomerPolicyRef] `tf:"customer_managed_policy_reference"`
}

// PermissionSetBoundary is a permission set's permissions boundary
// (aws_ssoadmin_permissions_boundary_attachment).
type PermissionSetBoundary struct {
	Base
	Set      Ref[*PermissionSet]               `tf:"permission_set_arn"`
	Boundary Blocks[PermissionSetBoundaryName] `tf:"permissions_boundary"`
}

// PermissionSetBoundaryName names the policy that is the boundary.
type PermissionSetBoundaryName struct {
	At       diag.Pos
	Managed  Str                       `tf:"managed_policy_arn"`
	Customer Blocks[CustomerPolicyRef] `tf:"customer_managed_policy_reference"`
}

// OrgAccount is a member account (aws_organizations_account).
type OrgAccount struct {
	Base
	AccountName Str           `tf:"name"`
	Parent      Ref[Resource] `tf:"parent_id"`
}

// OrgUnit is an organisational unit (aws_organizations_organizational_unit).
type OrgUnit struct {
	Base
	UnitName Str           `tf:"name"`
	Parent   Ref[Resource] `tf:"parent_id"`
}

// Holder is a role, user, group or permission set that holds permissions.
type Holder struct {
	Resource
	// Grants are the policy documents it holds and where each stands.
	Grants []Grant
	// AWSManaged are the ARNs of AWS-managed policies attached to it.
	AWSManaged []Str
	// ManagedMaybe says of each of AWSManaged why it is not known whether it is
	// attached, or "".
	ManagedMaybe []string
	// Why says what of its permissions could not be read; "".
	Why string
	// Partial are the documents that are not known, or not as a whole: what is
	// known of one is in its Text.
	Partial []Grant
	// Unread are the other parts of its permissions that could not be read.
	Unread []Unread
}

// Unread is a part of something that could not be read.
type Unread struct {
	At  diag.Pos
	Why string
}

// Grant is one policy document that a holder has.
type Grant struct {
	// From is the resource that holds the document: the role itself, a
	// RolePolicy, an IAMPolicy.
	From   Resource
	Policy *Policy
	At     diag.Pos
	// Maybe says why it is not known whether the holder has it, or "".
	Maybe string
}
