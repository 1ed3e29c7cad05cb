package network_test

import (
	"testing"
	"testing/fstest"

	"fathom/control"
	"fathom/estate/read"
	"fathom/layer/network"
)

// A state shows a rule twice: on its own, and among the rules of its group.
const state = `{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {}, "resources": [
{"mode": "managed", "type": "aws_security_group", "name": "db", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [{"schema_version": 1, "attributes": {
  "id": "sg-1", "name": "db", "ingress": [
    {"cidr_blocks": ["0.0.0.0/0"], "from_port": 3306, "to_port": 3306, "protocol": "tcp", "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""},
    {"cidr_blocks": ["0.0.0.0/0"], "from_port": 6379, "to_port": 6379, "protocol": "tcp", "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""}],
  "egress": []}}]},
{"mode": "managed", "type": "aws_security_group_rule", "name": "mysql", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [{"schema_version": 2, "attributes": {
  "id": "sgrule-1", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": 3306, "to_port": 3306, "cidr_blocks": ["0.0.0.0/0"], "self": false}}]}
]}`

func TestRulesOfAStateCountOnce(t *testing.T) {
	e, problems := read.Paths(fstest.MapFS{"terraform.tfstate": {Data: []byte(state)}}, []string{"."}, read.Options{})
	for _, p := range problems {
		t.Error(p)
	}
	l := network.Layer()
	v := l.Controls[0].Judge(e)
	if got := v.Count(control.Absent); got != 2 {
		t.Errorf("%d findings, want one for each port", got)
		for _, r := range v.Results {
			t.Log(r.Status, r.On.ID, r.Summary)
		}
	}
}
