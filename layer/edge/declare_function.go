package edge

import (
	"archive/zip"
	"embed"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// sources are the functions as they are rendered.
//
//go:embed functions
var sources embed.FS

func codeOf(file string) string {
	text, err := sources.ReadFile("functions/" + file)
	if err != nil {
		panic("edge: there is no function " + file)
	}
	return string(text)
}

// lambdaSpec is a function with what it needs around it: its role, its log group
// and an alarm on its errors.
type lambdaSpec struct {
	name, what  string // the name is the file's too
	provider    terraform.Expr
	timeout     int
	environment terraform.Object
	statements  []render.Statement
	controls    []string
	paths       []string
}

func (l lambdaSpec) blocks(p *platform.Platform) []render.Resource {
	full := render.Name(p, strings.ReplaceAll(l.name, "_", "-"))
	code := codeOf(l.name + ".py")
	zipped := "functions/" + l.name + ".zip"
	at := func(body ...terraform.Entry) []terraform.Entry {
		return append(when(l.provider != "", set("provider", l.provider)), body...)
	}
	logs := terraform.Expr("aws_cloudwatch_log_group." + l.name)
	key := map[bool]string{true: "logs", false: "logs_global"}[l.provider == ""]
	group := terraform.Resource("aws_cloudwatch_log_group", l.name, at(
		set("name", "/aws/lambda/"+full),
		set("retention_in_days", render.Retention(p)), set("kms_key_id", render.KeyARN(key)))...)
	statements := append([]render.Statement{{
		Sid: "Logs", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: []any{terraform.Template("${" + string(logs) + ".arn}:*")},
	}}, l.statements...)
	role := render.Role(p, l.name, strings.ReplaceAll(l.name, "_", "-"), render.TrustService(p, "lambda.amazonaws.com"))
	body := at(
		set("function_name", full), set("description", l.what),
		set("role", terraform.Expr("aws_iam_role."+l.name+".arn")),
		set("runtime", "python3.13"), set("handler", l.name+".handler"),
		set("filename", terraform.Template("${path.module}/"+zipped)),
		set("source_code_hash", terraform.Expr(`filebase64sha256("${path.module}/`+zipped+`")`)),
		set("timeout", l.timeout), set("reserved_concurrent_executions", 1),
	)
	if l.provider == "" {
		body = append(body, set("kms_key_arn", render.KeyARN("secrets")))
	}
	body = append(body,
		nest("environment", set("variables", l.environment)),
		nest("logging_config", set("log_format", "Text"), set("log_group", terraform.Expr(string(logs)+".name"))),
	)
	blocks := []*terraform.Block{
		role, render.RolePolicy(l.name, statements...), group,
		terraform.Resource("aws_lambda_function", l.name, body...).Note(l.what + ". What it does can be read in " + "functions/" + l.name + ".py"),
		alarmOf(p, alarmSpec{
			label: l.name + "_errors", what: "The function " + full + " fails", provider: l.provider,
			namespace: "AWS/Lambda", metric: "Errors", statistic: "Sum", above: 0, periods: 1,
			dimensions: terraform.Obj("FunctionName", full),
		}),
	}
	out := []render.Resource{
		&render.Text{Path: "terraform/functions/" + l.name + ".py", Content: code},
		&render.Text{Path: "terraform/" + zipped, Content: archive(l.name+".py", code)},
	}
	for _, b := range blocks {
		out = append(out, b.For(l.controls...).From(l.paths...))
	}
	return out
}

// archive is a zip of one file, the same whenever it is made: nothing in it is
// compressed, as compressors change, and its time is the first that a zip has.
func archive(name, content string) string {
	var b strings.Builder
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o644)
	f, err := w.CreateHeader(h)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("edge: a zip in memory: " + err.Error())
	}
	return b.String()
}
