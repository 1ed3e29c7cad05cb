package reach

import (
	"fmt"
	"strings"
	"testing"
)

const threeGroups = `
resource "aws_eks_cluster" "main" {
  name = "main"
  vpc_config { subnet_ids = [] }
}

resource "aws_eks_node_group" "general" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "general"
}

resource "aws_eks_node_group" "apart" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "apart"
  labels          = { apart = "true" }

  taint {
    key    = "apart"
    value  = "true"
    effect = "NO_SCHEDULE"
  }
}

resource "aws_eks_node_group" "spare" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "spare"

  taint {
    key    = "spare"
    effect = "PREFER_NO_SCHEDULE"
  }
}
`

// Which pods run where, by what they tolerate and select.
func TestNodesOf(t *testing.T) {
	for name, c := range map[string]struct{ pod, want string }{
		"nothing tolerated":    {``, "node/general node/spare"},
		"tolerated":            {`tolerations: [{key: apart, operator: Equal, value: "true", effect: NoSchedule}]`, "node/apart node/general node/spare"},
		"of any effect":        {`tolerations: [{key: apart, value: "true"}]`, "node/apart node/general node/spare"},
		"any value":            {`tolerations: [{key: apart, operator: Exists}]`, "node/apart node/general node/spare"},
		"everything":           {`tolerations: [{operator: Exists}]`, "node/apart node/general node/spare"},
		"another value":        {`tolerations: [{key: apart, value: "false"}]`, "node/general node/spare"},
		"another effect":       {`tolerations: [{key: apart, operator: Exists, effect: NoExecute}]`, "node/general node/spare"},
		"another key":          {`tolerations: [{key: other, operator: Exists}]`, "node/general node/spare"},
		"chosen":               {`nodeSelector: {apart: "true"}, tolerations: [{key: apart, operator: Exists}]`, "node/apart"},
		"chosen, and kept off": {`nodeSelector: {apart: "true"}`, "because no group of nodes fits the node selector of svc/app"},
	} {
		t.Run(name, func(t *testing.T) {
			pod := c.pod
			if pod != "" {
				pod = ", " + pod
			}
			n := New(estateOf(t, map[string]string{"main.tf": threeGroups, "app.yaml": fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop}
spec: {template: {metadata: {labels: {app: app}}, spec: {containers: [{name: main, image: app}]%s}}}
`, pod)}))
			app, err := n.Find("svc/app", From)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range n.NodesOf(app) {
				got = append(got, p.String())
			}
			if why := n.NodesDoubt(app); why != "" {
				got = append(got, "because "+why)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("runs on %q, want %q", s, c.want)
			}
		})
	}
}
