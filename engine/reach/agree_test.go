package reach

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/estate/read"
)

// random writes an estate of every kind of thing that decides, at random.
func random(r *rand.Rand) (tf, k8s string) {
	var b, k strings.Builder
	pick := func(words ...string) string { return words[r.Intn(len(words))] }
	chance := func(percent int) bool { return r.Intn(100) < percent }
	b.WriteString("resource \"aws_vpc\" \"v\" { cidr_block = \"10.0.0.0/16\" }\nresource \"aws_internet_gateway\" \"i\" { vpc_id = aws_vpc.v.id }\n")
	b.WriteString("resource \"aws_nat_gateway\" \"n\" { subnet_id = aws_subnet.s0.id }\nresource \"aws_eip\" \"e\" {}\n")
	for i := range 3 {
		fmt.Fprintf(&b, "resource \"aws_subnet\" \"s%d\" {\n vpc_id = aws_vpc.v.id\n cidr_block = \"10.0.%d.0/24\"\n map_public_ip_on_launch = %t\n}\n", i, i, chance(50))
		fmt.Fprintf(&b, "resource \"aws_route_table\" \"t%d\" {\n vpc_id = aws_vpc.v.id\n", i)
		switch {
		case chance(50):
			b.WriteString(" route {\n  cidr_block = \"0.0.0.0/0\"\n  gateway_id = aws_internet_gateway.i.id\n }\n")
		case chance(60):
			b.WriteString(" route {\n  cidr_block = \"0.0.0.0/0\"\n  nat_gateway_id = aws_nat_gateway.n.id\n }\n")
		}
		fmt.Fprintf(&b, "}\nresource \"aws_route_table_association\" \"a%d\" {\n subnet_id = aws_subnet.s%d.id\n route_table_id = aws_route_table.t%d.id\n}\n", i, i, i)
	}
	if chance(40) {
		b.WriteString("resource \"aws_network_acl\" \"a\" {\n vpc_id = aws_vpc.v.id\n subnet_ids = [aws_subnet.s1.id]\n")
		for _, dir := range []string{"ingress", "egress"} {
			for n := range 2 {
				fmt.Fprintf(&b, " %s {\n  rule_no = %d\n  action = %q\n  protocol = %q\n  from_port = %d\n  to_port = %d\n  cidr_block = %q\n }\n", dir, 100+n, pick("allow", "deny"), "tcp", r.Intn(3)*1000, 3000+r.Intn(3)*30000, pick("0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24"))
			}
		}
		b.WriteString("}\n")
	}
	for i := range 4 {
		fmt.Fprintf(&b, "resource \"aws_security_group\" \"g%d\" {\n name = \"g%d\"\n vpc_id = aws_vpc.v.id\n", i, i)
		for range r.Intn(3) {
			port := pick("22", "80", "5432", "8080", "30080")
			fmt.Fprintf(&b, " ingress {\n  protocol = \"tcp\"\n  from_port = %s\n  to_port = %s\n  cidr_blocks = [%q]\n }\n", port, port, pick("0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "203.0.113.0/28"))
		}
		if chance(50) {
			b.WriteString(" ingress {\n  protocol = \"-1\"\n  from_port = 0\n  to_port = 0\n  self = true\n }\n")
		}
		if chance(85) {
			fmt.Fprintf(&b, " egress {\n  protocol = \"-1\"\n  from_port = 0\n  to_port = 0\n  cidr_blocks = [%q]\n }\n", pick("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16"))
		}
		b.WriteString("}\n")
		if chance(60) {
			fmt.Fprintf(&b, "resource \"aws_vpc_security_group_ingress_rule\" \"r%d\" {\n security_group_id = aws_security_group.g%d.id\n ip_protocol = \"tcp\"\n from_port = %d\n to_port = 31000\n referenced_security_group_id = aws_security_group.g%d.id\n}\n", i, i, r.Intn(2)*1024, r.Intn(4))
		}
	}
	fmt.Fprintf(&b, "resource \"aws_eks_cluster\" \"c\" {\n name = \"c\"\n vpc_config {\n  subnet_ids = [aws_subnet.s0.id]\n  endpoint_public_access = %t\n  endpoint_private_access = %t\n  public_access_cidrs = [%q]\n }\n}\n", chance(70), chance(50), pick("0.0.0.0/0", "203.0.113.0/28"))
	if chance(60) {
		b.WriteString("resource \"aws_eks_addon\" \"a\" {\n cluster_name = aws_eks_cluster.c.name\n addon_name = \"vpc-cni\"\n configuration_values = \"{\\\"enableNetworkPolicy\\\": \\\"true\\\"}\"\n}\n")
	}
	for i := range 2 {
		fmt.Fprintf(&b, "resource \"aws_launch_template\" \"t%d\" {\n vpc_security_group_ids = [aws_security_group.g%d.id]\n metadata_options {\n  http_tokens = %q\n  http_put_response_hop_limit = %d\n }\n}\n", i, r.Intn(4), pick("optional", "required"), 1+r.Intn(2))
		fmt.Fprintf(&b, "resource \"aws_eks_node_group\" \"n%d\" {\n cluster_name = aws_eks_cluster.c.name\n node_group_name = \"n%d\"\n subnet_ids = [aws_subnet.s%d.id, aws_subnet.s2.id]\n launch_template { id = aws_launch_template.t%d.id }\n}\n", i, i, i, i)
	}
	fmt.Fprintf(&b, "resource \"aws_db_subnet_group\" \"d\" {\n name = \"d\"\n subnet_ids = [aws_subnet.s%d.id]\n}\nresource \"aws_db_instance\" \"db\" {\n identifier = \"db\"\n engine = \"postgres\"\n publicly_accessible = %t\n db_subnet_group_name = aws_db_subnet_group.d.name\n vpc_security_group_ids = [aws_security_group.g%d.id]\n}\n", r.Intn(3), chance(50), r.Intn(4))
	fmt.Fprintf(&b, "resource \"aws_instance\" \"bastion\" {\n subnet_id = aws_subnet.s%d.id\n vpc_security_group_ids = [aws_security_group.g%d.id]\n}\n", r.Intn(3), r.Intn(4))
	b.WriteString("resource \"aws_s3_bucket\" \"b\" { bucket = \"b\" }\n")
	if chance(50) {
		fmt.Fprintf(&b, "resource \"aws_vpc_endpoint\" \"s3\" {\n vpc_id = aws_vpc.v.id\n service_name = \"com.amazonaws.eu-west-1.s3\"\n route_table_ids = [aws_route_table.t%d.id]\n policy = %q\n}\n", r.Intn(3),
			pick(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}]}`))
	}
	kind := pick("application", "network")
	groups := "security_groups = [aws_security_group.g" + fmt.Sprint(r.Intn(4)) + ".id]"
	fmt.Fprintf(&b, "resource \"aws_lb\" \"l\" {\n name = \"l\"\n load_balancer_type = %q\n internal = %t\n subnets = [aws_subnet.s0.id, aws_subnet.s1.id]\n %s\n}\n", kind, chance(40), groups)
	b.WriteString("resource \"aws_lb_listener\" \"l\" {\n load_balancer_arn = aws_lb.l.arn\n port = 80\n protocol = \"TCP\"\n default_action {\n  type = \"forward\"\n  target_group_arn = aws_lb_target_group.t.arn\n }\n}\n")
	b.WriteString("resource \"aws_lb_target_group\" \"t\" {\n name = \"t\"\n port = 30080\n protocol = \"TCP\"\n vpc_id = aws_vpc.v.id\n}\n")
	b.WriteString("resource \"aws_autoscaling_attachment\" \"t\" {\n autoscaling_group_name = aws_eks_node_group.n0.resources[0].autoscaling_groups[0].name\n lb_target_group_arn = aws_lb_target_group.t.arn\n}\n")
	b.WriteString("resource \"aws_lambda_function\" \"f\" {\n function_name = \"f\"\n}\nresource \"aws_lb_target_group\" \"f\" {\n name = \"f\"\n target_type = \"lambda\"\n}\nresource \"aws_lb_target_group_attachment\" \"f\" {\n target_group_arn = aws_lb_target_group.f.arn\n target_id = aws_lambda_function.f.arn\n}\nresource \"aws_lb_listener_rule\" \"f\" {\n listener_arn = aws_lb_listener.l.arn\n action {\n  type = \"forward\"\n  target_group_arn = aws_lb_target_group.f.arn\n }\n condition {\n  path_pattern {\n   values = [\"/f\"]\n  }\n }\n}\n")
	if chance(50) {
		b.WriteString("resource \"aws_cloudfront_distribution\" \"d\" {\n enabled = true\n origin {\n  origin_id = \"l\"\n  domain_name = aws_lb.l.dns_name\n  custom_origin_config {\n   origin_protocol_policy = \"http-only\"\n  }\n }\n default_cache_behavior {\n  target_origin_id = \"l\"\n  viewer_protocol_policy = \"allow-all\"\n }\n}\n")
	}
	for i, app := range []string{"a", "b", "c", "d"} {
		kind, spec := "Deployment", ""
		if chance(15) {
			kind, spec = "DaemonSet", "      tolerations: [{operator: Exists}]\n"
		}
		if chance(15) {
			spec += "      hostNetwork: true\n"
		}
		fmt.Fprintf(&k, "apiVersion: apps/v1\nkind: %s\nmetadata: {name: %s, namespace: n%d}\nspec:\n  template:\n    metadata: {labels: {app: %s}}\n    spec:\n%s      containers: [{name: m, image: m, ports: [{name: http, containerPort: 8080}]}]\n---\n", kind, app, i%2, app, spec)
		if chance(50) {
			fmt.Fprintf(&k, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p%d, namespace: n%d}\nspec:\n  podSelector: {matchLabels: {app: %s}}\n  policyTypes: [Ingress, Egress]\n", i, i%2, app)
			if chance(70) {
				fmt.Fprintf(&k, "  ingress:\n  - from: [%s]\n    ports: [{port: %s}]\n", pick("{podSelector: {matchLabels: {app: b}}}", "{namespaceSelector: {}}", "{ipBlock: {cidr: 10.0.1.0/24}}", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/24]}}"), pick("8080", "http", "22"))
			}
			if chance(70) {
				fmt.Fprintf(&k, "  egress:\n  - to: [%s]\n", pick("{podSelector: {}}", "{namespaceSelector: {}}", "{ipBlock: {cidr: 10.0.0.0/16}}", "{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}", "{ipBlock: {cidr: 10.0.1.0/25}}"))
			}
			k.WriteString("---\n")
		}
	}
	fmt.Fprintf(&k, "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: n0}\nspec: {type: NodePort, selector: {app: a}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}\n---\n")
	if chance(50) {
		fmt.Fprintf(&k, "apiVersion: v1\nkind: Service\nmetadata:\n  name: b\n  namespace: n1\n  annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: %s}\nspec:\n  type: LoadBalancer\n  selector: {app: b}\n  externalTrafficPolicy: %s\n  ports: [{port: 80, targetPort: 8080, nodePort: 30090}]\n---\n", pick("internet-facing", "internal"), pick("Local", "Cluster"))
	}
	if chance(40) {
		fmt.Fprintf(&k, "apiVersion: vpcresources.k8s.aws/v1beta1\nkind: SecurityGroupPolicy\nmetadata: {name: s, namespace: n1}\nspec:\n  podSelector: {matchLabels: {app: d}}\n  securityGroups: {groupIds: [g%d]}\n---\n", r.Intn(4))
	}
	if chance(60) {
		fmt.Fprintf(&k, "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: istio-system}\nspec: {mtls: {mode: %s}}\n---\n", pick("STRICT", "PERMISSIVE"))
		fmt.Fprintf(&k, "apiVersion: v1\nkind: Namespace\nmetadata: {name: n0, labels: {istio-injection: enabled}}\n---\n")
		fmt.Fprintf(&k, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x, namespace: n0}\nspec:\n  selector: {matchLabels: {app: a}}\n  action: %s\n  rules: [{from: [{source: {namespaces: [n0]}}], to: [{operation: {ports: [%q]}}]}]\n---\n", pick("ALLOW", "DENY"), pick("8080", "9090"))
	}
	return b.String(), k.String()
}

func estateOf(tb testing.TB, files map[string]string) *estate.Estate {
	tb.Helper()
	fs := fstest.MapFS{}
	var paths []string
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	paths = append(paths, ".")
	e, problems := read.Paths(fs, paths, read.Options{})
	for _, p := range problems {
		tb.Fatalf("%v\n%s", p, files[p.File])
	}
	return e
}

// Ask follows ways and writes sentences, Matrix works with sets and caches.
// They say the same of every pair and port.
func TestAskAndMatrixAgree(t *testing.T) {
	rounds := 14
	if testing.Short() {
		rounds = 10
	}
	conns := []flow.Conn{
		{Protocol: flow.TCP, Port: 22},
		{Protocol: flow.TCP, Port: 80},
		{Protocol: flow.TCP, Port: 443},
		{Protocol: flow.TCP, Port: 5432},
		{Protocol: flow.TCP, Port: 8080},
		{Protocol: flow.TCP, Port: 9090},
		{Protocol: flow.TCP, Port: 30080},
		{Protocol: flow.UDP, Port: 53},
	}
	yes, no, maybe, refuses := 0, 0, 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewSource(int64(seed)))
		tf, k8s := random(r)
		n := New(estateOf(t, map[string]string{"main.tf": tf, "k8s.yaml": k8s}))
		m := n.Matrix(MatrixOptions{})
		ps := m.Places
		for _, i := range m.from {
			for _, j := range m.to {
				if i == j {
					continue
				}
				cell, alone := m.At(i, j), n.Conns(ps[i], ps[j])
				if cell.Of(conns[0]) != alone.Of(conns[0]) || !cell.Sure.Equal(alone.Sure) || !cell.May.Equal(alone.May) || !cell.Refused.Equal(alone.Refused) {
					t.Fatalf("seed %d: %s → %s: the matrix has %v, Conns alone %v\n%s\n%s", seed, ps[i], ps[j], cell, alone, tf, k8s)
				}
				for _, c := range conns {
					if r.Intn(5) > 0 {
						continue
					}
					if _, port := n.servicePort(ps[j], c); port > 0 {
						continue // the matrix knows the pods' ports alone
					}
					a := n.Ask(ps[i], ps[j], c)
					if got, want := cell.Of(c), a.Reaches; got != want {
						t.Fatalf("seed %d: %s → %s on %s: the matrix says %s (%v), Ask says %s\n%s\n%s\n%s", seed, ps[i], ps[j], c, Word(got), cell, Word(want), ways(a.Ways), tf, k8s)
					}
					if cell.Refused.Has(c) != a.Refused {
						t.Fatalf("seed %d: %s → %s on %s: refused is %t in the matrix, %t in Ask\n%s\n%s\n%s", seed, ps[i], ps[j], c, cell.Refused.Has(c), a.Refused, ways(a.Ways), tf, k8s)
					}
					if a.Reaches == estate.Maybe && a.Why == "" {
						t.Fatalf("seed %d: %s → %s on %s: a Maybe without a reason\n%s", seed, ps[i], ps[j], c, ways(a.Ways))
					}
					if len(a.Ways) == 0 {
						t.Fatalf("seed %d: %s → %s on %s: an answer without a way", seed, ps[i], ps[j], c)
					}
					switch {
					case a.Refused:
						refuses++
					case a.Reaches == estate.Yes:
						yes++
					case a.Reaches == estate.No:
						no++
					default:
						maybe++
					}
				}
			}
		}
	}
	t.Logf("%d yes, %d no, %d unknown, %d refused", yes, no, maybe, refuses)
	if !testing.Short() && (slices.Min([]int{yes, no, maybe}) < 50 || refuses < 3) {
		t.Errorf("the estates are too much alike: %d yes, %d no, %d unknown, %d refused", yes, no, maybe, refuses)
	}
}

func ways(ws []flow.Way) string {
	var b strings.Builder
	for _, w := range ws {
		fmt.Fprintf(&b, "way IPv%d %s from %s\n", w.Family, Word(w.Pass()), w.Sources)
		for _, h := range w.Hops {
			fmt.Fprintf(&b, "  %s %s: %s (%s)\n", Word(h.Pass), h.Kind, h.Says, h.Why)
		}
	}
	return b.String()
}
