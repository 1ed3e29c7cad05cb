package network

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// machineryDoors are the services of AWS that nodes and controllers call, and no
// service of the platform has to. Nothing special is in their policies: they have
// no resources of other accounts that data could be carried to, or they describe
// what belongs to AWS (images, documents) and to no account of ours.
var machineryDoors = []string{
	"acm-pca",              // cert-manager has the mesh's certificates signed
	"autoscaling",          // node groups
	"ec2",                  // the network plug-in
	"eks",                  // nodes that join
	"eks-auth",             // Pod Identity
	"elasticloadbalancing", // the load balancer controller
	"logs",
	"monitoring",         // metrics
	"ssm", "ssmmessages", // Session Manager
	"xray", // traces
}

// serviceDoors are those that the platform's services call. Each has a security
// group of its own, so that who needs the one does not reach the other.
var serviceDoors = []string{"kms", "s3", "secretsmanager", "sts"}

// doorsOf are the endpoints that a service needs: for its role, unless an agent
// on the node gives it; for its buckets; for what its permissions name; and for
// answering people who ask what is kept about them.
func (d *declaration) doorsOf(s *platform.Service) []string {
	var out []string
	if (len(s.Stores) > 0 || len(s.AWS) > 0) && !s.SessionTags {
		out = append(out, "sts")
	}
	for _, u := range s.Stores {
		if st := d.Store(u.Store); st != nil && st.IsBucket() {
			out = append(out, "s3")
		}
	}
	for _, p := range s.AWS {
		for _, a := range p.Actions {
			prefix, _, _ := strings.Cut(a, ":")
			out = append(out, door(prefix))
		}
	}
	if d.asked[s.Name] { // its tasks, where its exports go, and whom it answers
		out = append(out, "sqs", "s3", "states")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// door is how VPC endpoints name a service, by the prefix of its actions (AWS
// PrivateLink guide, "AWS services that integrate with AWS PrivateLink").
func door(prefix string) string {
	if name, other := map[string]string{
		"bedrock":    "bedrock-runtime",
		"cloudwatch": "monitoring",
		"kinesis":    "kinesis-streams",
		"firehose":   "kinesis-firehose",
		"ses":        "email",
	}[prefix]; other {
		return name
	}
	return prefix
}

// doorGroup is the label of the group of an endpoint.
func doorGroup(service string) string {
	if slices.Contains(machineryDoors, service) {
		return doorsGroup
	}
	return "endpoint_" + doorLabel(service)
}

func doorLabel(service string) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(service)
}

// doors are all endpoints with groups of their own: those that services call
// anyhow, and what their permissions name besides.
func (d *declaration) doors() []string {
	out := slices.Clone(serviceDoors)
	for i := range d.Services {
		for _, s := range d.doorsOf(&d.Services[i]) {
			if !slices.Contains(machineryDoors, s) {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// perimeter are the two conditions of endpoint policies: the caller is of this
// account, and what is called is its own.
func (d *declaration) perimeter() (ours, owned render.Condition) {
	return render.Condition{Operator: "StringEquals", Key: "aws:PrincipalAccount", Value: d.Account},
		render.Condition{Operator: "StringEquals", Key: "aws:ResourceAccount", Value: d.Account}
}

func through(sid string, actions []string, on []any, c ...render.Condition) render.Statement {
	return render.Statement{Sid: sid, Principal: "*", Action: actions, Resource: on, Condition: c}
}

var anything = []any{"*"}

// endpoints renders the ways to AWS that do not lead through the internet, each
// with a policy. There is no gateway endpoint for S3: its route would be open to
// every service that calls any host, and no firewall is on it.
func (d *declaration) endpoints() {
	ours, owned := d.perimeter()
	d.tf(d.endpoint("machinery", "${each.key}", doorsGroup, render.Policy(through("Ours", []string{"*"}, anything, ours)),
		set("for_each", terraform.Call{Name: "toset", Args: []any{machineryDoors}}))).For("network.endpoints").
		Note("what nodes and controllers call")
	registry := render.Policy(
		through("Pull", []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
		}, anything, ours),
		through("Ours", []string{"ecr:*"}, anything, ours, owned),
	)
	for _, part := range []string{"api", "dkr"} {
		d.tf(d.endpoint("ecr_"+part, "ecr."+part, doorsGroup, registry)).For("network.endpoints").
			Note("the images of add-ons are in registries of AWS, so that pulling is not bound to this account; pushing is")
	}
	for _, service := range d.doors() {
		label, policy := doorLabel(service), render.Policy(through("Ours", []string{actionPrefix(service) + ":*"}, anything, ours, owned))
		switch service {
		case "s3":
			policy = d.bucketPolicy()
		case "sts":
			policy = d.rolePolicy()
		}
		b := d.tf(d.endpoint(label, service, doorGroup(service), policy)).For("network.endpoints")
		switch service {
		case "s3":
			b.Note("the platform's buckets, and where ECR keeps the layers of images")
			b.Add(nest("dns_options", set("private_dns_only_for_inbound_resolver_endpoint", false)))
		case "sts":
			b.Note("who comes with the token of a service account is nobody yet, so that only the role can be named")
		}
	}
}

// actionPrefix is door backwards.
func actionPrefix(service string) string {
	for _, prefix := range []string{"bedrock", "cloudwatch", "kinesis", "firehose", "ses"} {
		if door(prefix) == service {
			return prefix
		}
	}
	return service
}

// rolePolicy lets the account's roles be assumed, and no others.
func (d *declaration) rolePolicy() terraform.Call {
	ours, _ := d.perimeter()
	roles := []any{"arn:aws:iam::" + d.Account + ":role/*"}
	return render.Policy(
		through("RolesByToken", []string{"sts:AssumeRoleWithWebIdentity"}, roles),
		through("Roles", []string{"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}, roles, ours),
		through("WhoAmI", []string{"sts:GetCallerIdentity"}, anything, ours),
	)
}

// bucketPolicy lets through what is asked of the platform's stores, and of what
// permissions name besides, and of what exports are put into; and images may be
// pulled ("Create the gateway endpoint for Amazon S3", Amazon ECR user
// guide).
func (d *declaration) bucketPolicy() terraform.Call {
	ours, owned := d.perimeter()
	var buckets, named []any
	for _, s := range d.Stores {
		if s.IsBucket() {
			arn := "arn:aws:s3:::" + render.BucketName(d.Platform, s.Name)
			point := "arn:aws:s3:" + d.Region + ":" + d.Account + ":accesspoint/" + render.Name(d.Platform, s.Name)
			buckets = append(buckets, arn, arn+"/*", point, point+"/*")
		}
	}
	for _, s := range d.Services {
		for _, p := range s.AWS {
			if strings.HasPrefix(p.ARN, "arn:aws:s3:") && !slices.Contains(named, any(p.ARN)) {
				named = append(named, p.ARN)
			}
		}
	}
	var out []render.Statement
	if len(d.asked) > 0 {
		exports := "arn:aws:s3:::" + render.BucketName(d.Platform, "exports")
		out = append(out, through("Exports", []string{"s3:PutObject", "s3:AbortMultipartUpload"}, []any{exports + "/*"}, ours, owned))
	}
	if len(buckets) > 0 {
		out = append(out, through("Stores", []string{"s3:*"}, buckets, ours, owned))
	}
	if len(named) > 0 {
		out = append(out, through("Permissions", []string{"s3:*"}, named, ours))
	}
	return render.Policy(append(out,
		through("LayersOfImages", []string{"s3:GetObject"}, []any{"arn:aws:s3:::prod-" + d.Region + "-starport-layer-bucket/*"}))...)
}

// endpoint is an endpoint with addresses in the VPC.
func (d *declaration) endpoint(label, service, group string, policy terraform.Call, before ...terraform.Entry) *terraform.Block {
	return block("aws_vpc_endpoint", label, append(before,
		set("vpc_id", render.VPC),
		set("vpc_endpoint_type", "Interface"),
		set("service_name", terraform.Template("com.amazonaws."+d.Region+"."+service)),
		set("subnet_ids", render.SubnetIDs(doorsTier)),
		set("security_group_ids", []terraform.Expr{render.GroupOf(group)}),
		set("private_dns_enabled", true),
		set("policy", policy),
		set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform)+"-"+service))),
	)...)
}

// doorGroups renders the groups of the endpoints. Those that services call take
// every pod: a service's own group lets it out to those it needs.
func (d *declaration) doorGroups() {
	controls := []string{"network.endpoints"}
	d.group(doorsGroup, "endpoints", "VPC endpoints of AWS services that nodes and controllers call")
	d.connect(nodesGroup, doorsGroup, rule{says: "AWS, by its endpoints", from: 443, controls: controls})
	for _, service := range d.doors() {
		own := doorGroup(service)
		d.group(own, "endpoint-"+strings.ReplaceAll(service, ".", "-"), "VPC endpoint of "+service)
		d.connect(nodesGroup, own, rule{says: "nodes and controllers call " + service, from: 443, controls: controls})
		d.ingress(own, groupPeer(podsGroup), rule{says: "services call " + service + ", where their own groups let them", from: 443, controls: controls})
	}
	for i := range d.Services {
		s := &d.Services[i]
		for _, service := range d.doorsOf(s) {
			own := doorGroup(service)
			r := rule{says: s.Name + " calls " + service, from: 443, controls: controls, paths: []string{"services." + s.Name}}
			if own == doorsGroup {
				r.also = doorLabel(service)
				d.connect(svcLabel(s.Name), own, r)
				continue
			}
			d.egress(svcLabel(s.Name), groupPeer(own), r)
		}
	}
}
