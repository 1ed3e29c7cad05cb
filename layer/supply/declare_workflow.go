package supply

import (
	_ "embed"
	"encoding/json"
	"strings"

	"fathom/platform"
	"fathom/render"
)

// Actions that the workflow uses, by the commit of the release behind the #: a
// tag can be moved.
const (
	actionCheckout     = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
	actionCodeQLInit   = "github/codeql-action/init@f443b600d91635bebf5b0d9ebc620189c0d6fba5 # v4.30.8"
	actionCodeQL       = "github/codeql-action/analyze@f443b600d91635bebf5b0d9ebc620189c0d6fba5 # v4.30.8"
	actionDependencies = "actions/dependency-review-action@3b139cfc5fae8b618d3eae3675e383bb1769c019 # v4.5.0"
	actionTerraform    = "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2"
	actionSignIn       = "aws-actions/configure-aws-credentials@a03048d87541d1d9fcf2ecf528a4a65ba9bd7838 # v5.0.0"
	actionScan         = "anchore/scan-action@e1165082ffb1fe366ebaf02d8526e7c4989ea9d2 # v7.4.0"
	actionSBOM         = "anchore/sbom-action@17ae1740179002c89186b61233e0f892c3118b11 # v0.23.0"
	actionCosign       = "sigstore/cosign-installer@faadad0cce49287aee09b3a48701e75088a2c6ad # v4.0.0"
	actionUpload       = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2"
	actionDownload     = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0"
	// cosignRelease is of the third version: it keeps signatures as bundles beside
	// the image, under no tag, so that tags can be immutable.
	cosignRelease = "v3.1.3"
)

//go:embed workflows/release.yml
var releaseText string

//go:embed workflows/policies.jq
var policiesText string

//go:embed workflows/fathom.sh
var fathomText string

// workflows are what the pipeline runs, and one file for each image that it
// makes or mirrors, so that a new service adds a file and changes none.
func workflows(p *platform.Platform) ([]*render.Text, error) {
	runner, environment := "ubuntu-24.04", ""
	if isARM(p.Cluster.Instance) {
		runner = "ubuntu-24.04-arm" // builds for the processor that the nodes have
	}
	if p.Pipeline.Environment != "" {
		environment = "\n    environment: \"" + p.Pipeline.Environment + "\""
	}
	text := strings.NewReplacer(
		"@BRANCH@", p.Pipeline.Branch, "@REGISTRY@", render.Registry(p), "@REGION@", p.Region,
		"@RUNNER@", runner, "@ENVIRONMENT@", environment,
		"@DEPLOY_ROLE@", render.RoleARN(p, "deploy"), "@PLAN_ROLE@", render.RoleARN(p, "plan"),
		"@SIGNER@", signer(p), "@ISSUER@", githubIssuer, "@COSIGN_RELEASE@", cosignRelease,
		"@CHECKOUT@", actionCheckout, "@CODEQL_INIT@", actionCodeQLInit, "@CODEQL_ANALYZE@", actionCodeQL,
		"@DEPENDENCIES@", actionDependencies, "@TERRAFORM@", actionTerraform, "@SIGNIN@", actionSignIn,
		"@SCAN@", actionScan, "@SBOM@", actionSBOM, "@COSIGN@", actionCosign,
		"@UPLOAD@", actionUpload, "@DOWNLOAD@", actionDownload,
	).Replace(releaseText)
	out := []*render.Text{
		{Path: ".github/workflows/" + p.Pipeline.Workflow, Content: text},
		{Path: ".github/policies.jq", Content: policiesText},
		{Path: ".github/fathom.sh", Content: fathomText},
	}
	images := []image{
		{Name: "mirror-proxy", Repository: p.Mesh.Proxy.Repository, From: "docker.io/" + p.Mesh.Proxy.Repository + "@" + p.Mesh.Proxy.Digest, Tag: p.Mesh.Version},
		{Name: "mirror-falco", Repository: falcoRepository, From: "docker.io/" + falcoRepository + ":" + falcoVersion, Tag: falcoVersion},
	}
	for i := range p.Services {
		s := &p.Services[i]
		images = append(images, image{Name: "service-" + s.Name, Repository: s.Image.Repository, Context: s.Name})
	}
	for _, x := range images {
		text, err := json.MarshalIndent(x, "", "  ")
		if err != nil {
			return nil, err
		}
		out = append(out, &render.Text{Path: ".github/images/" + x.Name + ".json", Content: string(text) + "\n"})
	}
	return out, nil
}

// image is what the pipeline makes of a folder, or mirrors.
type image struct {
	Name       string `json:"name"`
	Repository string `json:"repository"`
	Context    string `json:"context,omitempty"`
	From       string `json:"from,omitempty"`
	Tag        string `json:"tag,omitempty"`
}
