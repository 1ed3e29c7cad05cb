package escalate

// way is one known means of raising privileges.
type way struct {
	id    string
	known []string // ids in pathfinding.cloud
	kind  Kind
	over  over
	asks  []ask
	gain  prize
	// how is what happens in the end, up to the one who is gained: "the function
	// runs as {target}".
	how string
	// maybe says why it is not certain to work wherever its requests are
	// allowed; limits what else has to hold.
	maybe  string
	limits []string
	// unless are ways that need no more and gain the same at the same site:
	// where one of them works this one is not listed.
	unless []string
	// resource is the kind of thing that has to exist already and that the
	// estate has no type for: the Terraform types, and what to call one.
	resource []string
	called   string
	// service is the service that a role is passed to; trusted the one that its
	// trust policy names, where that is another.
	service, trusted string
}

// ask is one request of a way. {holes} in its texts are filled by the site.
type ask struct {
	do string
	on string
	// also are further resources that the same call is authorised on.
	also []string
	// with are condition keys of the request: "key=value".
	with []string
	// free says that the attacker chooses the names in on: the name may be any
	// that a statement asks for.
	free bool
	// aside is said after the resource: ", which …".
	aside string
	// supposing is a document that earlier requests have put in place as the
	// resource's policy.
	supposing string
	// when drops the ask where the site does not have that mark.
	when string
}

// over is what a way ranges over.
type over uint8

// The ranges.
const (
	overSelfUser over = iota + 1
	overSelfRole
	overSelf        // user or role
	overOwnGroup    // groups that the user is in
	overOtherGroup  // groups that the user is not in
	overOwnPolicy   // customer-managed policies attached to the principal or its groups
	overUserOneKey  // other users with room for an access key
	overUserTwoKeys // other users with two
	overUserNoLogin
	overUserLogin
	overRole          // other roles that a caller may become
	overRolePolicy    // customer-managed policies attached to other roles, with the role
	overPass          // roles whose trust policy lets the service in
	overPassProfile   // the same, with or without an instance profile
	overPassExecution // roles for CloudFormation, with those they can assume
	overFunction
	overInstance
	overManaged // instances that Systems Manager may manage
	overTemplate
	overBuild
	overTask
	overExisting // things of a type the estate does not model
	overExistingPass
	overCluster
	overClusterPass
	overKey
	overBucket
	overSecret
	overProvider
	overProviderRole
	overBoundary
	overBoundaryPolicy
	overOrgPolicy
	overECSCluster // roles for ECS tasks, where a cluster exists
)

// prize is what a way gains.
type prize uint8

// The prizes.
const (
	prizeSelf        prize = iota + 1 // everything that boundary and SCPs leave
	prizeTarget                       // what the target may
	prizeTargetAdmin                  // everything that the target's boundary and SCPs leave
	prizeGroup                        // what the group may
	prizeCluster
	prizeUse   // a request on the data that a rewritten policy allows
	prizeData  // data that no request stands for
	prizeNoCap // what the boundary kept away
	prizeNoSCP
)

// wayOf is the id of the way that is one request, such as iam:AttachRolePolicy.
func wayOf(action string) string {
	for i := range ways {
		if len(ways[i].asks) == 1 && ways[i].asks[0].do == action {
			return ways[i].id
		}
	}
	return action
}
