// Package eval evaluates a Terraform configuration without Terraform, without
// providers and without a cloud.
//
// It reads the *.tf and *.tf.json files of a directory, the values of its
// variables and the modules it calls, and answers with every resource instance
// and its arguments:
//
//	conf := eval.Dir(os.DirFS("."), "terraform", eval.Options{})
//	for _, in := range conf.Instances {
//		fmt.Println(in.Addr, in.Args.At("bucket"))
//	}
//
// It is not Terraform: there is no state, no plan and no schema to validate
// against. What only an apply could tell stays unknown, in two ways. A string
// attribute that a provider computes is carried through every template and
// jsonencode as a placeholder and comes out as ${aws_s3_bucket.logs.arn} with a
// reference, so that a policy keeps its shape. Everything made from one by
// other means (a length, a hash, a condition) is unknown with its reason.
//
// Reading never gives up: a file that does not parse, a module that is not
// there or a function that fails leaves a problem or a gap, and the rest is
// evaluated. Whatever the input, the work and the memory are bounded, see
// limits.go. The same files give the same answer.
package eval
