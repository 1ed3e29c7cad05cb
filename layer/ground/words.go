package ground

import "fathom/engine/depth"

// The words: every capability that a step gives or needs. Beside each stands
// which layers' steps give it; any step may need it. A workload is written as
// Workload.Name, a store as Store.Name, a node as Node.Name, a principal as
// access.Principal.Name.

// Begin is where an attacker starts: the Name of a Start. Given to him.
func Begin(start string) depth.Capability { return depth.Capability{Kind: "start", Of: start} }

// Attack is to send a workload a request of the attacker's own making, past
// everything that judges requests, so that what is broken in it breaks.
// Given by edge (through the front door), network (around it) and mesh (from
// another workload).
func Attack(workload string) depth.Capability { return depth.Capability{Kind: "attack", Of: workload} }

// Flood is to send more requests to a workload than it can serve. Given by edge.
func Flood(workload string) depth.Capability { return depth.Capability{Kind: "flood", Of: workload} }

// Connect is to get packets from a workload, or from a node, to a workload or
// store: to the end of the network, before the mesh. Given by network.
func Connect(to, from string) depth.Capability {
	return depth.Capability{Kind: "connect", Of: to, By: from}
}

// Call is to have a request from a workload taken by another, as far as the mesh
// decides: what its caller may ask for and no more. Given by mesh.
func Call(to, from string) depth.Capability {
	return depth.Capability{Kind: "call", Of: to, By: from}
}

// Run is to run one's own code in a workload's pods, with its rights. Given by
// supply (by an attack that worked, by an image, by the node), access (by a
// shell) and identity (by whoever administers the cluster).
func Run(workload string) depth.Capability { return depth.Capability{Kind: "run", Of: workload} }

// OnNode is to be root on the nodes of a group, or on an instance. Given by
// supply (out of a pod), network (by SSH) and access (by a session).
func OnNode(node string) depth.Capability { return depth.Capability{Kind: "node", Of: node} }

// Act is to ask AWS as a principal, from anywhere. Given by identity (tokens,
// metadata, trust, escalation), access (people's sessions) and supply (the
// pipeline's roles).
func Act(principal string) depth.Capability { return depth.Capability{Kind: "act", Of: principal} }

// Admin is to do everything in the account that no guardrail stops. Given by
// identity.
var Admin = depth.Capability{Kind: "admin"}

// ClusterAdmin is to do everything in the Kubernetes cluster. Given by identity
// and access.
var ClusterAdmin = depth.Capability{Kind: "cluster-admin"}

// Push is to put an image of one's own under a name that the cluster pulls.
// Given by supply.
var Push = depth.Capability{Kind: "push"}

// Deploy is to have code of one's own run in the cluster as any workload. Given
// by supply; a goal of its own.
var Deploy = depth.Capability{Kind: "deploy"}

// Login is to have what a store asks of those who connect: a password, a token,
// nothing. Given by data.
func Login(store string) depth.Capability { return depth.Capability{Kind: "login", Of: store} }

// Hold is to have what a store holds, sealed as it is there, at a workload or
// node; or, with Outside, where the attacker wants it. Given by data.
func Hold(store, at string) depth.Capability {
	return depth.Capability{Kind: "hold", Of: store, By: at}
}

// Outside is where the attacker is at home.
const Outside = "outside"

// Unseal is to read what an application has sealed before it was stored. Given
// by data; for a store in which nothing is sealed, for nothing.
func Unseal(store string) depth.Capability { return depth.Capability{Kind: "unseal", Of: store} }

// Out is to carry much data from a workload or node to the outside. Given by
// network (egress, endpoints), edge (in answers to requests) and access (through
// a session).
func Out(from string) depth.Capability { return depth.Capability{Kind: "out", Of: from} }

// QuietPods and QuietAWS are to go on for as long as a bulk theft or destruction
// takes: nobody sees what happens in pods, or in the account, or nobody who sees
// it stops it. Given by response (and supply, for what watches pods).
var (
	QuietPods = depth.Capability{Kind: "quiet", Of: "pods"}
	QuietAWS  = depth.Capability{Kind: "quiet", Of: "aws"}
)

// Take is to have what a store holds, readable, outside: the goal of a thief.
// Given by data.
func Take(store string) depth.Capability { return depth.Capability{Kind: "take", Of: store} }

// TakeData is to have all of a kind of data outside. Given by data, by any store
// that holds it.
func TakeData(name string) depth.Capability { return depth.Capability{Kind: "take-data", Of: name} }

// Destroy is to destroy one copy of a store: the Name of a Copy. Given by data.
func Destroy(copy string) depth.Capability { return depth.Capability{Kind: "destroy", Of: copy} }

// Lose is that every copy of a store is destroyed, or none can be read: the goal
// of ransomware. Given by data.
func Lose(store string) depth.Capability { return depth.Capability{Kind: "lose", Of: store} }

// LoseBackups is that every backup of everything is destroyed. Given by data; a
// goal of its own.
var LoseBackups = depth.Capability{Kind: "lose-backups"}

// Forge is to have a workload do for the attacker what its callers may ask of
// it: an order, a payment. Given by mesh; a goal of its own.
func Forge(workload string) depth.Capability { return depth.Capability{Kind: "forge", Of: workload} }

// Down is that a workload serves nobody any more. Given by edge.
func Down(workload string) depth.Capability { return depth.Capability{Kind: "down", Of: workload} }
