package iam

// rcpServices are the services whose resources RCPs bear on, by the prefix of
// their actions, and since when (AWS Organizations, "List of AWS services that
// support RCPs"; as of 2026-11-22).
var rcpServices = map[string]string{
	"s3": "2024-11", "sts": "2024-11", "kms": "2024-11", "sqs": "2024-11", "secretsmanager": "2024-11",
	"ecr": "2025-06", "aoss": "2025-06",
	"cognito-identity": "2026-01", "cognito-idp": "2026-01", "logs": "2026-01",
}

// unsigned says whether an action is called without credentials: the caller
// shows a token, and only the role's trust policy decides.
func (e *eval) unsigned() bool {
	return e.service == "sts" && (e.name == "assumerolewithwebidentity" || e.name == "assumerolewithsaml")
}

// ownPolicyDecides says whether the resource's own policy has to allow the
// request even inside its account: a role's trust policy, a KMS key's policy.
func (e *eval) ownPolicyDecides() bool {
	switch e.service {
	case "sts":
		return e.isARN && e.resource[2] == "iam" && hasPrefix(e.resource[5], "role/") || e.unsigned()
	case "kms":
		return e.isARN && e.resource[2] == "kms" && hasPrefix(e.resource[5], "key/")
	}
	return false
}

// repairs says whether the root user of a bucket's account mends its policy,
// which no Deny in that policy can stop (S3 User Guide, "Bucket policies").
func (e *eval) repairs() bool {
	if e.service != "s3" || e.caller.Kind != Root || e.caller.Account != e.owner {
		return false
	}
	return e.name == "deletebucketpolicy" || e.name == "getbucketpolicy" || e.name == "putbucketpolicy"
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }
