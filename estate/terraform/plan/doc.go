// Package plan reads the JSON that Terraform prints: a plan or a state from
// terraform show -json, or a terraform.tfstate of version 4.
//
//	switch plan.Sniff(fsys, "plan.json") {
//	case "terraform plan", "terraform state":
//		conf := plan.Read(fsys, "plan.json", func(in config.Instance) {
//			fmt.Println(in.Addr, in.Args.At("bucket"))
//		})
//		fmt.Println(conf.Problems)
//	}
//
// What comes out is what package eval makes of the HCL, with the values that
// only Terraform and its providers knew. Where the two differ in form:
//
//   - A null, an empty list and an empty map are left out: a plan cannot tell
//     them from an argument that nobody wrote, and no reader should.
//   - What is known only after apply is an Unknown node. Its Refs are worked
//     out from the references in the plan's configuration section, through
//     module calls and outputs. Locals are not in a plan; a value that depends
//     on one says so and may lack references.
//   - A computed attribute that nobody wrote and that is not known yet is left
//     out: it says nothing.
//   - The references of dynamic blocks are not in a plan either, and a wholly
//     unknown dynamic block cannot be told from a computed one that nobody
//     wrote; it is left out.
//   - Inline rules and routes (ingress of aws_security_group, route of
//     aws_route_table) share one list of references: each keeps those that fit
//     its argument, which may be more than it has.
//
// Reading streams: the memory it needs is that of the configuration section,
// the addresses and the largest resource, however long the file. Columns in
// positions are in bytes, since such files have one line.
//
// It reads no HCL (package eval does), runs no Terraform and knows no resource
// type.
package plan
