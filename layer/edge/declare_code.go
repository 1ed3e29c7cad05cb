package edge

import (
	"fmt"
	"regexp"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// The labels of the functions at the edge, and the header that apps sign with.
const (
	proofFunction   = "mobile_signature"
	roomFunction    = "waiting_room"
	signatureHeader = "x-signature"
)

// declareProof renders what verifies the apps' signatures.
func declareProof(p *platform.Platform) []render.Resource {
	c := p.Edge.Clients
	if len(c.Mobile) == 0 {
		return nil
	}
	code := setting("mobile-signature.js", "WINDOW", seconds(c.Window))
	return edgeFunction(p, proofFunction, "mobile-signature", code, []string{"edge.client-proof"}, []string{"edge.clients.mobile", "edge.clients.window"},
		"The keys of the apps' signatures. Terraform never sees them: whoever releases the apps puts them there, as functions/mobile-signature.js says. "+
			"Until then every request to the apps' paths is refused")
}

// declareRoom renders the waiting room.
func declareRoom(p *platform.Platform) []render.Resource {
	w := p.Edge.WaitingRoom
	if w.Path == "" {
		return nil
	}
	paths := []string{"edge.waitingRoom"}
	code := setting("waiting-room.js", "ADMIT", w.Admit)
	out := edgeFunction(p, roomFunction, "waiting-room", code, []string{"edge.overload"}, paths,
		"The waiting room's numbers. Whoever is on call writes how many wait, as functions/waiting-room.js says")
	kvs := terraform.Expr("aws_cloudfront_key_value_store." + roomFunction + ".arn")
	return append(out,
		terraform.Resource("aws_cloudfrontkeyvaluestore_key", "waiting_room_key",
			set("key_value_store_arn", kvs), set("key", "key"),
			set("value", terraform.Expr(`sha256("waiting room ${`+string(currentSecret)+`}")`))).
			For("edge.overload").From(paths...).
			Note("What tickets are signed with: made from the origin secret, and changed with it. Whoever holds a ticket then draws a new one"),
		terraform.Resource("aws_cloudfrontkeyvaluestore_key", "waiting_room_waiting",
			set("key_value_store_arn", kvs), set("key", "waiting"), set("value", "0"),
			nest("lifecycle", set("ignore_changes", []terraform.Expr{"value"}))).
			For("edge.overload").From(paths...).
			Note("How many visitors wait; 0 lets everybody in. Whoever is on call changes it, and terraform leaves it alone"),
		alarmOf(p, alarmSpec{
			label: "waiting_room", provider: render.ProviderGlobal,
			what:      fmt.Sprintf("More than %d requests a second come to %s: open the waiting room (functions/waiting-room.js says how)", w.Admit, w.Path),
			namespace: "AWS/CloudFront", metric: "FunctionInvocations", statistic: "Sum", above: w.Admit * 60, periods: 2,
			dimensions: terraform.Obj("FunctionName", render.Name(p, "waiting-room"), "Region", "Global"),
		}).For("edge.overload").From(paths...),
	)
}

// setting is a function's source with the number of a constant of it.
func setting(file, name string, value int) string {
	line := regexp.MustCompile(`(?m)^const ` + name + ` = \d+;`)
	return line.ReplaceAllLiteralString(codeOf(file), fmt.Sprintf("const %s = %d;", name, value))
}

// edgeFunction is a CloudFront function with a key value store of its own.
func edgeFunction(p *platform.Platform, label, name, code string, controls, paths []string, store string) []render.Resource {
	kvs := terraform.Expr("aws_cloudfront_key_value_store." + label + ".arn")
	file := "functions/" + name + ".js"
	return []render.Resource{
		&render.Text{Path: "terraform/" + file, Content: code},
		terraform.Resource("aws_cloudfront_key_value_store", label,
			set("name", render.Name(p, name))).For(controls...).From(paths...).Note(store),
		terraform.Resource("aws_cloudfront_function", label,
			set("name", render.Name(p, name)), set("runtime", "cloudfront-js-2.0"), set("publish", true),
			set("code", terraform.Expr(`file("${path.module}/`+file+`")`)),
			set("key_value_store_associations", []terraform.Expr{kvs})).For(controls...).From(paths...),
	}
}
