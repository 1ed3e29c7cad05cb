package iam

// The most characters, white space not counted, that AWS takes for a document
// of each kind. Where several quotas meet in one kind the largest counts, so
// that no document is refused that AWS holds somewhere.
//
//   - Identity: AWS's own managed policies keep to no quota: ReadOnlyAccess has
//     85,643 characters, AWSSupportServiceRolePolicy 139,749 (2026-03). The limit
//     only bounds the work; see ownLimit.
//   - Resource: OpenSearch takes 102,400; KMS 32,768, S3, Lambda and Secrets
//     Manager 20,480.
//   - Trust: 2,048, by request up to 8,192 ("IAM and AWS STS quotas").
//   - SCP and RCP: 10,240 and 5,120 ("Quotas for AWS Organizations").
var limits = [...]int{
	Identity: 262_144,
	Resource: 102_400,
	Trust:    8_192,
	Endpoint: 20_480,
	SCP:      10_240,
	RCP:      5_120,
}

// ownLimit is the most that people can store in an identity policy: an Identity
// Center inline policy has 32,768; a managed policy 6,144, the inline policies
// of a role 10,240, of a user 2,048 ("IAM and AWS STS quotas", "IAM Identity
// Center quotas"). More is a warning: the document may be AWS's.
const ownLimit = 32_768

// size counts what AWS counts: characters that are not JSON white space.
func size(text string) int {
	n := 0
	for i := range len(text) {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			if c&0xC0 != 0x80 {
				n++
			}
		}
	}
	return n
}
