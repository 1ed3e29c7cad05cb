package escalate

// The holes that every site fills: {me} is the principal's ARN (the role's for
// a session), {name} what it is called, {partition}, {region} and {account}
// those of the estate, {service} the way's. The others are the site's.
const (
	adminPolicy  = "iam:PolicyARN=arn:{partition}:iam::aws:policy/AdministratorAccess"
	fiveVersions = "a policy has at most five versions: where it has, iam:DeletePolicyVersion is needed too"
)

// iamWays change who may do what in IAM itself.
var iamWays = []way{
	{
		id: "iam-create-policy-version", known: []string{"iam-001"}, kind: Self, over: overOwnPolicy, gain: prizeSelf,
		asks:   []ask{{do: "iam:CreatePolicyVersion", on: "{policy}", aside: "which is attached to {holder}"}},
		how:    "a new version that allows everything",
		limits: []string{fiveVersions},
	},
	{
		id: "iam-set-default-policy-version", kind: Self, over: overOwnPolicy, gain: prizeSelf,
		asks:  []ask{{do: "iam:SetDefaultPolicyVersion", on: "{policy}", aside: "which is attached to {holder}"}},
		how:   "an older version that allows everything",
		maybe: "whether an older version of the policy allows more is in no file", called: "an older version that allows more", resource: []string{""},
		unless: []string{"iam-create-policy-version"},
	},
	{
		id: "iam-create-access-key", known: []string{"iam-002"}, kind: PrincipalAccess, over: overUserOneKey, gain: prizeTarget,
		asks: []ask{{do: "iam:CreateAccessKey", on: "{user}", aside: "who has {keys}"}},
		how:  "it is a key of {target}",
	},
	{
		id: "iam-delete-and-create-access-key", known: []string{"iam-003"}, kind: PrincipalAccess, over: overUserTwoKeys, gain: prizeTarget,
		asks: []ask{
			{do: "iam:DeleteAccessKey", on: "{user}", aside: "who has two, the most there can be"},
			{do: "iam:CreateAccessKey", on: "{user}"},
		},
		how:    "it is a key of {target}",
		limits: []string{"what used the deleted key stops working"},
	},
	{
		id: "iam-create-login-profile", known: []string{"iam-004"}, kind: PrincipalAccess, over: overUserNoLogin, gain: prizeTarget,
		asks: []ask{{do: "iam:CreateLoginProfile", on: "{user}", aside: "who has no password for the console"}},
		how:  "the password opens the console as {target}",
	},
	{
		id: "iam-update-login-profile", known: []string{"iam-006"}, kind: PrincipalAccess, over: overUserLogin, gain: prizeTarget,
		asks:   []ask{{do: "iam:UpdateLoginProfile", on: "{user}", aside: "who has a password for the console"}},
		how:    "the new password opens the console as {target}",
		limits: []string{"an MFA device of the user still has to be passed"},
	},
	{
		id: "iam-put-user-policy", known: []string{"iam-007"}, kind: Self, over: overSelfUser, gain: prizeSelf,
		asks: []ask{{do: "iam:PutUserPolicy", on: "{me}", aside: "which is {name} itself"}},
		how:  "an inline policy that allows everything",
	},
	{
		id: "iam-put-role-policy", known: []string{"iam-005"}, kind: Self, over: overSelfRole, gain: prizeSelf,
		asks: []ask{{do: "iam:PutRolePolicy", on: "{me}", aside: "which is {name} itself"}},
		how:  "an inline policy that allows everything",
	},
	{
		id: "iam-put-group-policy", known: []string{"iam-011"}, kind: Self, over: overOwnGroup, gain: prizeSelf,
		asks: []ask{{do: "iam:PutGroupPolicy", on: "{group}", aside: "which {name} is in"}},
		how:  "an inline policy that allows everything",
	},
	{
		id: "iam-attach-user-policy", known: []string{"iam-008"}, kind: Self, over: overSelfUser, gain: prizeSelf,
		asks: []ask{{do: "iam:AttachUserPolicy", on: "{me}", with: []string{adminPolicy}, aside: "which is {name} itself"}},
		how:  "AWS's policy AdministratorAccess",
	},
	{
		id: "iam-attach-role-policy", known: []string{"iam-009"}, kind: Self, over: overSelfRole, gain: prizeSelf,
		asks: []ask{{do: "iam:AttachRolePolicy", on: "{me}", with: []string{adminPolicy}, aside: "which is {name} itself"}},
		how:  "AWS's policy AdministratorAccess",
	},
	{
		id: "iam-attach-group-policy", known: []string{"iam-010"}, kind: Self, over: overOwnGroup, gain: prizeSelf,
		asks: []ask{{do: "iam:AttachGroupPolicy", on: "{group}", with: []string{adminPolicy}, aside: "which {name} is in"}},
		how:  "AWS's policy AdministratorAccess",
	},
	{
		id: "iam-add-user-to-group", known: []string{"iam-013"}, kind: Self, over: overOtherGroup, gain: prizeGroup,
		asks: []ask{{do: "iam:AddUserToGroup", on: "{group}", aside: "which {name} is not in"}},
		how:  "membership of group {groupname}",
	},
	{
		id: "iam-update-assume-role-policy", known: []string{"iam-012"}, kind: PrincipalAccess, over: overRole, gain: prizeTarget,
		asks: []ask{
			{do: "iam:UpdateAssumeRolePolicy", on: "{role}", aside: "whose new trust policy lets {name} in"},
			{do: "sts:AssumeRole", on: "{role}", supposing: trustsCaller},
		},
		how:    "the session is one of {target}",
		unless: []string{"sts-assume-role"},
	},
	{
		id: "sts-assume-role", known: []string{"sts-001"}, kind: PrincipalAccess, over: overRole, gain: prizeTarget,
		asks: []ask{{do: "sts:AssumeRole", on: "{role}", aside: "which trusts {name}"}},
		how:  "the session is one of {target}",
	},
	{
		id: "iam-attach-role-policy-and-assume-role", known: []string{"iam-014"}, kind: PrincipalAccess, over: overRole, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:AttachRolePolicy", on: "{role}", with: []string{adminPolicy}},
			{do: "sts:AssumeRole", on: "{role}", aside: "which trusts {name}"},
		},
		how: "with AWS's policy AdministratorAccess on it, the session is one of {target}",
	},
	{
		id: "iam-attach-user-policy-and-create-access-key", known: []string{"iam-015"}, kind: PrincipalAccess, over: overUserOneKey, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:AttachUserPolicy", on: "{user}", with: []string{adminPolicy}},
			{do: "iam:CreateAccessKey", on: "{user}", aside: "who has {keys}"},
		},
		how: "with AWS's policy AdministratorAccess on it, it is a key of {target}",
	},
	{
		id: "iam-create-policy-version-and-assume-role", known: []string{"iam-016"}, kind: PrincipalAccess, over: overRolePolicy, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:CreatePolicyVersion", on: "{policy}", aside: "which is attached to {target}"},
			{do: "sts:AssumeRole", on: "{role}", aside: "which trusts {name}"},
		},
		how:    "with a new version that allows everything, the session is one of {target}",
		limits: []string{fiveVersions},
	},
	{
		id: "iam-put-role-policy-and-assume-role", known: []string{"iam-017"}, kind: PrincipalAccess, over: overRole, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:PutRolePolicy", on: "{role}"},
			{do: "sts:AssumeRole", on: "{role}", aside: "which trusts {name}"},
		},
		how: "with an inline policy that allows everything, the session is one of {target}",
	},
	{
		id: "iam-put-user-policy-and-create-access-key", known: []string{"iam-018"}, kind: PrincipalAccess, over: overUserOneKey, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:PutUserPolicy", on: "{user}"},
			{do: "iam:CreateAccessKey", on: "{user}", aside: "who has {keys}"},
		},
		how: "with an inline policy that allows everything, it is a key of {target}",
	},
	{
		id: "iam-attach-role-policy-and-update-trust", known: []string{"iam-019"}, kind: PrincipalAccess, over: overRole, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:AttachRolePolicy", on: "{role}", with: []string{adminPolicy}},
			{do: "iam:UpdateAssumeRolePolicy", on: "{role}", aside: "whose new trust policy lets {name} in"},
			{do: "sts:AssumeRole", on: "{role}", supposing: trustsCaller},
		},
		how:    "with AWS's policy AdministratorAccess on it, the session is one of {target}",
		unless: []string{"iam-attach-role-policy-and-assume-role"},
	},
	{
		id: "iam-create-policy-version-and-update-trust", known: []string{"iam-020"}, kind: PrincipalAccess, over: overRolePolicy, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:CreatePolicyVersion", on: "{policy}", aside: "which is attached to {target}"},
			{do: "iam:UpdateAssumeRolePolicy", on: "{role}", aside: "whose new trust policy lets {name} in"},
			{do: "sts:AssumeRole", on: "{role}", supposing: trustsCaller},
		},
		how:    "with a new version that allows everything, the session is one of {target}",
		limits: []string{fiveVersions},
		unless: []string{"iam-create-policy-version-and-assume-role"},
	},
	{
		id: "iam-put-role-policy-and-update-trust", known: []string{"iam-021"}, kind: PrincipalAccess, over: overRole, gain: prizeTargetAdmin,
		asks: []ask{
			{do: "iam:PutRolePolicy", on: "{role}"},
			{do: "iam:UpdateAssumeRolePolicy", on: "{role}", aside: "whose new trust policy lets {name} in"},
			{do: "sts:AssumeRole", on: "{role}", supposing: trustsCaller},
		},
		how:    "with an inline policy that allows everything, the session is one of {target}",
		unless: []string{"iam-put-role-policy-and-assume-role"},
	},
}

// trustsCaller is the trust policy that an attacker writes: everybody, which
// grants directly, but only this one.
const trustsCaller = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"ArnEquals":{"aws:PrincipalArn":"{me}"}}}]}`
