package platform

import "time"

// Platform is a declaration. All lists are sorted by name where their order has
// no meaning, so that the order in which somebody wrote them changes nothing.
type Platform struct {
	// Name is the platform's: lower case letters, digits and dashes, at most 20
	// characters, as it begins the names of buckets and roles.
	Name string
	// Region is where it runs, BackupRegion where copies of its data and the
	// standby of its edge are: another region.
	Region, BackupRegion string
	// Account is the twelve digits of the AWS account.
	Account string
	// Organization is the id of the AWS organisation (o-...), and Unit the id of
	// the root, unit or account that its guardrails are attached to. Unit is the
	// account where it is not declared.
	Organization, Unit string

	Network    Network
	Cluster    Cluster
	Mesh       Mesh
	Edge       Edge
	Data       []Data
	Services   []Service
	Stores     []Store
	Operators  []Operator
	BreakGlass BreakGlass
	Pipeline   Pipeline
	Logs       Logs
	Notify     Notify
	Objectives Objectives
	Exceptions []Exception

	at index // where each value was written
}

// Network is the address plan.
type Network struct {
	// CIDR is the VPC's range: a /16 to /18; 10.20.0.0/16 where not declared.
	CIDR string
	// Zones are the letters of the availability zones; a, b, c where not declared.
	Zones []string
	// NAT is one (a single gateway), zone (one in each zone) or none.
	NAT string
}

// Cluster is the Kubernetes cluster.
type Cluster struct {
	// Version is of Kubernetes, such as 1.35, which is also the default.
	Version string
	// Instance is the type of the nodes, such as m7g.large, which is also the
	// default.
	Instance string
	// Nodes are the bounds of the general node group; 3 to 12 where not declared.
	Nodes Range
	// From are the networks that reach the API besides the VPC's own; none where
	// not declared.
	From []string
}

// Range is a least and a most.
type Range struct{ Min, Max int }

// Mesh is the service mesh.
type Mesh struct {
	// Version is of Istio, such as 1.31.1.
	Version string
	// Proxy is the image of the proxies, by digest.
	Proxy Image
	// TrustDomain of the SPIFFE identities; cluster.local where not declared.
	TrustDomain string
	// Certificates live so long; 24 hours where not declared.
	Certificates time.Duration
}

// Image is a container image, pinned.
type Image struct {
	// Repository has no registry in front: render puts the account's there.
	Repository string
	// Digest is sha256: and 64 hexadecimal digits.
	Digest string
}

// Edge is what a request from the internet meets first.
type Edge struct {
	// Domains are the host names; the first is the shop's own, and its zone is
	// Zone.
	Domains []string
	// Zone is the DNS zone that holds the domains.
	Zone string
	// WAF is block or count: what the rules do.
	WAF string
	// OriginSecret is the secret that CloudFront sends to the load balancer.
	OriginSecret Rotation
	// Geo are the countries (ISO 3166-1 alpha-2) that are denied or challenged.
	Geo Geo
	// Bots is what becomes of bots.
	Bots Bots
	// Clients is how the shop's own clients prove themselves.
	Clients Clients
	// WaitingRoom holds back visitors when there are too many; Path is empty
	// where none is declared.
	WaitingRoom WaitingRoom
	// Canary is the share of requests, in percent, that meets a changed web ACL
	// first: more than 0, at most 15 (CloudFront's limit for continuous
	// deployment); 5 where not declared.
	Canary int
	// Limit is the limit for whatever has none of its own.
	Limit Limit
	// Shield says whether Shield Advanced is subscribed to.
	Shield bool
	// Routes are in the order of their paths, longest first: the order in which
	// they are asked.
	Routes []Route
	// Exempt are requests that single managed rules leave alone for a while.
	Exempt []Exempt
}

// Exempt is what a rule of a managed group takes wrongly for an attack: requests
// whose path matches are only counted by that rule.
type Exempt struct {
	// Rule is the rule's name in its group, such as SizeRestrictions_BODY.
	Rule string
	// Path is a regular expression, anchored at both ends: ^/upload$.
	Path           string
	Because, Owner string
	Until          time.Time
}

// Rotation of a secret: a new value every Every, the old one good for Overlap.
type Rotation struct{ Every, Overlap time.Duration }

// Geo is what becomes of requests by country.
type Geo struct{ Deny, Challenge []string }

// Bots is what becomes of bots: each of allow, count, challenge, captcha, block.
type Bots struct{ Verified, Suspect, Automated string }

// Clients is what the shop's own clients send with every request.
type Clients struct {
	// Cookie is the name of the session cookie; it is what a limit by session
	// counts by.
	Cookie string
	// Header is one that the shop's own pages and apps add, and Value what it
	// begins with.
	Header, Value string
	// Mobile are the paths whose requests are signed, with or without a star at
	// the end; none where empty.
	Mobile []string
	// Window is how old a signed request may be; 5 minutes where not declared.
	Window time.Duration
}

// WaitingRoom admits so many visitors a second to a path.
type WaitingRoom struct {
	Path  string
	Admit int
}

// Limit is at most Max requests in Per by one client. Per is one of the windows
// of AWS WAF: 1, 2, 5 or 10 minutes. By is ip, session, or header:NAME.
type Limit struct {
	Max int
	Per time.Duration
	By  string
}

// Route sends a path to a service.
type Route struct {
	// Path begins with a slash; a star at its end stands for the rest.
	Path string
	To   string
	// Priority is critical, degraded or sheddable: what is given up first in a
	// flood. It is degraded where not declared.
	Priority string
	// Limit is the route's own, or the zero value.
	Limit Limit
	// Challenge asks browsers for a proof on this path.
	Challenge bool
	// Form is login, signup, recover or checkout where the path is one of these;
	// it is told from the path where it is not declared.
	Form string
	// Methods that are let through; all where empty.
	Methods []string
}

// Data is a kind of data.
type Data struct {
	Name string
	// Class is public, internal, personal, cardholder or health.
	Class Class
	// Tokenise names the service that alone sees the real values.
	Tokenise string
	// Erase is who may have it erased, and within what time.
	EraseBy     string
	EraseWithin time.Duration
	// Keep is how long it may be kept; 0 where not declared.
	Keep time.Duration
}

// Class is how sensitive data is.
type Class string

// The classes, least sensitive first.
const (
	Public     Class = "public"
	Internal   Class = "internal"
	Personal   Class = "personal"
	Health     Class = "health"
	Cardholder Class = "cardholder"
)

// Classes are all of them, least sensitive first.
var Classes = []Class{Public, Internal, Personal, Health, Cardholder}

// Service is one deployable of the shop.
type Service struct {
	Name  string
	Image Image
	// Run is the command that starts it in the lab.
	Run string
	// Owner is the team.
	Owner string
	// Namespace is the platform's name where not declared, and the service's own
	// name where it stands apart.
	Namespace string
	// Port is where it listens; 8080 where not declared.
	Port int
	// Protocol is http, grpc or tcp; http where not declared. Calls to a tcp
	// service name no requests: the mesh sees none.
	Protocol string
	// Health is the path of its probes; /healthz where not declared.
	Health string
	// Replicas are the bounds of its autoscaler; 2 to 10 where not declared.
	Replicas Range
	// CPU and Memory are what one pod asks for, in Kubernetes' quantities; the
	// memory is its limit too. 250m and 256Mi where not declared.
	CPU, Memory string
	// Calls are the services it calls, sorted by name.
	Calls []Call
	// Stores are those it uses, sorted by name.
	Stores []Use
	// Handles are the names of the data it sees.
	Handles []string
	// AWS are the permissions it needs besides those that its stores imply.
	AWS []Permission
	// Egress are the hosts outside that it calls.
	Egress []Egress
	// Isolate says that it stands apart from the rest: in a namespace, on nodes
	// and in subnets of its own. A service that uses a store that stands apart
	// does too.
	Isolate bool
	// SessionTags asks for Pod Identity, whose sessions carry tags, in place of
	// IRSA.
	SessionTags bool
}

// Call is what one service asks of another.
type Call struct {
	To string
	// Requests are what is asked; all where empty.
	Requests []Request
}

// Request is a method and a path; a star at the path's end stands for the rest.
// An empty Method is every method.
type Request struct{ Method, Path string }

// Use is what a service does with a store.
type Use struct {
	Store string
	// Access is read or write (which includes read); for a stream it is empty.
	Access string
	// Produce and Consume are topics of a stream.
	Produce, Consume []string
}

// Permission is "ACTIONS on TARGET": what a service may do besides.
type Permission struct {
	// Actions are exact, such as s3:PutObject.
	Actions []string
	// On is the store, and Path what is after its name, without a slash in front.
	// An ARN has On empty and is whole in ARN.
	On, Path, ARN string
	// Text is the permission as it was written.
	Text string
}

// Egress is a host outside. Addresses are its networks, where they are known:
// then no other address is let through; otherwise a firewall tells hosts by
// their name.
type Egress struct {
	Host      string
	Port      int
	Addresses []string
}

// Engine is what a store is.
type Engine string

// The engines.
const (
	Postgres Engine = "postgres"
	MySQL    Engine = "mysql"
	Redis    Engine = "redis"
	Kafka    Engine = "kafka"
	S3       Engine = "s3"
)

// Engines are all of them.
var Engines = []Engine{Postgres, MySQL, Redis, Kafka, S3}

// Store is where data stays.
type Store struct {
	Name   string
	Engine Engine
	Owner  string
	// Version of the engine, such as 16.4. Where it is not declared it is empty:
	// layer data knows which are supported.
	Version string
	// Size is the instance or node type. Where it is not declared it is empty, and
	// layer data chooses a small one. Empty for buckets.
	Size string
	// Holds are the names of the data in it.
	Holds []string
	// Key is own (a key that nothing else uses) or shared.
	Key string
	// Isolate puts it in subnets of its own.
	Isolate bool
	// Backup is how it is backed up; the zero value for caches and streams.
	Backup Backup
	// Lock holds objects of a bucket; Mode is empty where nothing does.
	Lock Lock
	// Keep is how long objects of a bucket are kept; 0 is for as long as they
	// are locked, or a year.
	Keep time.Duration
	// Topics are a stream's, sorted by name.
	Topics []Topic
}

// Backup is one every Every, kept for Keep, and nobody can delete it for
// Immutable.
type Backup struct{ Every, Keep, Immutable time.Duration }

// Lock is S3 Object Lock: compliance or governance.
type Lock struct {
	Mode string
	Keep time.Duration
}

// Topic of a stream.
type Topic struct {
	Name       string
	Keep       time.Duration
	Partitions int
}

// Operator is a group of people and what they may do.
type Operator struct {
	Name string
	// Who is group/NAME in the identity provider or IAM.
	Who string
	// May are some of Duties.
	May []string
	// Services are those it may touch; all that do not stand apart where empty.
	Services []string
	// Max is how long a session lasts at most, and Approve who approves it:
	// another group (group/NAME).
	Max     time.Duration
	Approve string
}

// Duties are what an operator may be allowed: logs (read them), restart (a
// rollout of a service), shell (a session on a node, by Session Manager), tunnel
// (port forwarding to a store it names).
var Duties = []string{"logs", "restart", "shell", "tunnel"}

// BreakGlass is the emergency way in.
type BreakGlass struct {
	// Who may take it, and who of another group has to agree.
	Who, Approve string
	// Max is how long it lasts; an hour where not declared.
	Max time.Duration
}

// Pipeline is what deploys.
type Pipeline struct {
	// Repo is OWNER/NAME at GitHub, and RepoID and OwnerID their numbers, which
	// stay when names are taken over; empty where not declared.
	Repo, RepoID, OwnerID string
	Branch                string
	// Workflow is the file's name in .github/workflows.
	Workflow string
	// Environment is the GitHub environment of deployments; production where
	// not declared.
	Environment string
}

// Logs is how long they are kept; 400 days where not declared.
type Logs struct{ Keep time.Duration }

// Notify is who is told.
type Notify struct {
	// OnCall, Legal and Privacy are e-mail addresses; OnCall may be an https
	// address of a pager.
	OnCall, Legal, Privacy string
	// Phone is what AWS calls in an emergency, in the form of E.164 (+4930123456);
	// empty where none is declared, which edge.shield does not allow.
	Phone string
	// Email is where AWS writes to in an emergency: OnCall where nothing else is
	// declared and it takes e-mail. It is not empty where Phone is not.
	Email string
	// Within is how soon the authority is told of a breach; 72 hours (GDPR
	// article 33).
	Within time.Duration
}

// Objectives are what the team wants to be true.
type Objectives struct {
	Depth []DepthTarget
	KPI   KPI
}

// DepthTarget says that at least Min controls stand between a start and an asset:
// a store, or a kind of data.
type DepthTarget struct {
	From, To string
	Min      int
}

// KPI are the times the team wants to keep: to detect, to remediate, and to
// restore (the recovery time objective).
type KPI struct{ Detect, Remediate, RTO time.Duration }

// Exception is a control that is knowingly less than present, for a while.
type Exception struct {
	Control string
	// Where is what it is about: Route is a path of the edge; Service and Store
	// names. Empty is everywhere.
	Route, Service, Store string
	Because, Owner        string
	Until                 time.Time
}
